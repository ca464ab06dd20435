"""How is a statement shown without the values it was sent with? Numbered holes and a legend, and masked literals."""

from __future__ import annotations

import re
from collections.abc import Collection

from tenantry.verify.report.masking import masked
from tenantry.verify.report.neutral import visible

__all__ = ["symbolic"]

_PIECE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|%s|[^'\"%]+|.", re.DOTALL)
_COLUMNS = re.compile(r"\binsert into [^(]*\(([^()]*)\)[^()]*\bvalues \($", re.IGNORECASE)
_NAMED = re.compile(r"\"((?:[^\"]|\"\")+)\"(?:::[\w ]+)?\s*(?:=>?|is not distinct from)\s*$")
_PLACE = re.compile(r"\b(?:tableoid|ctid) = $")
_TELLING = re.compile(
    r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|\S+@\S+\.\w+|[+-]?\d[\d .:,/+\-T]+|[{\[].*[}\]]",
    re.IGNORECASE | re.DOTALL,
)
_NEW, _KEPT = "the values of the new row, column by column", "where the row stands: its table and place"
_OTHER = "a value chosen for the attack"


def symbolic(statement: str, values: Collection[str]) -> str:
    """Give the statement with ``$1`` for each bound value, and mask literals that are ``values`` or look like one."""
    holes: list[str] = []
    made = ""
    for piece in _PIECE.findall(statement):
        if piece == "%s":
            holes.append(_meaning(made, holes))
            made += f"${len(holes)}"
        else:
            made += _literal(piece, values) if piece.startswith("'") else piece
    return "\n".join([made, *_legend(holes)])


def _literal(text: str, values: Collection[str]) -> str:
    value = text[1:-1].replace("''", "'")
    if "'" in value:
        inner = "".join(_literal(one, values) if one.startswith("'") else one for one in _PIECE.findall(value))
        return "'" + inner.replace("'", "''") + "'"
    return f"'{masked(value)}'" if value in values or _TELLING.fullmatch(value) else text


def _meaning(before: str, holes: list[str]) -> str:
    if _COLUMNS.search(before) or (holes and holes[-1] == _NEW and before.endswith(f"${len(holes)}, ")):
        return _NEW
    if _PLACE.search(before):
        return _KEPT
    named = _NAMED.search(before)
    return f"a value for {visible(named.group(1))}" if named else _OTHER


def _legend(holes: list[str]) -> list[str]:
    numbers: dict[str, list[int]] = {}
    for number, meaning in enumerate(holes, start=1):
        numbers.setdefault(meaning, []).append(number)
    return [f"-- {_range(found)}: {meaning}" for meaning, found in numbers.items()]


def _range(found: list[int]) -> str:
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"${found[0]} to ${found[-1]}"
    return ", ".join(f"${number}" for number in found)
