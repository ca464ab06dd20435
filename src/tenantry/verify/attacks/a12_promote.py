"""Take a role for oneself, and see whether it shows rows of another tenant."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.context import texts_behind
from tenantry.blueprint.ownership import is_user_table
from tenantry.blueprint.reference import as_held
from tenantry.catalog.model import Catalog, Relation
from tenantry.catalog.privilege import updatable_columns
from tenantry.sql.name import identifier
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import at_row, inserting, relation_name, sees
from tenantry.verify.synthesis.row import Row
from tenantry.verify.synthesis.standing import Standing
from tenantry.verify.synthesis.value import distinct

_MOST_VICTIMS = 6
_EIGHTH = 8  # tells keys apart from those of rows that were built

Statement = tuple[sql.Composed, list[object]]


def _run(target: Target) -> Result:
    if target.asker.side is None or not target.is_owned:
        return Result(Verdict.DENIED, "no user to promote")
    known = _Known.of(target.stage.catalog, target)
    powers = known.powers(target.relation)
    ways = [way for column, value in powers for way in _ways(target, column, value)] if powers else []
    if not ways:
        return Result(Verdict.DENIED, "no role that the subject could take here")
    hidden = [victim for victim in known.victims(target) if not sees(*victim)]
    for statement in ways:
        for victim, row in hidden:
            if sees(victim, row, after=statement):
                text = statement[0].as_string(None)
                return Result(Verdict.LEAK, f"with that role, rows of {victim.relation.title} are in sight", text)
    return Result(Verdict.DENIED, "no role that could be taken showed another tenant's row")


class _Known:
    """What one database's policies say of roles; read once, since every subject and table asks."""

    last: _Known | None = None

    def __init__(self, catalog: Catalog, target: Target) -> None:
        self.catalog = catalog
        self._standing = Standing(catalog, target.stage.ownership)
        self._texts = {oid: " ".join(texts_behind(catalog, oid)) for oid in catalog.policies_of}

    @classmethod
    def of(cls, catalog: Catalog, target: Target) -> _Known:
        if cls.last is None or cls.last.catalog is not catalog:
            cls.last = cls(catalog, target)
        return cls.last

    def powers(self, relation: Relation) -> list[tuple[str, str]]:
        return self._standing.powers(relation)

    def victims(self, target: Target) -> list[tuple[Target, Row]]:
        """Give rows of the other tenant in tables whose policies read this table."""
        stage, name = target.stage, target.relation.name
        found = (
            (Target(stage, target.asker, relation), row)
            for relation in self.catalog.tables
            if name in self._texts.get(relation.oid, "") and relation.oid != target.relation.oid
            if (row := Target(stage, target.asker, relation).theirs) is not None
        )
        return [(one, row) for one, row in found if one.is_owned and one.may("SELECT")][:_MOST_VICTIMS]


def _ways(target: Target, column: str, value: str) -> Iterator[Statement]:
    """Give the statements by which the subject may take the role: change its own row, or add one."""
    mine = target.mine
    reached = at_row(target, mine) if mine is not None and mine.values.get(column) != value else None
    if reached and column in updatable_columns(target.stage.catalog, target.asker.role, target.relation):
        condition, values = reached
        setter = sql.SQL("update {} set {} = %s where {}")
        yield setter.format(relation_name(target.relation), identifier(column), condition), [value, *values]
    row = mine or target.theirs
    if row is not None and target.may_some("INSERT"):
        yield inserting(target, _as_me(target, row) | {column: value})


def _as_me(target: Target, row: Row) -> dict[str, str | None]:
    """Give the row's values for the subject's own user, under a fresh key."""
    stage, relation, values = target.stage, target.relation, dict(row.values)
    references = stage.ownership.references.get(relation.oid, ())
    for reference in references:
        me = stage.world.row(reference.target, target.asker.side) if target.asker.side else None
        if me is not None and is_user_table(stage.catalog, stage.ownership, reference.target):
            for name, wanted in zip(reference.columns, reference.target_columns, strict=True):
                values[name] = as_held(relation.by_column[name], me.values[wanted])
    taken = {name for reference in references for name in reference.columns}
    for name in stage.catalog.primary_key_of.get(relation.oid, ()):
        if name and name not in taken:
            column = relation.by_column[name]
            values[name] = distinct(stage.catalog, relation, column, side=row.side, number=_EIGHTH)
    return values


ATTACK = RelationAttack(
    code="A12",
    name="role_taken",
    verb=Verb.JOIN,
    claim="A subject cannot give itself a role that shows another tenant's rows.",
    expect="error 42501",
    sabotage="create table app.operator (person_id uuid primary key references app.person (id), role text not null); "
    "grant select, insert on app.operator to app_role; drop policy note_floor on app.note; "
    "alter policy note_use on app.note using (tenant_id = (select substring(current_setting('backtrace_functions', "
    "true) from 't([0-9a-f]{32})')::uuid) or exists (select from app.operator where operator.role = 'super_admin' "
    "and operator.person_id = (select substring(current_setting('backtrace_functions', true) "
    "from 'a([0-9a-f]{32})$')::uuid)))",
    message="{subject} takes a role for itself in {relation}, and then reads rows of another tenant.",
    meaning="Whoever signs up can make an administrator of itself.",
    run=_run,
)
