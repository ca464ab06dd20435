"""The verb verify: lint and attack a database, and say who can read or write whose rows."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from tenantry.blueprint.model import Blueprint
from tenantry.cli.choices import BaselineFile, BlueprintFile, FailAt, Url, Verbose, chosen_blueprint
from tenantry.cli.present import Formats, checked_dismissals, known_findings, present
from tenantry.cli.progress import progress
from tenantry.context.seal_attack import ATTACK as SEAL
from tenantry.errors import AttackRefused
from tenantry.session.connect import connect
from tenantry.verify.model import Level, Report
from tenantry.verify.options import Options
from tenantry.verify.report import Format
from tenantry.verify.run import verify as run

__all__ = ["verify"]

Mutate = Annotated[bool, typer.Option("--mutate", help="Weaken one control at a time and require an attack to notice.")]
MayWrite = Annotated[bool, typer.Option("--i-may-write", help="Attack even a server that looks like production.")]
CallOutside = Annotated[
    bool, typer.Option("--call-outside", help="Also call functions that may reach outside the transaction.")
]
Timeout = Annotated[
    float, typer.Option("--statement-timeout", help="Longest time for one statement, in seconds.", min=0.1)
]


def verify(
    url: Url = "",
    *,
    blueprint: BlueprintFile = None,
    output: Formats = Format.TEXT,
    baseline: BaselineFile = None,
    fail_at: FailAt = Level.WARNING,
    mutate: Mutate = False,
    may_write: MayWrite = False,
    call_outside: CallOutside = False,
    statement_timeout_s: Timeout = 5.0,
    verbose: Verbose = False,
) -> None:
    """Attack a database as its own roles and report who can read or write whose rows. Everything is rolled back.

    Exit status: 0 clean, 1 findings, 2 could not verify.
    """
    declared, source = chosen_blueprint(blueprint)
    dismissals = checked_dismissals(declared)
    before = known_findings(baseline)
    options = Options(
        may_write=may_write,
        call_outside=call_outside,
        mutate=mutate,
        statement_timeout_ms=int(statement_timeout_s * 1000),
        also=(SEAL,),
    )
    report = _report(url, declared, options)
    status = present(
        report,
        output,
        dismissals=dismissals,
        baseline=baseline,
        before=before,
        fail_at=fail_at,
        verbose=verbose,
        source=source,
    )
    if report.refused:
        raise AttackRefused(f"Nothing was attacked, because this looks like a production server: {report.refused}.")
    raise typer.Exit(status)


def _report(url: str, declared: Blueprint, options: Options) -> Report:
    with connect(url) as connection, progress(sys.stderr) as told:
        return run(connection, declared, replace(options, progress=told, second=lambda: connect(url)))
