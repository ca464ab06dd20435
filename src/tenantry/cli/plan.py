"""The verbs plan, apply, undo, drift and reconcile: what would change, do it, take it back, what changed since."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from tenantry.catalog.read import read
from tenantry.cli.choices import BlueprintFile, Url, Verbose, chosen_blueprint
from tenantry.errors import NothingApplied, PlanInvalid, PlanUnfinished
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.apply import undo as take_back
from tenantry.plan.drift import Drift, drifted
from tenantry.plan.export.write import Target, write
from tenantry.plan.governance import strays
from tenantry.plan.journal import read_journal
from tenantry.plan.model import Plan
from tenantry.plan.reconcile import reconcile as close_plans
from tenantry.plan.scope import scope
from tenantry.plan.show import PlanFormat, shown
from tenantry.session.connect import connect
from tenantry.verify.report.neutral import visible
from tenantry.wanted import planned

__all__ = ["apply", "drift", "plan", "reconcile", "undo"]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", help="Plan file to apply, as written by plan --format json.", show_default=False),
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
        help="Directory for the files: the tool's own, which is usually db for dbmate, supabase, and alembic.",
        show_default=False,
    ),
]


_RING = "table tenantry.key_ring"


def plan(
    url: Url = "",
    *,
    blueprint: BlueprintFile = None,
    form: Form = PlanFormat.TEXT,
    out: Out = None,
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
    if out is None or form.target is None or not made.steps:
        typer.echo(shown(made, PlanFormat.TEXT if out else form, verbose=verbose), nl=False)
        return
    for file in write(made, form.target, out):
        typer.echo(file)


def apply(url: Url = "", *, blueprint: BlueprintFile = None, file: PlanFile = None, yes: Yes = False) -> None:
    """Do what the blueprint asks for, step by step, each noted in the journal. Run again after any interruption."""
    declared, _ = chosen_blueprint(blueprint)
    with connect(url) as connection, connect(url) as look:
        begun = read_journal(connection).unfinished
        chosen = begun.plan if begun else _loaded(file) if file else planned(connection, declared)
        typer.echo(shown(chosen, PlanFormat.TEXT), nl=False)
        if not chosen.steps:
            return
        if begun:
            typer.echo(f"This plan was begun and not ended; {len(begun.done)} of its steps are done.")
        if not yes:
            typer.confirm("Apply?", abort=True)
        run_plan(connection, look, chosen, Limits(), typer.echo)
    typer.echo("Applied. Prove it: tenantry verify URL. Take it back: tenantry undo URL")


def undo(url: Url = "", *, yes: Yes = False) -> None:
    """Take the latest plan back, the last step first: every object as it stood before."""
    with connect(url) as connection, connect(url) as look:
        begun = read_journal(connection).last
        if begun is None:
            raise NothingApplied
        typer.echo(f"Plan {begun.plan.digest[:12]}: {len(begun.done)} steps will be taken back.")
        if any(change.object == _RING for step in begun.plan.steps for change in step.changes):
            typer.echo(
                "The key ring goes with them, and no undo brings its keys back: no token opens a context any more."
            )
        if not yes:
            typer.confirm("Undo?", abort=True)
        take_back(connection, look, begun, Limits(), typer.echo)
    typer.echo("Taken back.")


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
    demanded = _loaded(file) if file else None
    with connect(url) as connection:
        read_now = close_plans(connection, demanded)
    typer.echo(f"Read and noted: {read_now} objects." if read_now else "Nothing to reconcile.")


def _demand_fitting(form: PlanFormat, out: Path | None) -> None:
    if form.target is None and out:
        raise typer.BadParameter(f"--out is for files of another tool, and {form} is none.")
    if form.target not in (None, Target.SQL) and out is None:
        raise typer.BadParameter(f"--format {form} writes files: name the tool's directory with --out.")


def _loaded(file: Path) -> Plan:
    try:
        return Plan.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanInvalid(f"{file} cannot be read: {error.strerror}.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise PlanInvalid(f"{file} is not a plan that this version of tenantry wrote.") from error


def _told(one: Drift) -> str:
    lines = difflib.unified_diff(one.became, one.stands, "applied", "now", lineterm="", n=0)
    return "\n".join([f"! {one.object}", *(f"    {line}" for line in lines)])
