"""Which unique indexes lead with the owner, so that no tenant collides with another's values."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Index, Relation
from tenantry.sql.name import identifier, spelled
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant, named

__all__ = ["of"]

_TOLD = ("B06", "B07")
_GUESSABLE = frozenset("NSDE")  # numbers, words, dates, enums (pg_type.typcategory)
_INDEX = "tenantry_mutant"


def of(ground: Ground, relation: Relation) -> Iterator[Mutant]:
    """Give, for each unique index that holds the owner's columns, the index without them."""
    owner = set(ground.ownership.owner_of(relation.oid).columns)
    seen: set[tuple[str, ...]] = set()
    for index in ground.catalog.indexes_of.get(relation.oid, ()):
        rest = tuple(name for name in index.columns if name not in owner)
        if _is_fenced(index, owner) and rest and rest not in seen and not _needs_more(relation, rest):
            seen.add(rest)
            yield _mutant(ground, relation, index, rest)


def _is_fenced(index: Index, owner: set[str]) -> bool:
    return index.is_unique and index.is_valid and all(index.columns) and bool(owner & set(index.columns))


def _needs_more(relation: Relation, rest: tuple[str, ...]) -> bool:
    """Say whether the server would refuse the index: a partitioned table's must hold the partition key."""
    return bool(set(relation.partition_columns) - set(rest))


def _mutant(ground: Ground, relation: Relation, index: Index, rest: tuple[str, ...]) -> Mutant:
    predicate = sql.SQL(" where {}").format(spelled(index.predicate)) if index.predicate else sql.SQL("")
    return Mutant(
        control=f"unique within the owner: {index.name} on {relation.title}",
        statement=sql.SQL("create unique index {} on {} ({}){}").format(
            identifier(f"{_INDEX}_{index.oid}"), named(relation), sql.SQL(", ").join(map(identifier, rest)), predicate
        ),
        touched=(relation.oid,),
        killers=_TOLD,
        equivalent=_hidden(ground, relation, rest),
        group="grant",
    )


def _hidden(ground: Ground, relation: Relation, rest: tuple[str, ...]) -> str:
    if not ground.holders(relation, ("INSERT",)):
        return "E1: no attacked role may insert here, so none can collide"
    kinds = [ground.catalog.types[relation.by_column[name].type_oid] for name in rest if name in relation.by_column]
    random = [name for name, kind in zip(rest, kinds, strict=False) if kind.category not in _GUESSABLE]
    return f"E11: {', '.join(random)} holds random keys, so that colliding takes knowing one" if random else ""
