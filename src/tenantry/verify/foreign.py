"""Which rows a subject must not see, whether it sees them, and what it would have to say to be somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can_any_column
from tenantry.verify.attack import Target
from tenantry.verify.reach import at_row, relation_name
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

__all__ = [
    "as_side",
    "hidden_rows",
    "is_declared_open",
    "one_per_role",
    "other_keys",
    "reading",
    "sees",
    "title_of",
]

_MOST_TRIED = 60
_SHORTEST_KEY = 1
_NEVER_ANSWERS = frozenset({"42P17", "54001"})  # policies that call themselves, whoever asks


def one_per_role(stage: Stage, channel: str = "") -> list[Asker]:
    """Give one subject a role, its member first; only those of a channel where one is named."""
    rank = {Side.MINE: 0, Side.STRANGER: 1, None: 2}
    chosen: dict[int, Asker] = {}
    for asker in sorted(stage.askers, key=lambda one: rank.get(one.side, 3)):
        if channel in ("", asker.channel):
            chosen.setdefault(asker.role.oid, asker)
    return list(chosen.values())


def title_of(stage: Stage, row: Row) -> str:
    """Name the table a row lies in."""
    return stage.catalog.relations[row.relation].title


def is_declared_open(stage: Stage, relation: Relation) -> bool:
    """Say whether the blueprint declares that everyone may read the table's rows, or that it is not verified."""
    table = stage.ownership.declared.get(relation.oid)
    return table is not None and bool(table.public or table.shared or table.skip)


def hidden_rows(
    stage: Stage, asker: Asker, *, most: int, only: Callable[[Relation], bool] = lambda _: True
) -> list[Row]:
    """Give rows of the other tenant that the subject may query for, behind row security, and does not see.

    Looks at a bounded number of tables, so that its cost does not grow with the database.
    """
    found: list[Row] = []
    with stage.acting(asker):
        for row in _candidates(stage, asker, only)[:_MOST_TRIED]:
            outcome = _look(stage, asker, row)
            if outcome is not None and not outcome.rows and outcome.sqlstate not in _NEVER_ANSWERS:
                found.append(row)
            if len(found) == most:
                break
    return found


def _candidates(stage: Stage, asker: Asker, only: Callable[[Relation], bool]) -> list[Row]:
    found = []
    for (oid, side), row in stage.world.rows.items():
        relation = stage.catalog.relations[oid]
        is_fenced = side is Side.THEIRS and relation.rls and stage.ownership.is_owned(oid) and only(relation)
        is_readable = is_fenced and can_any_column(stage.catalog, asker.role, relation, "SELECT")
        if is_readable and not is_declared_open(stage, relation):
            found.append(row)
    return found


def sees(stage: Stage, asker: Asker, row: Row) -> bool:
    """Say whether the subject, who must be acting, reads the row."""
    outcome = _look(stage, asker, row)
    return outcome is not None and bool(outcome.rows)


def _look(stage: Stage, asker: Asker, row: Row) -> Outcome | None:
    wanted = reading(stage, asker, row)
    return stage.attempt(*wanted) if wanted else None


def reading(stage: Stage, asker: Asker, row: Row) -> tuple[sql.Composed, list[object]] | None:
    """Give the query that reads this row, one text column wide; nothing if the role may read no column."""
    relation = stage.catalog.relations[row.relation]
    reached = at_row(Target(stage, asker, relation), row)
    if reached is None:
        return None
    condition, values = reached
    return sql.SQL("select 'seen' from {} where {}").format(relation_name(relation), condition), values


# -- being somebody else --------------------------------------------------------------------------------


def as_side(stage: Stage, asker: Asker, side: Side) -> Asker:
    """Give the subject as it would be on another side: every key of its own replaced by that side's."""
    swap = _swapper(_pairs(stage, asker.side or Side.MINE, side))
    return replace(
        asker,
        side=side,
        settings=tuple((name, swap(text)) for name, text in asker.settings),
        statements=tuple((text, tuple(map(swap, values))) for text, values in asker.statements),
    )


def other_keys(stage: Stage, side: Side) -> list[str]:
    """Give the keys that may name a side in a context: its tenant's and its user's."""
    anchors = stage.ownership.anchors
    found = [
        row.values.get(column)
        for table, column in ((anchors.tenants, anchors.tenant_key), (anchors.users, anchors.user_key))
        if (row := stage.world.row(table, side)) is not None
    ]
    virtual = [
        row.values.get(column)
        for (_, owner), row in stage.world.rows.items()
        if owner is side
        for column in anchors.tenant_columns
    ]
    return list(dict.fromkeys(value for value in [*found, *virtual[:200]] if value))


def _pairs(stage: Stage, mine: Side, theirs: Side) -> dict[str, str]:
    """Match keys, references and mail addresses of two sides, table by table; anchors come first."""
    pairs = dict(zip(other_keys(stage, mine), other_keys(stage, theirs), strict=False))
    for (oid, side), row in stage.world.rows.items():
        other = stage.world.row(oid, theirs)
        if side is mine and other is not None:
            for name in _telling(stage, oid):
                before, after = row.values.get(name), other.values.get(name)
                if before and after and len(before) > _SHORTEST_KEY:
                    pairs.setdefault(before, after)
    return pairs


def _telling(stage: Stage, oid: int) -> Iterator[str]:
    yield from (name for name in stage.catalog.primary_key_of.get(oid, ()) if name)
    yield from (name for ref in stage.ownership.references.get(oid, ()) for name in ref.columns)
    yield from (column.name for column in stage.catalog.relations[oid].columns if "mail" in column.name)


def _swapper(pairs: dict[str, str]) -> Callable[[str], str]:
    """Give the function that replaces whole keys in a text, dashes of a uuid or not."""
    known = pairs | {
        before.replace("-", ""): after.replace("-", "") for before, after in pairs.items() if _is_uuid(before)
    }
    if not known:
        return lambda text: text
    words = sorted(known, key=len, reverse=True)
    # why: 32 hex digits may stand glued to a letter, other keys stand alone
    pattern = re.compile(
        "|".join(
            re.escape(word) if re.fullmatch("[0-9a-f]{32}", word) else rf"(?<![\w-]){re.escape(word)}(?![\w-])"
            for word in words
        )
    )
    return lambda text: pattern.sub(lambda found: known[found.group()], text)


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None
