"""How tenantry.toml becomes a Blueprint, and what is said when it cannot."""

from __future__ import annotations

from pathlib import Path

from tenantry.blueprint.check import examined
from tenantry.blueprint.fault import in_one_line
from tenantry.blueprint.model import Blueprint
from tenantry.errors import BlueprintInvalid

__all__ = ["bytes_of", "load"]


def load(path: Path) -> Blueprint:
    """Read a blueprint file; every fault is named with its line and key in a ``BlueprintInvalid``."""
    found = examined(bytes_of(path))
    if found.blueprint is None or found.faults:
        raise BlueprintInvalid(in_one_line(str(path), found.faults))
    return found.blueprint


def bytes_of(path: Path) -> bytes:
    """Read a file, or say in a ``BlueprintInvalid`` why it cannot be."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BlueprintInvalid(f"{path} cannot be read: {error.strerror}.") from error
