"""How tenantry.toml becomes a Blueprint, and what is said when it cannot."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

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
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
