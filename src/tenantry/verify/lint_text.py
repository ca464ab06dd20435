"""How the query of a lint is put together from its own text and the shared queries it names.

A shared query stands once, in ``lints/shared/<name>.sql``: ``-- about:`` says what it gives, ``-- uses:`` names the
shared queries it reads, ``-- materialized:`` says why it must be run once and kept, where that matters. A lint
names in its own ``-- uses:`` what it reads itself; what that needs in turn is found. The shared queries come
first, so a lint may go on with its own ``with``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.resources.abc import Traversable

from tenantry.sql import library

__all__ = ["SharedQuery", "assemble", "read_shared"]

_WITH = re.compile(r"with(?: recursive)?\s")


@dataclass(frozen=True)
class SharedQuery:
    """A query that several lints read from by its name."""

    name: str
    about: str
    uses: tuple[str, ...]
    is_materialized: bool
    body: str


def read_shared(folder: Traversable) -> dict[str, SharedQuery]:
    """Read every shared query, each after those it uses; ``graphlib.CycleError`` if there is no such order."""
    files = (library.read(file) for file in folder.iterdir() if file.name.endswith(".sql"))
    found = {query.name: query for query in map(_shared_query, sorted(files, key=lambda file: file.name))}
    for query in found.values():
        _refuse_unknown(query.uses, found, where=f"shared/{query.name}.sql")
    order = TopologicalSorter({query.name: query.uses for query in found.values()}).static_order()
    return {name: found[name] for name in order}


def assemble(lint: library.SqlFile, shared: Mapping[str, SharedQuery]) -> str:
    """Give the lint's query with the shared queries it needs before it; ``shared`` is in order."""
    uses = _uses(lint)
    _refuse_unknown(uses, shared, where=lint.name)
    needed = _closure(uses, shared)
    if not needed:
        return lint.body
    defined = ",\n".join(_defined(query) for query in shared.values() if query.name in needed)
    own = _WITH.match(lint.body)
    rest = f",\n{lint.body[own.end() :]}" if own else f"\n{lint.body}"
    # why: without effect where nothing recurs, and needed wherever something does
    return f"with recursive {defined}{rest}"


def _shared_query(file: library.SqlFile) -> SharedQuery:
    return SharedQuery(
        name=file.name.removesuffix(".sql"),
        about=file.header["about"],
        uses=_uses(file),
        is_materialized="materialized" in file.header,
        body=file.body,
    )


def _uses(file: library.SqlFile) -> tuple[str, ...]:
    return tuple(name.strip() for name in file.header.get("uses", "").split(",") if name.strip())


def _refuse_unknown(uses: Collection[str], shared: Collection[str], *, where: str) -> None:
    if unknown := sorted(set(uses) - set(shared)):
        raise LookupError(f"{where} uses {', '.join(unknown)}: no such file in lints/shared.")


def _closure(uses: Collection[str], shared: Mapping[str, SharedQuery]) -> set[str]:
    return set(uses).union(*(_closure(shared[name].uses, shared) for name in uses))


def _defined(query: SharedQuery) -> str:
    kept = "materialized " if query.is_materialized else ""
    return f"{query.name} as {kept}(\n{query.body})"
