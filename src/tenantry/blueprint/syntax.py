"""What is said of a file that is not TOML, and where it stops being so."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tenantry.blueprint.fault import Fault
from tenantry.blueprint.place import Place, Places, place_at, places

__all__ = ["NotToml", "parsed"]

_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_END = re.compile(r"\s*\(at end of document\)$")

_LINE_END = "Close the text before the end of its line; one of several lines stands in three quotes."
# The beginnings of what tomllib says in Python 3.11, and what to write instead; what another says gets the last one.
_WAYS_OUT = (
    ("Cannot overwrite", "A key may stand once in its section. Keep one of them."),
    ("Cannot declare", "A section may be opened once. Put the keys of both under one header."),
    ("Invalid value", 'Write text in quotes, as in key = "text", and true or false without.'),
    ("Expected newline or end", 'Write one key a line, and text in quotes, as in key = "text".'),
    ("Expected '='", 'Write key = "value"; a key with dots or spaces stands in quotes.'),
    ("Expected ']", "Close the header on its own line, as in [tenant] or [[subject]]."),
    ("Unclosed", "Close the list with ] and the inline table with }."),
    ("Unterminated", "Close the text with the quotes it began with."),
    ("Expected \"'", "Close the text with the quotes it began with."),
    ("Illegal character", _LINE_END),
    ("Found invalid character '\\n'", _LINE_END),
    ("Found invalid character", "Write it as an escape in double quotes, such as \\u0001."),
    ("Invalid initial character", "Write a name there; no comma stands before the } of an inline table."),
    ("Unescaped '\\'", "Write a backslash twice, or put the text in single quotes."),
    ("Invalid statement", "Write a [section], or key = value."),
)
_AT_THE_END = "Close the list, the table or the text that is still open there."
_ELSE = 'Write [section] headers, and key = "value" below them, one a line.'


class NotToml(Exception):
    """The text is not TOML; ``fault`` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def parsed(data: bytes) -> tuple[Places, dict[str, Any]]:
    """Give what a file says and where, or raise ``NotToml``."""
    text = _decoded(data)
    try:
        content = tomllib.loads(text)
        return places(text), content
    except tomllib.TOMLDecodeError as error:
        raise NotToml(_told(text, str(error))) from error
    except RecursionError as error:
        raise NotToml(_fault(Place(), "Lists stand in each other too deep.", "Write lists of plain text.")) from error


def _decoded(data: bytes) -> str:
    try:
        # why: editors on Windows begin a file with a mark that TOML does not know
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NotToml(_fault(Place(line), "This is no text in UTF-8.", "Save the file as UTF-8.")) from error


def _told(text: str, words: str) -> Fault:
    found = _PLACE.search(words)
    place = Place(int(found[1]), int(found[2])) if found else place_at(text, len(text.rstrip()))
    where = f"at column {place.column}" if found else "at the end of the file"
    said = _END.sub("", _PLACE.sub("", words))
    way_out = next((write for start, write in _WAYS_OUT if said.startswith(start)), _ELSE)
    if not found and said == "Invalid value":
        way_out = _AT_THE_END
    return _fault(place, f"{said} ({where}).", way_out)


def _fault(place: Place, message: str, write: str) -> Fault:
    return Fault(place, "", f"This is not TOML: {message}", write)
