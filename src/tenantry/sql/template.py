"""How a .sql file with holes becomes statements: which holes it has, what fills them, and where one statement ends.

A hole is written ``__name__`` where SQL has an identifier, so that the file is SQL before it is rendered. Holes are
not looked for within quotes, comments and ``$$`` bodies; one that stands there is an error, as a name that holds a
quote, a line break or ``$$`` would end what it stands in. A blank line ends a statement; a statement holds none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from psycopg import sql

from tenantry.errors import TenantryError
from tenantry.sql.name import quoted

__all__ = ["Binding", "HoleMismatch", "fill", "holes", "render", "statements"]

# why a literal: the body of a function takes no parameters, and one that looked its settings up in a table would not
# be inlined; so a constant of a generated body stands where a column's name would, as a literal the driver quotes
Binding = str | tuple[str, ...] | sql.Literal

_HOLE = re.compile(r"__([a-z][a-z0-9]*(?:_[a-z0-9]+)*)__")
_SHUT = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?P<tag>\$(?:[a-z_][a-z0-9_]*)?\$).*?(?P=tag)""", re.DOTALL
)


class HoleMismatch(TenantryError):
    """A .sql file and what it was to be filled with do not fit together."""

    code = "TN200"
    way_out = "Nothing was changed. This is a fault of tenantry's own files; please report it."


def render(texts: Sequence[str], bindings: Mapping[str, Binding]) -> tuple[str, ...]:
    """Fill the holes of texts that belong together.

    Raises ``HoleMismatch`` for a hole without a binding, a binding that no text has a hole for, and a hole within
    quotes, a comment or a ``$$`` body; ``UnsafeName`` for a name the server cannot have.
    """
    wanted = {name for text in texts for name in holes(text)}
    if wanted != set(bindings):
        missing, unused = sorted(wanted - set(bindings)), sorted(set(bindings) - wanted)
        raise HoleMismatch(f"Holes without a binding: {missing}; bindings without a hole: {unused}.")
    return tuple(fill(text, lambda name: _written(bindings[name])) for text in texts)


def fill(text: str, write: Callable[[str], str]) -> str:
    """Put what ``write`` gives for a hole's name in its place."""
    return "".join(part if is_shut else _HOLE.sub(lambda hole: write(hole[1]), part) for part, is_shut in _parts(text))


def holes(text: str) -> frozenset[str]:
    """Give the names of a text's holes; a hole where none may be is a ``HoleMismatch``."""
    found: set[str] = set()
    for part, is_shut in _parts(text):
        names = _HOLE.findall(part)
        if is_shut and names:
            raise HoleMismatch(f"A hole stands within quotes, a comment or a body: {', '.join(names)}.")
        found.update(names)
    return frozenset(found)


def statements(body: str) -> tuple[str, ...]:
    """Split a file's body at its blank lines into complete statements."""
    return tuple(part.strip() for part in re.split(r"\n\s*\n", body) if part.strip())


def _parts(text: str) -> list[tuple[str, bool]]:
    """Split a text into what is open to holes and what is shut in quotes, comments or a body."""
    parts, place = [], 0
    for shut in _SHUT.finditer(text):
        parts += [(text[place : shut.start()], False), (shut.group(), True)]
        place = shut.end()
    return [*parts, (text[place:], False)]


def _written(binding: Binding) -> str:
    if isinstance(binding, sql.Literal):
        return binding.as_string(None).strip()
    return quoted(*((binding,) if isinstance(binding, str) else binding))
