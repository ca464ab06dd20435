"""Options that several verbs share, and how a blueprint is found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tenantry.blueprint.load import load
from tenantry.blueprint.model import Blueprint
from tenantry.verify.model import Level

__all__ = ["BLUEPRINT_FILE", "BaselineFile", "BlueprintFile", "FailAt", "Url", "Verbose", "chosen_blueprint"]

BLUEPRINT_FILE = Path("tenantry.toml")

Url = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        envvar="DATABASE_URL",
        help="The database, as postgresql://user:password@host/database.",
        show_default=False,
        show_envvar=True,
    ),
]
BlueprintFile = Annotated[
    Path | None,
    typer.Option(
        "--blueprint",
        "-b",
        help="Blueprint file. Without it ./tenantry.toml is used if it is there.",
        show_default=False,
    ),
]

BaselineFile = Annotated[
    Path | None,
    typer.Option(help="File of known findings. Written if absent; afterwards it may only shrink.", show_default=False),
]
FailAt = Annotated[Level, typer.Option("--fail-at", help="Lowest level that makes the exit status 1.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show everything that is otherwise counted.")]


def chosen_blueprint(file: Path | None) -> tuple[Blueprint, Path | None]:
    """Load the named blueprint, or the one in this directory, or give an empty one: everything is guessed."""
    if file is not None:
        return load(file), file
    if os.path.lexists(BLUEPRINT_FILE):
        return load(BLUEPRINT_FILE), BLUEPRINT_FILE
    return Blueprint(), None
