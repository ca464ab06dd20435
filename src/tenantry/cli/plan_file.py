"""The verb approve, and how verbs read and write plan files."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from tenantry.errors import ExportRefused
from tenantry.plan.file import PlanFile, approved
from tenantry.plan.refusal import PlanInvalid

__all__ = ["approve", "loaded", "stored", "summary"]

_LONGEST_NAME = 100

File = Annotated[Path, typer.Argument(metavar="FILE", help="Plan file, as written by plan --out.", show_default=False)]
Who = Annotated[str, typer.Option("--as", help="Who approves: the name others know you by.", show_default=False)]


def approve(file: File, who: Who) -> None:
    """Say, in the plan file, that you read the plan and that it may be applied. No database is asked.

    An approval is as good as the file's own history: keep plan files under version control.
    """
    if not who.strip() or not who.isprintable() or len(who) > _LONGEST_NAME:
        raise typer.BadParameter(f"a name is printable, and of at most {_LONGEST_NAME} letters.", param_hint="--as")
    made = approved(loaded(file), who, datetime.now(UTC))
    stored(file, made)
    typer.echo(summary(made))


def loaded(file: Path) -> PlanFile:
    """Read a plan file. Raises ``PlanInvalid``."""
    try:
        return PlanFile.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanInvalid(f"{file} cannot be read: {error.strerror}.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise PlanInvalid(f"{file} is not a plan that this version of tenantry wrote.") from error


def stored(file: Path, made: PlanFile) -> None:
    """Write a plan file whole or not at all, over nothing but another plan file. Raises ``ExportRefused``."""
    if file.exists():
        _demand_plan(file)
    try:
        with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="utf-8", newline="\n", delete=False) as new:
            new.write(made.text())
        # why: it is born readable by its writer alone, and is to be read by those who approve it
        Path(new.name).chmod(file.stat().st_mode if file.exists() else 0o666 & ~_umask())
        Path(new.name).replace(file)
    except OSError as error:
        raise ExportRefused(f"{file} cannot be written: {error.strerror}.") from error


def summary(made: PlanFile) -> str:
    """Say which plan a file holds, how long it can be applied, and who approved it."""
    names = ", ".join(one.who for one in made.approvers.values())
    approval = f"approved by {names}" if names else "approved by nobody yet"
    return f"Plan file {made.id[:12]}, to be applied until {made.expires_at:%Y-%m-%d %H:%M %Z}, {approval}."


def _demand_plan(file: Path) -> None:
    try:
        loaded(file)
    except PlanInvalid as error:
        raise ExportRefused(f"{file} is there already, and is no plan file.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
