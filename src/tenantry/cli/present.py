"""How a report leaves a command: dismissals and baseline applied, written in a format, turned into a status."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tenantry.blueprint.model import Blueprint
from tenantry.errors import BaselineInvalid, BaselineMissing, OutputFailed
from tenantry.verify.model import Level, Report
from tenantry.verify.report import Format, Options, dismissal, render
from tenantry.verify.report import baseline as known
from tenantry.verify.report.baseline import Baseline
from tenantry.verify.report.dismissal import Dismissal

__all__ = ["Formats", "checked_dismissals", "known_findings", "present"]

Formats = Annotated[Format, typer.Option("--format", "-f", help="How to write the report.")]


def checked_dismissals(blueprint: Blueprint) -> tuple[Dismissal, ...]:
    """Give the blueprint's dismissals, refused before anything runs if one has expired."""
    found = tuple(Dismissal(item.code, item.relation, item.reason, item.until) for item in blueprint.dismiss)
    dismissal.check(found, date.today())
    return found


def known_findings(file: Path | None) -> Baseline | None:
    """Read the baseline before anything runs; none if there is no file to read yet, which a build server refuses."""
    if file is None:
        return None
    if file.exists():
        return _read(file)
    if not file.parent.is_dir():
        raise BaselineInvalid(f"The baseline {file} cannot be written: {file.parent} is no directory.")
    if os.environ.get("CI"):
        raise BaselineMissing(f"The baseline {file} is not there.")
    return None


def _read(file: Path) -> Baseline:
    try:
        return known.load(file.read_text(encoding="utf-8"))
    except BaselineInvalid as error:
        raise BaselineInvalid(f"The baseline {file} {error.args[0]}") from error
    except UnicodeDecodeError as error:
        raise BaselineInvalid(f"The baseline {file} is no text in UTF-8.") from error
    except OSError as error:
        raise BaselineInvalid(f"The baseline {file} cannot be read: {error.strerror}.") from error


def present(
    report: Report,
    output: Format,
    *,
    dismissals: Sequence[Dismissal],
    baseline: Path | None,
    before: Baseline | None,
    fail_at: Level,
    verbose: bool,
    source: Path | None,
) -> int:
    """Write the report to standard output and give the exit status; ``before`` is what the baseline file held."""
    report = dismissal.apply(report, dismissals, date.today())
    if baseline is not None:
        report = _against(report, baseline, before, fail_at)
    options = Options(
        fail_at=fail_at,
        verbose=verbose,
        width=shutil.get_terminal_size().columns,
        colour=sys.stdout is not None and sys.stdout.isatty(),
        source=str(source) if source else "database",
    )
    _write(render(report, output, options))
    return report.exit_status(fail_at=fail_at)


def _write(text: str) -> None:
    if sys.stdout is None:
        raise OutputFailed("The report could not be written: standard output is closed.")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        # why: what is left in the buffer would be tried again at the very end, and fail again
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputFailed(f"The report could not be written: {getattr(error, 'strerror', None) or error}.") from error


def _against(report: Report, file: Path, before: Baseline | None, fail_at: Level) -> Report:
    """Compare with the baseline file: write the first, shrink a later one, and let new findings fail the run."""
    held = before or known.update(None, report, fail_at=fail_at)
    after = known.apply(report, held)
    try:
        if before is None:
            file.write_text(known.dump(held), encoding="utf-8")
            sys.stderr.write(f"tenantry: wrote {len(held.findings)} known findings to {file}; review and commit it.\n")
        elif not after.unproven and after.exit_status(fail_at=fail_at) == 0:
            # why: what was not tried this time is not gone, and new findings must not be hidden by a shrinking
            file.write_text(known.dump(known.update(before, after, fail_at=fail_at)), encoding="utf-8")
    except OSError as error:
        raise BaselineInvalid(f"The baseline {file} cannot be written: {error.strerror}.") from error
    return after
