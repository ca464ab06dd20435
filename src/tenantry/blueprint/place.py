"""Where does a key stand in the text of a TOML file? tomllib reads the values and forgets their lines.

Read only what ``tomllib`` has accepted: what is wrong with any other text is tomllib's to say.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Path", "Place", "Places", "place_at", "places"]

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_PART = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
# why: up to two quotes may stand before the three that end a text of several lines
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?""""{0,2}|\'\'\'.*?\'\'\'\'{0,2}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[^,\]}#\n]+', re.DOTALL
)


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file, counted from one as editors do."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Places:
    """The places of keys, by their path: ``("subject", 0, "role")`` is the role of the first [[subject]]."""

    by_path: Mapping[Path, Place]

    def of(self, path: Path) -> Place:
        """Give the place of a key, or of the nearest thing around it where the key is not there."""
        while path and path not in self.by_path:
            path = path[:-1]
        return self.by_path.get(path, Place())


def places(text: str) -> Places:
    """Find every key, list item and section of a text that is TOML."""
    reader = _Reader(text)
    reader.read()
    return Places({path: place_at(text, offset, reader.lines) for path, offset in reader.found.items()})


def place_at(text: str, offset: int, lines: list[int] | None = None) -> Place:
    """Give the place of an offset; ``lines`` are the offsets at which lines start, where they are known."""
    starts = _starts(text) if lines is None else lines
    line = bisect_right(starts, offset)
    return Place(line, offset - starts[line - 1] + 1)


def _starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]


class _Reader:
    """Goes through the text once; ``found`` holds the offset of every path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = _starts(text)
        self.found: dict[Path, int] = {}
        self._at = 0
        self._items: dict[Path, int] = {}

    def read(self) -> None:
        section: Path = ()
        self._skip()
        while self._at < len(self.text):
            if self._next() == "[":
                section = self._section()
            else:
                self._pair(section)
            self._skip()

    def _section(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]`` and give the path of the table it opens."""
        brackets = 2 if self.text.startswith("[[", self._at) else 1
        self._at += brackets
        *front, (last, offset) = self._key()
        path: Path = ()
        for name, start in front:
            path = self._latest((*path, name), start)
        path = (*path, last)
        self._at += brackets
        if brackets == 1:
            self.found[path] = offset
            return path
        self.found.setdefault(path, offset)
        self._items[path] = self._items.get(path, 0) + 1
        return self._latest(path, offset)

    def _latest(self, path: Path, offset: int) -> Path:
        """Note a path; of a list of tables, the path of the table that was opened last."""
        self.found.setdefault(path, offset)
        if path in self._items:
            path = (*path, self._items[path] - 1)
            self.found.setdefault(path, offset)
        return path

    def _pair(self, section: Path) -> None:
        *front, (last, offset) = self._key()
        path = section
        for name, start in front:
            path = (*path, name)
            self.found.setdefault(path, start)
        self._at += 1  # the equals sign
        self.found[(*path, last)] = offset
        self._value((*path, last))

    def _key(self) -> list[tuple[str, int]]:
        """Read a key with its dots: the name and the offset of each part."""
        parts = [self._part()]
        while self._next() == ".":
            self._at += 1
            parts.append(self._part())
        return parts

    def _part(self) -> tuple[str, int]:
        self._skip()
        found = _PART.match(self.text, self._at)
        assert found is not None, "tomllib accepts no key like this"
        self._at = found.end()
        self._skip()
        return _name(found.group()), found.start()

    def _value(self, path: Path) -> None:
        self._skip()
        if self._next() == "[":
            self._list(path)
        elif self._next() == "{":
            self._enclosed("}", lambda _: self._pair(path))
        else:
            found = _SCALAR.match(self.text, self._at)
            assert found is not None, "tomllib accepts no value like this"
            self._at = found.end()

    def _list(self, path: Path) -> None:
        def item(index: int) -> None:
            self.found[(*path, index)] = self._at
            self._value((*path, index))

        self._enclosed("]", item)

    def _enclosed(self, end: str, read: Callable[[int], None]) -> None:
        """Read what stands between brackets, parted by commas."""
        self._at += 1
        self._skip()
        index = 0
        while self._next() != end:
            read(index)
            index += 1
            self._skip()
            self._at += self._next() == ","
            self._skip()
        self._at += 1

    def _next(self) -> str:
        return self.text[self._at : self._at + 1]

    def _skip(self) -> None:
        found = _BLANK.match(self.text, self._at)
        self._at = found.end() if found else self._at


def _name(part: str) -> str:
    if part[0] in "\"'":
        return str(tomllib.loads(f"name = {part}")["name"])
    return part
