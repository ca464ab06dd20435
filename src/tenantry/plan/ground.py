"""The journal's tables, which stand in the schema tenantry before anything else can be noted."""

from __future__ import annotations

from functools import cache
from importlib import resources

from tenantry.plan.object import Object, Phase
from tenantry.sql import library

__all__ = ["ground"]

_FILES = ("plan.table", "step.table", "object.table")


@cache
def ground() -> tuple[Object, ...]:
    """Give the tables of the journal in the order they are made; role and schema come with the context."""
    return tuple(_object(name) for name in _FILES)


def _object(name: str) -> Object:
    file = library.read(resources.files("tenantry.plan") / "sql" / f"{name}.sql")
    return Object(
        id=file.header["object"],
        phase=Phase.JOURNAL,
        why=file.header["about"],
        create=(file.body.strip().removesuffix(";"),),
        drop=(file.header["undo"],),
    )
