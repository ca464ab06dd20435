"""The verb check: read a blueprint and say what is wrong with it, without a database."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tenantry.blueprint.check import examined
from tenantry.blueprint.doubts import Known
from tenantry.blueprint.fault import Fault
from tenantry.blueprint.load import bytes_of
from tenantry.blueprint.schema import json_schema
from tenantry.cli.choices import BLUEPRINT_FILE
from tenantry.context.seal_attack import ATTACK as SEAL
from tenantry.errors import TenantryError
from tenantry.verify.attack import database_attacks, relation_attacks
from tenantry.verify.lint import discover
from tenantry.verify.model import Kind, Level
from tenantry.verify.report.neutral import visible

__all__ = ["BlueprintMissing", "CheckFormat", "check", "known"]

# why: findings that neither a lint nor one attack of its own makes: judge, broken, mutation and interference do
_OTHER_CODES = frozenset({"A10", "A11", "M01", "N01"})


class BlueprintMissing(TenantryError):
    """There is no blueprint to check."""

    code = "TN029"
    way_out = "Name its file, or let `tenantry init URL` write one from a database."


class CheckFormat(StrEnum):
    """How faults are written."""

    TEXT = "text"
    JSON = "json"


File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The blueprint. Without it ./tenantry.toml is read.", show_default=False),
]
Form = Annotated[
    CheckFormat, typer.Option("--format", "-f", help="text: one line a fault. json: a list of the same, for programs.")
]
Schema = Annotated[
    bool, typer.Option("--schema", help="Print the JSON Schema of the blueprint, for editors, and stop.")
]


def check(file: File = BLUEPRINT_FILE, *, form: Form = CheckFormat.TEXT, schema: Schema = False) -> None:
    """Say what is wrong in a blueprint, where, and what to write instead. No database is asked.

    Exit status: 0 fine, 1 something to mend, 2 it could not be read.
    """
    if schema:
        typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return
    if not file.exists():
        raise BlueprintMissing(f"There is no blueprint {file}.")
    found = examined(bytes_of(file))
    faults = sorted((*found.faults, *found.doubts(known(date.today()))), key=lambda fault: fault.place)
    _tell(file, faults, form)
    if faults:
        raise typer.Exit(2 if found.places is None else 1)


def known(today: date) -> Known:
    """Give what is known without a database: the codes of lints and attacks, and the day."""
    attacks = {one.code for one in relation_attacks()} | {one.code for one in (*database_attacks(), SEAL)}
    return Known(
        codes=frozenset(attacks | {one.code for one in discover()}) | _OTHER_CODES,
        dated=frozenset(one.code for one in relation_attacks() if (one.level, one.kind) == (Level.ERROR, Kind.LEAK)),
        today=today,
    )


def _tell(file: Path, faults: list[Fault], form: CheckFormat) -> None:
    if form is CheckFormat.JSON:
        typer.echo(json.dumps([_entry(file, fault) for fault in faults], indent=2, ensure_ascii=False))
        return
    for fault in faults:
        typer.echo(visible(fault.sentence(str(file))))
    if not faults:
        typer.echo(visible(f"{file}: nothing to mend. Whether the database has what it names: tenantry lint URL"))


def _entry(file: Path, fault: Fault) -> dict[str, str | int]:
    return {
        "file": str(file),
        "line": fault.place.line,
        "column": fault.place.column,
        "key": fault.key,
        "message": fault.message,
        "write": fault.write,
    }
