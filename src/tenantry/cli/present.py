"""How a report leaves a command: dismissals and baseline applied, written in a format, turned into a status."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tenantry.blueprint.model import Blueprint
from tenantry.errors import BaselineMissing, TenantryError
from tenantry.verify.model import Level, Report
from tenantry.verify.report import Format, Options, dismissal, render
from tenantry.verify.report import baseline as known
from tenantry.verify.report.dismissal import Dismissal

__all__ = ["Formats", "checked_dismissals", "present"]

Formats = Annotated[Format, typer.Option("--format", "-f", help="How to write the report.")]


def checked_dismissals(blueprint: Blueprint) -> tuple[Dismissal, ...]:
    """Give the blueprint's dismissals, refused before anything runs if one has expired."""
    found = tuple(Dismissal(item.code, item.relation, item.reason, item.until) for item in blueprint.dismiss)
    dismissal.check(found, date.today())
    return found


def present(
    report: Report,
    output: Format,
    *,
    dismissals: Sequence[Dismissal],
    baseline: Path | None,
    fail_at: Level,
    verbose: bool,
    source: Path | None,
) -> int:
    """Write the report to standard output and give the exit status."""
    report = dismissal.apply(report, dismissals, date.today())
    if baseline is not None:
        report = _against(report, baseline, fail_at)
    options = Options(
        fail_at=fail_at,
        verbose=verbose,
        width=shutil.get_terminal_size().columns,
        colour=sys.stdout.isatty(),
        source=str(source) if source else "database",
    )
    sys.stdout.write(render(report, output, options))
    sys.stdout.flush()
    return report.exit_status(fail_at=fail_at)


def _against(report: Report, file: Path, fail_at: Level) -> Report:
    """Compare with the baseline file: write the first, shrink a later one, and let new findings fail the run."""
    if os.environ.get("CI") and not file.exists():
        raise BaselineMissing(f"The baseline {file} is not there.")
    try:
        before = known.load(file.read_text(encoding="utf-8")) if file.exists() else None
        held = before or known.update(None, report, fail_at=fail_at)
        after = known.apply(report, held)
        if before is None:
            file.write_text(known.dump(held), encoding="utf-8")
            sys.stderr.write(f"tenantry: wrote {len(held.findings)} known findings to {file}; review and commit it.\n")
        elif not after.unproven and after.exit_status(fail_at=fail_at) == 0:
            # why: what was not tried this time is not gone, and new findings must not be hidden by a shrinking
            file.write_text(known.dump(known.update(before, after, fail_at=fail_at)), encoding="utf-8")
    except OSError as error:
        raise TenantryError(f"The baseline {file} cannot be read or written: {error.strerror}.") from error
    return after
