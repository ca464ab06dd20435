"""Which verbs there are."""

from __future__ import annotations

import typer

from tenantry import __version__
from tenantry.cli import check, init, keys, lint, personas, plan, plan_file, verify
from tenantry.cli.ending import ending_in_a_sentence

__all__ = ["app", "main"]

app = typer.Typer(
    name="tenantry",
    help="Prove who can read or write whose rows in a multi-tenant PostgreSQL database.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("verify")(verify.verify)
app.command("lint")(lint.lint)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("personas")(personas.personas)
app.command("plan")(plan.plan)
app.command("approve")(plan_file.approve)
app.command("apply")(plan.apply)
app.command("undo")(plan.undo)
app.command("drift")(plan.drift)
app.command("reconcile")(plan.reconcile)
app.add_typer(keys.app)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"tenantry {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        callback=lambda wanted: _version(wanted=wanted),
        is_eager=True,
        help="Say the version and stop.",
    ),
) -> None:
    """Prove who can read or write whose rows in a multi-tenant PostgreSQL database."""


def main() -> None:
    """Run the command line. Exit status: 0 clean, 1 findings, 2 could not verify (also wrong usage)."""
    with ending_in_a_sentence():
        app()
