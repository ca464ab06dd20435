"""Which rows are read by others only in a state their tenant puts them in: published, and so open as policies say.

What others read is put into another state, with the subject's own rows as they were. Where it is then out of sight,
the state opened it; a membership or role of the subject's would still show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tenantry.blueprint.context import texts_behind
from tenantry.catalog.model import Catalog, Column, Relation
from tenantry.verify.attack import Target
from tenantry.verify.conditions import Compared, compared, is_free
from tenantry.verify.judge import Try
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.stage import Stage
from tenantry.verify.synthesis.build import Builder
from tenantry.verify.synthesis.row import Side
from tenantry.verify.synthesis.value import candidates

__all__ = ["published"]

_MOST_VALUES = 6
# Whether a row is in use says nothing of who may see it.
_IN_USE = re.compile(r"activ|enabl|disabl|delet|archiv|remov|bann|suspend|confirm|accept|valid", re.IGNORECASE)
_TIES_USERS = re.compile(r"member|invit|access|share|grant|collaborator|participant|follow|friend")

Keyed = Mapping[tuple[str, str, str, str], Try]


def published(stage: Stage, builder: Builder, tries: Keyed) -> dict[tuple[str, str, str, str], tuple[str, ...]]:
    """Give those of the tries that leak because of a state of what is read, with the columns that make the state."""
    asked = compared(stage.catalog)
    columns = {one.relation.oid: dict(_columns(stage, asked, one.relation)) for one in tries.values() if _is_read(one)}
    wanted = {place: column for found in columns.values() for place, column in found.items()}
    if not wanted:
        return {}
    rows = dict(builder.world.rows)
    with stage.undone():
        closed = {place for place, column in wanted.items() if _close(stage, builder, asked, place, column)}
        told = {
            key: tuple(sorted(_title(stage, one.relation, place) for place in closed & set(columns[one.relation.oid])))
            for key, one in tries.items()
            if _is_read(one) and closed & set(columns[one.relation.oid]) and _is_out_of_sight(stage, one)
        }
    builder.world.rows = rows
    return told


def _is_read(one: Try) -> bool:
    is_leak = one.attack.verb is Verb.SELECT and one.result.verdict is Verdict.LEAK
    return is_leak and one.relation.rls and not one.conditions


def _columns(stage: Stage, asked: Compared, relation: Relation) -> Iterator[tuple[tuple[int, str], Column]]:
    """Give the columns of the table, and of those its policies read, by whose constants rows may be published."""
    catalog = stage.catalog
    words = _words_behind(catalog, relation.oid)
    for (oid, name), constants in asked.items():
        table = catalog.relations[oid]
        column = table.by_column[name]
        is_named = oid == relation.oid or (table.name in words and not _TIES_USERS.search(table.name))
        in_use = _IN_USE.search(name) or all(_IN_USE.search(value) for value in constants)
        if is_named and not in_use and name in words and is_free(catalog, stage.ownership, table, column):
            yield (oid, name), column


def _words_behind(catalog: Catalog, oid: int) -> set[str]:
    """Give the words of a table's policies, and of those of the tables they read in turn."""
    words: set[str] = set()
    seen, ahead = {oid}, [oid]
    while ahead:
        said = set(re.findall(r"\w+", " ".join(texts_behind(catalog, ahead.pop()))))
        words |= said
        more = [one for one in catalog.policies_of if one not in seen and catalog.relations[one].name in said]
        seen.update(more)
        ahead.extend(more)
    return words


def _close(stage: Stage, builder: Builder, asked: Compared, place: tuple[int, str], column: Column) -> bool:
    """Put the other tenant's row into a state that no policy asks for."""
    relation, row = stage.catalog.relations[place[0]], builder.world.row(place[0], Side.THEIRS)
    if row is None:
        return False
    checks = " ".join(one.expression for one in stage.catalog.checks.get(relation.oid, ()))
    values = candidates(stage.catalog, column, f"'private' 'draft' {checks}", side=str(Side.THEIRS))
    others = [value for value in values if value not in asked[place] and value != row.values[column.name]]
    return any(builder.restate(relation, Side.THEIRS, {column.name: value}) for value in others[:_MOST_VALUES])


def _is_out_of_sight(stage: Stage, one: Try) -> bool:
    stage.doing = one.relation.title
    with stage.acting(one.asker):
        again = one.attack.run(Target(stage, one.asker, one.relation))
    return again is not None and again.verdict in (Verdict.DENIED, Verdict.OWN_ROWS)


def _title(stage: Stage, relation: Relation, place: tuple[int, str]) -> str:
    oid, name = place
    return name if oid == relation.oid else f"{stage.catalog.relations[oid].name}.{name}"
