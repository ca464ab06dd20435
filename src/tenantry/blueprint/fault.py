"""What is wrong in a blueprint, where, and what to write instead: one value, told alike by every command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tenantry.blueprint.place import Path, Place, Places
from tenantry.blueprint.write import toml_string

__all__ = ["Fault", "fault_at", "in_one_line", "key_of"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LISTS = frozenset({"subject", "dismiss"})
_NAMED = frozenset({"tables", "personas"})
_MOST_TOLD = 3


@dataclass(frozen=True)
class Fault:
    """One fault. ``message`` says what is wrong and ``write`` what to write instead, each in whole sentences."""

    place: Place
    key: str
    message: str
    write: str

    def sentence(self, file: str) -> str:
        """Say all of it in one line that starts as editors and terminals expect: file and line."""
        what = f"{self.key}: {self.message}" if self.key else self.message
        return f"{file}:{self.place.line}: {what} {self.write}"


def fault_at(places: Places, path: Path, message: str, write: str) -> Fault:
    """Make a fault of the key at a path."""
    return Fault(places.of(path), key_of(path), message, write)


def in_one_line(file: str, faults: Sequence[Fault]) -> str:
    """Tell the first faults, and how to see the others."""
    told = " ".join(fault.sentence(file) for fault in faults[:_MOST_TOLD])
    more = len(faults) - _MOST_TOLD
    return f"{told} And {more} more: tenantry check {file}." if more > 0 else told


def key_of(path: Path) -> str:
    """Name a key as it stands in the file: ``[roles] attack``, ``[[subject]] role``, ``[tables."my.plans"] skip``."""
    match path:
        case (str(name), int(), *rest) if name in _LISTS:
            head = f"[[{name}]]"
        case (str(name), str(key), *rest) if name in _NAMED:
            head = f"[{name}.{toml_string(key)}]"
        case (str(name), str(key), *more):
            head, rest = f"[{name}]", [key, *more]
        case _:
            head, rest = "", list(path)
    return " ".join(filter(None, [head, _inner(rest)]))


def _inner(rest: Sequence[str | int]) -> str:
    names = ".".join(_as_key(part) for part in rest if isinstance(part, str))
    items = "".join(f", item {part + 1}" for part in rest if isinstance(part, int))
    return names + items


def _as_key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml_string(name)
