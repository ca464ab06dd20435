"""Who asks in an attack: a role, and the settings and statements by which it becomes somebody's actor."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenantry.blueprint import model
from tenantry.catalog.model import Catalog, Role
from tenantry.verify.synthesis.row import Side

__all__ = ["Asker", "resolve", "sides_of"]

_HOLE = re.compile(r"\{(tenant|user|email|tenant_hex|user_hex|[\w$]+\.[\w$]+\.[\w$]+)\}")
_SIDES = {"member": Side.MINE, "stranger": Side.STRANGER}


@dataclass(frozen=True)
class Asker:
    """A subject with every placeholder filled. ``side`` is whose rows are its own; nobody has none."""

    role: Role
    name: str
    side: Side | None
    channel: str
    settings: tuple[tuple[str, str], ...]
    statements: tuple[tuple[str, tuple[str, ...]], ...]
    opened_by: str
    is_guess: bool

    @property
    def title(self) -> str:
        """Name the subject for people."""
        return f"{self.role.name} ({self.name})"


def resolve(
    catalog: Catalog,
    template: model.Subject,
    values: Callable[[str], str | None],
    *,
    is_guess: bool,
    role: Role | None = None,
) -> Asker | None:
    """Fill a subject's placeholders; give nothing when one of them has no value on this side.

    ``values`` answers ``tenant``, ``user``, ``email`` or ``schema.table.column`` with text.
    """
    found = role or catalog.role_named[template.role]
    settings: list[tuple[str, str]] = []
    for name, text in template.settings.items():
        filled = _fill(text, values)
        if filled is None:
            return None
        settings.append((name, filled))
    statements: list[tuple[str, tuple[str, ...]]] = []
    for text in template.sql:
        bound = _bind(text, values)
        if bound is None:
            return None
        statements.append(bound)
    return Asker(
        role=found,
        name=template.name,
        side=_SIDES.get(template.name),
        channel=template.channel,
        settings=tuple(settings),
        statements=tuple(statements),
        opened_by=describe(template),
        is_guess=is_guess,
    )


def describe(template: model.Subject) -> str:
    """Say in one line how the subject is opened."""
    parts = [f"{name} = {text}" for name, text in template.settings.items()]
    return "; ".join([*parts, *template.sql, f"set role {template.role}"])


def sides_of(name: str) -> Side:
    """Give the side whose keys fill a subject's placeholders."""
    return _SIDES.get(name, Side.STRANGER)


def _fill(text: str, values: Callable[[str], str | None]) -> str | None:
    found: Mapping[str, str | None] = {name: values(name) for name in _HOLE.findall(text)}
    if any(value is None for value in found.values()):
        return None
    return _HOLE.sub(lambda hole: str(found[hole.group(1)]), text)


def _bind(text: str, values: Callable[[str], str | None]) -> tuple[str, tuple[str, ...]] | None:
    """Turn placeholders of a statement into bound parameters; quotes around a placeholder are dropped."""
    names = _HOLE.findall(text)
    found = [values(name) for name in names]
    if any(value is None for value in found):
        return None
    statement = re.sub(rf"'?{_HOLE.pattern}'?", "%s", text.replace("%", "%%"))
    return statement, tuple(str(value) for value in found)
