"""How much of a stolen value may a report show?

Enough that its owner recognises it, not enough to be personal data. Nothing here raises: a value that cannot
be understood is shown as nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from numbers import Number
from uuid import UUID

from tenantry.verify.report.neutral import visible
from tenantry.verify.report.wording import counted

__all__ = ["masked"]

_EMAIL = re.compile(r"\s*([^@\s])[^@\s]*@([^@\s])[^@\s]*\.([A-Za-z]{2,24})\s*")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_DATE = re.compile(r"(\d{4})-\d{2}-\d{2}([T ][\d:.,+\-Z ]*)?")
_NUMBER = re.compile(r"[\d\s().,+/:\-]*\d[\d\s().,+/:\-]*")
_UNKNOWN = "(a value)"


def masked(value: object) -> str:
    """Show a value so that it can be recognised but not read."""
    try:
        return _masked(value)
    except Exception:  # noqa: BLE001 - a value may have any type, and a report must still come out
        return _UNKNOWN


def _masked(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "(true or false)"
        case UUID():
            return _uuid(str(value))
        case Number() | Decimal():
            return _digits(str(value))
        case date():
            return _year(str(value.year))
        case str():
            return _text(value)
        case _:
            return _other(value)


def _other(value: object) -> str:
    match value:
        case bytes() | bytearray():
            return f"({counted(len(value), 'byte')})"
        case memoryview():
            return f"({counted(value.nbytes, 'byte')})"
        case Mapping():
            return f"({counted(len(value), 'key')})"
        case Collection():
            return f"({counted(len(value), 'item')})"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    if found := _EMAIL.fullmatch(text):
        mailbox, domain, ending = found.groups()
        return visible(f"{mailbox}***@{domain}***.{ending}")
    if _UUID.fullmatch(text):
        return _uuid(text)
    if found := _DATE.fullmatch(text):
        return _year(found.group(1))
    if _NUMBER.fullmatch(text):
        return _digits(text)
    # why: the first of one or two characters would be most of the value
    start = visible(text[0]) if len(text) > 2 else ""
    return f"{start}*** ({counted(len(text), 'character')})"


def _uuid(text: str) -> str:
    return f"{text[:4]}..."


def _year(year: str) -> str:
    return f"{year}-**-**"


def _digits(text: str) -> str:
    digits = sum(char.isdigit() for char in text)
    return f"({counted(digits, 'digit')})" if digits else _UNKNOWN
