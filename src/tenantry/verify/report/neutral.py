"""What does text from a database become before a person reads it?

A table may be called anything: a terminal escape, a newline and a faked verdict, an override that turns the
reading direction around. Every character that does not print is written out as an escape (``\\x1b``).
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["neutralised", "visible", "visible_lines"]

Value = TypeVar("Value", bound="DataclassInstance")

_LINES_MATTER = frozenset({"fix", "statement", "declare"})


def visible(text: str) -> str:
    """Give one line in which every character can be seen."""
    return text if text.isprintable() else "".join(map(_shown, text))


def visible_lines(text: str) -> str:
    """Give the same lines, each with every character to be seen; tabs become spaces."""
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    return "\n".join(map(visible, lines))


def neutralised(value: Value) -> Value:
    """Give the same value with all its text, however deep, made visible.

    Take a fingerprint before this, never after: it is of the names as they are.
    """
    changes = {field.name: _clean(getattr(value, field.name), field.name) for field in fields(value)}
    return replace(value, **changes)


def _clean(value: Any, name: str) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return visible_lines(value) if name in _LINES_MATTER else visible(value)
    if isinstance(value, tuple):
        return tuple(_clean(item, name) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return neutralised(value)
    return value


def _shown(char: str) -> str:
    return char if char.isprintable() else repr(char)[1:-1]
