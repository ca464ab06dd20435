"""The verb lint: read the catalog only, safe for production and for a connection that may not write."""

from __future__ import annotations

import typer

from tenantry.cli.choices import BaselineFile, BlueprintFile, FailAt, Url, Verbose, chosen_blueprint
from tenantry.cli.present import Formats, checked_dismissals, known_findings, present
from tenantry.session.connect import connect
from tenantry.verify.model import Level
from tenantry.verify.options import Options
from tenantry.verify.report import Format
from tenantry.verify.run import lint_only

__all__ = ["lint"]


def lint(
    url: Url = "",
    *,
    blueprint: BlueprintFile = None,
    output: Formats = Format.TEXT,
    baseline: BaselineFile = None,
    fail_at: FailAt = Level.WARNING,
    verbose: Verbose = False,
) -> None:
    """Run the catalog lints alone: read-only, nothing is attacked.

    Exit status: 0 clean, 1 findings, 2 could not run.
    """
    declared, source = chosen_blueprint(blueprint)
    dismissals = checked_dismissals(declared)
    before = known_findings(baseline)
    with connect(url) as connection:
        report = lint_only(connection, declared, Options())
    raise typer.Exit(
        present(
            report,
            output,
            dismissals=dismissals,
            baseline=baseline,
            before=before,
            fail_at=fail_at,
            verbose=verbose,
            source=source,
        )
    )
