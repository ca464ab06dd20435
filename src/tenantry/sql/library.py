"""How a .sql file becomes a header and its sections.

A file starts with ``-- key: value`` lines (a line that starts with ``--   `` continues the value before it).
Sections, where a file has them, start with ``-- <word>: <title>`` for a word the reader names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable

__all__ = ["Section", "SqlFile", "parse", "read"]

_KEY = re.compile(r"^-- ([a-z_]+): (.*)$")
_MORE = re.compile(r"^--   +(\S.*)$")


@dataclass(frozen=True)
class Section:
    """One titled part of a file: its own header lines and the SQL below them."""

    title: str
    header: dict[str, str]
    body: str


@dataclass(frozen=True)
class SqlFile:
    """A .sql file: the header at its top, the SQL under it, and its sections if it has any."""

    name: str
    header: dict[str, str]
    body: str
    sections: tuple[Section, ...]


def read(file: Traversable, *, section: str = "") -> SqlFile:
    """Read a packaged .sql file; ``section`` is the word that starts a section in it."""
    return parse(file.name, file.read_text(encoding="utf-8"), section=section)


def parse(name: str, text: str, *, section: str = "") -> SqlFile:
    """Split a file's text into header, body and sections."""
    head, *parts = _split(text, section)
    header, body = _header(head)
    return SqlFile(name=name, header=header, body=body, sections=tuple(_section(part) for part in parts))


def _split(text: str, word: str) -> list[str]:
    if not word:
        return [text]
    return re.split(rf"(?m)^(?=-- {re.escape(word)}: )", text)


def _section(text: str) -> Section:
    first, _, rest = text.partition("\n")
    header, body = _header(rest)
    return Section(title=first.split(": ", 1)[1].strip(), header=header, body=body)


def _header(text: str) -> tuple[dict[str, str], str]:
    header: dict[str, str] = {}
    lines = text.splitlines()
    last = ""
    for number, line in enumerate(lines):
        if found := _KEY.match(line):
            last = found.group(1)
            header[last] = found.group(2).strip()
        elif last and (more := _MORE.match(line)):
            header[last] += " " + more.group(1).strip()
        elif line.strip():
            return header, "\n".join(lines[number:]).strip() + "\n"
    return header, ""
