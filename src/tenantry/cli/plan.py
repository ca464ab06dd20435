"""The verbs plan, apply, undo, drift and reconcile: what would change, do it, take it back, what changed since."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from tenantry.blueprint.model import Blueprint
from tenantry.catalog.read import read
from tenantry.cli.choices import BlueprintFile, Url, Verbose, chosen_blueprint
from tenantry.cli.plan_file import loaded, stored, summary
from tenantry.errors import NothingApplied, PlanUnfinished
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.apply import undo as take_back
from tenantry.plan.drift import Drift, drifted
from tenantry.plan.export.write import Target, write
from tenantry.plan.file import demand_usable, filed, place_of
from tenantry.plan.governance import strays
from tenantry.plan.journal import Begun, read_journal
from tenantry.plan.model import Plan
from tenantry.plan.reconcile import reconcile as close_plans
from tenantry.plan.refusal import ApprovalsMissing, RightsMissing
from tenantry.plan.rehearsal import Rehearsal
from tenantry.plan.rehearsal import rehearse as rehearse_plan
from tenantry.plan.rights import missing_rights
from tenantry.plan.scope import scope
from tenantry.plan.show import PlanFormat, shown
from tenantry.session.connect import connect
from tenantry.testing.copied import copied
from tenantry.verify.report.neutral import visible
from tenantry.wanted import planned

__all__ = ["apply", "drift", "plan", "reconcile", "undo"]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PlanFileOption = Annotated[
    Path | None,
    typer.Option("--plan", help="Plan file to apply, as written by plan --out.", show_default=False),
]
RanPlan = Annotated[
    Path | None,
    typer.Option("--plan", help="Plan file that must be among those that ran here.", show_default=False),
]
Form = Annotated[
    PlanFormat,
    typer.Option(
        "--format",
        help="text to read, json for apply --plan, sql to run by hand; with --out, files for psql or another tool.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Plan file to write, for approve and apply --plan; or, with --format sql, dbmate, supabase or alembic, "
        "the directory for the files: the tool's own, usually db for dbmate, supabase, and alembic.",
        show_default=False,
    ),
]
Hours = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="For how many hours the plan file can be applied, in place of [plan] lifetime_h.",
        show_default=False,
    ),
]
Rehearse = Annotated[
    bool,
    typer.Option(
        "--rehearse",
        help="Apply, undo and apply the plan on a copy of the schema, on a server of its own; tell the locks seen.",
    ),
]
Approvals = Annotated[
    int,
    typer.Option(min=0, help="How many people must have approved the plan file; [plan] approvals, if that is more."),
]


_RING = "table tenantry.key_ring"


def plan(
    url: Url = "",
    *,
    blueprint: BlueprintFile = None,
    form: Form = PlanFormat.TEXT,
    out: Out = None,
    lifetime_h: Hours = None,
    rehearse: Rehearse = False,
    verbose: Verbose = False,
) -> None:
    """Show what would change, why, and at what lock; or write it for another tool to run. Nothing is changed.

    Files for another tool note in the journal what they do. Once it has run them: tenantry reconcile URL
    """
    _demand_fitting(form, out)
    declared, _ = chosen_blueprint(blueprint)
    with connect(url) as connection:
        if begun := read_journal(connection).unfinished:
            raise PlanUnfinished(f"{len(begun.done)} of {len(begun.plan.steps)} steps of a plan are done.")
        made = planned(connection, declared)
        rehearsal = _rehearsed(url, connection, made) if rehearse and made.steps else None
        is_file = form is PlanFormat.JSON or (out is not None and form.target is None)
        hours = lifetime_h or declared.plan.lifetime_h
        file = filed(made, place_of(connection), lifetime_h=hours, rehearsal=rehearsal) if is_file else None
    if out and form.target and made.steps:
        for path in write(made, form.target, out):
            typer.echo(path)
    elif file and not out:
        typer.echo(file.text(), nl=False)
    else:
        text = shown(made, PlanFormat.TEXT if out else form, verbose=verbose, rehearsal=rehearsal)
        typer.echo(text, nl=False)
    if file and out:
        stored(out, file)
        typer.echo(summary(file))


def _rehearsed(url: str, connection: psycopg.Connection, made: Plan) -> Rehearsal:
    with copied(url, read(connection)) as copy:
        return rehearse_plan(copy, made, lambda words: typer.echo(words, err=True))


def apply(
    url: Url = "",
    *,
    blueprint: BlueprintFile = None,
    file: PlanFileOption = None,
    approvals: Approvals = 0,
    yes: Yes = False,
) -> None:
    """Do what the blueprint asks for, step by step, each noted in the journal. Run again after any interruption."""
    declared, _ = chosen_blueprint(blueprint)
    with connect(url) as connection, connect(url) as look:
        begun = read_journal(connection).unfinished
        demanded = max(approvals, declared.plan.approvals)
        chosen = _going_on(begun, file) if begun else _chosen(connection, declared, file, demanded)
        typer.echo(shown(chosen, PlanFormat.TEXT), nl=False)
        if not chosen.steps:
            return
        if begun:
            typer.echo(f"This plan was begun and not ended; {len(begun.done)} of its steps are done.")
        if lacking := missing_rights(connection, read(connection), chosen):
            raise RightsMissing(" ".join(lacking))
        if not yes:
            typer.confirm("Apply?", abort=True)
        run_plan(connection, look, chosen, Limits(), typer.echo)
    if _has_ring(chosen):
        typer.echo("No context opens without a key on the ring: tenantry key add URL --id ID --out FILE")
    typer.echo("Applied. Prove it: tenantry verify URL. Take it back: tenantry undo URL")


def _has_ring(plan: Plan) -> bool:
    return any(change.object == _RING for step in plan.steps for change in step.changes)


def _chosen(connection: psycopg.Connection, declared: Blueprint, file: Path | None, approvals: int) -> Plan:
    """Give the plan of a file that may be applied here and now; without a file, one made now."""
    if file is None and approvals:
        raise ApprovalsMissing(f"A plan needs {approvals} approvals here, and only a plan file can have them.")
    if file is None:
        return planned(connection, declared)
    found = loaded(file)
    demand_usable(found, place_of(connection), approvals=approvals)
    typer.echo(summary(found))
    return found.plan


def _going_on(begun: Begun, file: Path | None) -> Plan:
    """Give the plan that was begun: what was allowed to begin may end, also after its file expired."""
    if file and loaded(file).plan.digest != begun.plan.digest:
        raise PlanUnfinished(f"Another plan than that of {file} was begun here: {begun.plan.digest[:12]}.")
    return begun.plan


def undo(url: Url = "", *, yes: Yes = False) -> None:
    """Take the latest plan back, the last step first: every object as it stood before."""
    with connect(url) as connection, connect(url) as look:
        begun = read_journal(connection).last
        if begun is None:
            raise NothingApplied
        typer.echo(f"Plan {begun.plan.digest[:12]}: {len(begun.done)} steps will be taken back.")
        for sentence in _lost(begun.plan):
            typer.echo(sentence)
        if not yes:
            typer.confirm("Undo?", abort=True)
        take_back(connection, look, begun, Limits(), typer.echo)
    typer.echo("Taken back.")


def _lost(plan: Plan) -> Iterator[str]:
    """Say what undoing a plan does not bring back, or may not be able to."""
    if _has_ring(plan):
        yield "The key ring goes with them, and no undo brings its keys back: no token opens a context any more."
    if any(step.inverse_alone for step in plan.steps):
        yield (
            "Keys become unique over all tenants again: where two tenants have the same one by now, undo stops there, "
            "and goes on once one of the rows is gone."
        )


def drift(url: Url = "", *, blueprint: BlueprintFile = None) -> None:
    """Say what changed behind our back since the last apply, and what the blueprint does not speak of.

    That is what the journal knows and became otherwise; roles that gained what no fence holds; roles and tables that
    nothing names. Exit status: 0 nothing, 1 something, 2 could not tell.
    """
    declared, _ = chosen_blueprint(blueprint)
    with connect(url) as connection:
        journal = read_journal(connection)
        if journal.last is None:
            raise NothingApplied
        if begun := journal.unfinished:
            raise PlanUnfinished(f"{len(begun.done)} of {len(begun.plan.steps)} steps of a plan are done.")
        catalog = read(connection)
    found, unnamed = drifted(catalog, journal), strays(scope(catalog, declared), journal)
    for one in found:
        typer.echo(_told(one))
    for stray in unnamed:
        typer.echo("\n    ".join(map(visible, (f"! {stray.what}", stray.said, f"mend with: {stray.way_out}"))))
    if found:
        typer.echo("To put them back: tenantry plan URL, then tenantry apply URL")
    if found or unnamed:
        raise typer.Exit(1)
    typer.echo("Nothing changed behind our back.")


def reconcile(url: Url = "", *, file: RanPlan = None) -> None:
    """Note what the objects of a plan became that another tool ran, so that drift and undo know them."""
    demanded = loaded(file).plan if file else None
    with connect(url) as connection:
        read_now = close_plans(connection, demanded)
    typer.echo(f"Read and noted: {read_now} objects." if read_now else "Nothing to reconcile.")


def _demand_fitting(form: PlanFormat, out: Path | None) -> None:
    if form.target not in (None, Target.SQL) and out is None:
        raise typer.BadParameter(f"--format {form} writes files: name the tool's directory with --out.")


def _told(one: Drift) -> str:
    lines = difflib.unified_diff(one.became, one.stands, "applied", "now", lineterm="", n=0)
    return "\n".join([f"! {one.object}", *(f"    {line}" for line in lines)])
