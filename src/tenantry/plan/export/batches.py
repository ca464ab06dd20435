"""How a statement that is repeated until it changes no row becomes one statement that any tool can send."""

from __future__ import annotations

from importlib import resources
from itertools import count

from tenantry.sql import library

__all__ = ["looped"]


def looped(text: str, *, commits: bool) -> str:
    """Give a block that repeats the statement; ``commits`` after each time, which no transaction may be around."""
    tag = next(tag for tag in (f"$batches{number}$" for number in count()) if tag not in text)
    body = library.read(resources.files("tenantry.plan.export") / "sql" / "batches.query.sql").body
    block = body.strip().removesuffix(";").replace("$batches$", tag)
    if not commits:
        block = block.replace("        commit;\n", "")
    return block.replace("perform /* the statement */;", f"{text.strip().removesuffix(';').strip()};")
