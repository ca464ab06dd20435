"""How tenantry.toml becomes a Blueprint, and what is said when it cannot."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tenantry.blueprint.model import Blueprint
from tenantry.errors import BlueprintInvalid

__all__ = ["load"]


def load(path: Path) -> Blueprint:
    """Read a blueprint file; every fault is named with its key in a ``BlueprintInvalid``."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BlueprintInvalid(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BlueprintInvalid(f"{path} is not TOML: {error}.") from error
    try:
        return Blueprint.model_validate(content)
    except ValidationError as error:
        raise BlueprintInvalid(f"{path}: {_faults(error)}.") from error


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {_words(fault)}" for fault in error.errors())


def _words(fault: ErrorDetails) -> str:
    """Say what is wrong; a dot in a key of TOML makes a table in a table, which nobody means here."""
    place = [str(part) for part in fault["loc"]]
    if fault["type"] == "extra_forbidden" and place[0] == "tables" and isinstance(fault["input"], dict):
        return f'A name with a dot is one key in quotes: [tables."{".".join(place[1:])}"]'
    return fault["msg"]
