"""What constraints tell about rows one cannot see: shared by the attacks on keys."""

from __future__ import annotations

from psycopg import sql

from tenantry.blueprint.words import words_of
from tenantry.catalog.model import Column, Index, Relation
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier
from tenantry.verify.attack import Target
from tenantry.verify.foreign import is_declared_open
from tenantry.verify.reach import inserting
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row

__all__ = ["again", "excluded", "is_guessable", "lacks_owner", "names_owner", "targets", "unfenced_uniques"]


_NOTHING = sql.SQL("")
_RANDOM_WORDS = frozenset({"id", "uuid", "uid", "key", "token", "secret", "hash", "nonce", "password", "salt"})


def targets(stage: Stage, asker: Asker) -> list[Target]:
    """Give the owned tables the subject may insert into, where both tenants have a row."""
    found = (Target(stage, asker, relation) for relation in stage.catalog.tables)
    return [
        target
        for target in found
        if target.is_owned
        and not is_declared_open(stage, target.relation)
        and target.may_some("INSERT")
        and target.mine is not None
        and target.theirs is not None
    ]


def is_guessable(stage: Stage, relation: Relation, columns: tuple[str, ...]) -> bool:
    """Say whether values of the columns can be guessed: numbers and words, not random keys kept as text."""
    found = [relation.by_column[name] for name in columns if name in relation.by_column]
    return bool(found) and all(_is_guessable(stage, column) for column in found)


def _is_guessable(stage: Stage, column: Column) -> bool:
    kind = stage.catalog.types[column.type_oid].category
    if kind == "S":
        return (words_of(column.name) or [""])[-1] not in _RANDOM_WORDS
    return kind in ("N", "D", "E")


def names_owner(target: Target, columns: tuple[str, ...]) -> bool:
    """Say whether the columns hold what tells whose row it is."""
    owner = target.stage.ownership.owner_of(target.relation.oid)
    return bool(set(owner.columns) & set(columns))


def lacks_owner(target: Target, index: Index) -> bool:
    """Say whether a unique index spans tenants: it is whole, of plain columns, and none names the owner."""
    plain = bool(index.columns) and all(index.columns)
    return index.is_unique and not index.predicate and plain and not names_owner(target, index.columns)


def unfenced_uniques(target: Target) -> list[Index]:
    """Give the unique indexes of an owned table that span tenants and whose columns the subject may fill."""
    catalog, relation = target.stage.catalog, target.relation
    return [
        index
        for index in catalog.indexes_of.get(relation.oid, ())
        if lacks_owner(target, index)
        and all(can(catalog, target.asker.role, relation, "INSERT", column=name) for name in index.columns)
    ]


def again(target: Target, changes: dict[str, str | None], *, tail: sql.Composable = _NOTHING) -> Outcome:
    """Insert the subject's own row anew, taken away first, with these values changed."""
    mine = target.mine
    assert mine is not None
    statement, values = inserting(target, {**mine.values, **changes})
    return target.stage.attempt(statement + tail, values, before=lambda: _make_room(target, mine))


def _make_room(target: Target, row: Row) -> None:
    target.stage.remove(row)
    # why: a deferred constraint would speak only at commit, which never comes
    target.stage.connection.execute("set constraints all immediate")


def excluded(column: str) -> sql.Composed:
    """Give the assignment that keeps an upsert's column as proposed."""
    return sql.SQL("{} = excluded.{}").format(identifier(column), identifier(column))
