"""The verb verify: lint and attack a database, and say who can read or write whose rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tenantry.cli.choices import BlueprintFile, Url, chosen_blueprint
from tenantry.cli.present import Formats, checked_dismissals, present
from tenantry.cli.progress import progress
from tenantry.errors import AttackRefused
from tenantry.session.connect import connect
from tenantry.verify.model import Level
from tenantry.verify.options import Options
from tenantry.verify.report import Format
from tenantry.verify.run import verify as run

__all__ = ["verify"]


def verify(
    url: Url = "",
    *,
    blueprint: BlueprintFile = None,
    output: Formats = Format.TEXT,
    baseline: Annotated[
        Path | None,
        typer.Option(
            help="File of known findings. Written if absent; afterwards it may only shrink.",
            show_default=False,
        ),
    ] = None,
    fail_at: Annotated[
        Level, typer.Option("--fail-at", help="Lowest level that makes the exit status 1.")
    ] = Level.WARNING,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Weaken one control at a time and require an attack to notice.")
    ] = False,
    may_write: Annotated[
        bool, typer.Option("--i-may-write", help="Attack even a server that looks like production.")
    ] = False,
    call_outside: Annotated[
        bool,
        typer.Option("--call-outside", help="Also call functions that may reach outside the transaction."),
    ] = False,
    statement_timeout_s: Annotated[
        float,
        typer.Option("--statement-timeout", help="Longest time for one statement, in seconds.", min=0.1),
    ] = 5.0,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show everything that is otherwise counted.")
    ] = False,
) -> None:
    """Attack a database as its own roles and report who can read or write whose rows. Everything is rolled back.

    Exit status: 0 clean, 1 findings, 2 could not verify.
    """
    declared, source = chosen_blueprint(blueprint)
    dismissals = checked_dismissals(declared)
    with connect(url) as connection, progress(sys.stderr) as told:
        options = Options(
            may_write=may_write,
            call_outside=call_outside,
            mutate=mutate,
            statement_timeout_ms=int(statement_timeout_s * 1000),
            progress=told,
            second=lambda: connect(url),
        )
        report = run(connection, declared, options)
    status = present(
        report,
        output,
        dismissals=dismissals,
        baseline=baseline,
        fail_at=fail_at,
        verbose=verbose,
        source=source,
    )
    if report.refused:
        raise AttackRefused(f"Nothing was attacked, because this looks like a production server: {report.refused}.")
    raise typer.Exit(status)
