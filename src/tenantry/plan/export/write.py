"""Where an export goes: into the directory of the tool that will run it, beside what is there already."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from tenantry.errors import ExportRefused
from tenantry.plan.export import alembic, dbmate, plain, supabase
from tenantry.plan.model import Plan

__all__ = ["Target", "write"]


class Target(StrEnum):
    """A tool that can run a plan."""

    SQL = "sql"
    DBMATE = "dbmate"
    SUPABASE = "supabase"
    ALEMBIC = "alembic"


def write(plan: Plan, target: Target, directory: Path) -> tuple[Path, ...]:
    """Write a plan's files and give their paths. Raises ``ExportRefused``; then nothing was written."""
    try:
        _demand_new(plan, directory)
        files = {directory / name: text for name, text in _files(plan, target, directory).items()}
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a file there is not UTF-8"
        raise ExportRefused(f"{directory} cannot be used: {reason}.") from error
    return tuple(files)


def _files(plan: Plan, target: Target, directory: Path) -> Mapping[str, str]:
    if target is Target.SQL:
        return plain.files(plan)
    if target is Target.ALEMBIC:
        revisions = (file.read_text(encoding="utf-8") for file in (directory / "versions").glob("*.py"))
        return alembic.files(plan, alembic.head_of(revisions), _made_before(directory / alembic.OBJECTS))
    taken = [file.name for file in (directory / "migrations").glob("*.sql")]
    files = dbmate.files if target is Target.DBMATE else supabase.files
    return files(plan, datetime.now(UTC), taken)


def _demand_new(plan: Plan, directory: Path) -> None:
    """Refuse a directory that holds this very plan already: run twice, its steps would fail halfway."""
    for file in (*directory.glob("*/*.sql"), *directory.glob("*/*.py")):
        if plan.digest in file.read_text(encoding="utf-8", errors="replace")[:_WITHIN]:
            raise ExportRefused(f"{file} holds a part of this very plan already.")


_WITHIN = 1000


def _made_before(file: Path) -> tuple[str, ...]:
    """Read which objects earlier exports listed."""
    if not file.is_file():
        return ()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Set):
            return tuple(str(name) for name in ast.literal_eval(node.value))
    return ()
