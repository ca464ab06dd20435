"""How does SQL fit a narrow terminal and stay the same SQL?

Lines are broken only at blanks outside of literals, quoted names and comments; a word that is too long stays
whole. What is copied from a terminal must mean what it meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

__all__ = ["wrapped"]

_WORD = re.compile(r"""(?:'[^']*(?:'|$)|"[^"]*(?:"|$)|--.*$|(?!--)[^\s'"])+""")

_DOLLAR_QUOTE = re.compile(r"\$(?:[^\W\d]\w*)?\$")


def wrapped(sql: str, width: int) -> list[str]:
    """Break lines that are wider than ``width`` columns; what follows a break is indented."""
    # why: a dollar quote or a literal may span lines, and a break inside it would change the value
    lines = sql.rstrip().split("\n")
    if _DOLLAR_QUOTE.search(sql) or any(line.count(quote) % 2 for line in lines for quote in "'\""):
        return lines
    return [piece for line in lines for piece in _pieces(line, width)]


def _pieces(line: str, width: int) -> Iterator[str]:
    if cell_len(line) <= width:
        yield line
        return
    indent = line[: len(line) - len(line.lstrip())]
    current = indent
    for word in _WORD.findall(line):
        if current.strip() and cell_len(f"{current} {word}") > width:
            yield current
            current = f"{indent}    {word}"
        else:
            current = f"{current} {word}" if current.strip() else current + word
    yield current
