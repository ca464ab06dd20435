"""Insert a row that belongs to another tenant."""

from __future__ import annotations

from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.planting import planted
from tenantry.verify.reach import no_privilege, owner_values, refused, unbuilt
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row


def _run(target: Target) -> Result:
    if not target.may_some("INSERT"):
        return no_privilege("INSERT")
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    outcome = _again(target, theirs)
    if outcome.is_refusal:
        # why: what is left to the server may name the subject itself, as a policy then demands
        sparing = _again(target, theirs, frozenset(_needed(target)))
        outcome = outcome if sparing.failed else sparing
    if not outcome.failed and outcome.seen:
        if _makes_an_owner(target):
            return Result(Verdict.OWN_ROWS, "makes a new tenant or user, which takes nobody's rows")
        return Result(Verdict.LEAK, "the row landed with the other tenant", outcome.statement)
    if outcome.failed and not outcome.is_refusal:
        return refused(outcome)
    own = _again(target, target.mine) if target.mine else Outcome(sqlstate="42501")
    if not own.failed:
        return Result(Verdict.OWN_ROWS, outcome.reason or "the row did not land with the other tenant")
    return Result(Verdict.DENIED, outcome.reason or "the row did not land")


def _again(target: Target, row: Row, only: frozenset[str] = frozenset()) -> Outcome:
    """Insert the very row that was built, taken away first: its values are known to satisfy every constraint.

    ``only`` names the columns to give; the server's defaults fill the others.
    """
    values = {name: value for name, value in row.values.items() if not only or name in only}
    # why: a row without key and owner is recognised by everything it holds
    marks = [name for name, _ in (*owner_values(target, row), *_key(target, row))] or list(row.values)
    return planted(target, row, values, marks)


def _needed(target: Target) -> list[str]:
    """Give the columns that say which row it is and whose, and those that have no default and must be given."""
    stage, oid = target.stage, target.relation.oid
    named = {*stage.ownership.owner_of(oid).columns, *stage.catalog.primary_key_of.get(oid, ())}
    return [
        column.name
        for column in target.relation.columns
        if column.name in named or (column.not_null and not column.default and not column.identity)
    ]


def _key(target: Target, row: Row) -> list[tuple[str, str | None]]:
    names = target.stage.catalog.primary_key_of.get(target.relation.oid, ())
    return [(name, row.values[name]) for name in names if name in row.values]


def _makes_an_owner(target: Target) -> bool:
    owner = target.stage.ownership.owner_of(target.relation.oid)
    return target.is_owned and not owner.path


ATTACK = RelationAttack(
    code="A02",
    name="rows_planted",
    verb=Verb.INSERT,
    claim="A subject inserts no row that belongs to another tenant.",
    expect="error 42501",
    sabotage="alter policy note_floor on app.note with check (true)",
    message="{subject} inserts rows that belong to another tenant into {relation}.",
    meaning="Forged rows appear among another tenant's own: bookings, invoices, members, messages.",
    run=_run,
)
