"""How an identifier becomes safe SQL text. Nothing else in tenantry puts a name into a statement."""

from __future__ import annotations

import hashlib
import re

from psycopg import sql

from tenantry.errors import UnsafeName

__all__ = ["identifier", "literal", "qualified", "quoted", "short_name", "spelled", "spoken"]

_LONGEST_NAME_BYTES = 63  # NAMEDATALEN - 1
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


def identifier(*parts: str) -> sql.Identifier:
    """Give the composable form of a possibly schema-qualified name.

    Refuses the empty name and names with a NUL character with ``UnsafeName``: the server has neither.
    """
    for part in parts:
        if not part or "\x00" in part:
            raise UnsafeName(f"{part!r} is not a name the server can have.")
    return sql.Identifier(*parts)


def quoted(*parts: str) -> str:
    """Give the quoted text of a name, always within double quotes."""
    return identifier(*parts).as_string(None)


def spoken(*parts: str) -> str:
    """Give the text of a name for people and ids: quoted only where it must be. Statements use ``quoted``."""
    return ".".join(part if _PLAIN.fullmatch(part) else quoted(part) for part in parts)


def qualified(schema: str, name: str) -> sql.Identifier:
    """Give the composable form of ``schema.name``."""
    return identifier(schema, name)


def short_name(name: str) -> str:
    """Cut a name to what the server keeps of it; two that start alike stay two."""
    encoded = name.encode()
    if len(encoded) <= _LONGEST_NAME_BYTES:
        return name
    end = "_" + hashlib.sha256(encoded).hexdigest()[:8]
    return encoded[: _LONGEST_NAME_BYTES - len(end)].decode(errors="ignore") + end


def spelled(text: str) -> sql.SQL:
    """Take text that the server itself has spelled: a deparsed expression, a type, a function's arguments.

    Words of a fixed list are taken as well. Never for what a person, a file or a row gives.
    """
    return sql.SQL(text)  # pyright: ignore[reportArgumentType]


def literal(value: object) -> str:
    """Give a value as SQL text, for statements that are shown to people; those that run bind parameters."""
    return sql.Literal(value).as_string(None)
