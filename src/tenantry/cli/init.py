"""The verb init: guess a blueprint from a live database and write it, commented."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.write import written
from tenantry.catalog.read import read
from tenantry.cli.choices import BLUEPRINT_FILE, Url
from tenantry.errors import BlueprintExists, FileUnwritable, NothingToVerify
from tenantry.session.connect import connect

__all__ = ["init"]


def init(
    url: Url = "",
    *,
    file: Annotated[Path, typer.Option("--blueprint", "-b", help="File to write.")] = BLUEPRINT_FILE,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
) -> None:
    """Guess tenants, users, roles and subjects of a database and write tenantry.toml. Reads the catalog only."""
    if file.is_dir():
        raise FileUnwritable(f"{file} is a directory.")
    if file.exists() and not force:
        raise BlueprintExists(f"{file} is there already.")
    with connect(url) as connection:
        catalog = read(connection)
    if not catalog.tables:
        raise NothingToVerify(f"The database {catalog.server.database} has no table of an application.")
    _write(file, written(catalog, Blueprint()))
    typer.echo(f"Wrote {file}. Read it, mend what was guessed wrong, then run: tenantry verify URL")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileUnwritable(f"{file} cannot be written: {error.strerror}.") from error
