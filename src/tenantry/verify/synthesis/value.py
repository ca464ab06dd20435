"""Which value a column gets: valid for its type and name, distinct per side, private rather than public.

Values are text in the server's input syntax; the server parses them, so any type works the same way.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tenantry.catalog.model import Catalog, Column, Relation, TypeInfo
from tenantry.verify.synthesis.pattern import matching, patterns_in

__all__ = ["candidates", "distinct", "plain", "preferred_label", "rank"]

_PRIVATE_FIRST = (
    "private", "owner", "admin", "administrator", "manager", "draft", "pending", "active", "open", "internal",
    "free", "member", "user", "new", "text", "standard", "default", "other",
)  # fmt: skip
_PUBLIC = frozenset(
    {"public", "published", "shared", "link", "everyone", "superadmin", "super_admin", "platform_admin"}
)
_FUTURE = re.compile(r"expir|until|valid_to|end|ends|due|deadline|not_after|renew")
_PAST = re.compile(r"start|begin|from|since|not_before|effective")
_BASE_INTEGER = 1_900_000_000
_SMALL_BASE = 31_000

# Texts that commonly satisfy checks on shape: mail, slug, colour, phone, address, codes, times.
_SHAPES = (
    "a@example.com", "slug-a", "slug_a", "a", "A", "ab", "ABC", "abcdefgh", "Abcdefgh1!", "#a1b2c3", "#A1B2C3",
    "+441632960001", "4155550123", "https://example.com/a", "example.com", "USD", "usd", "EUR", "US", "us", "en",
    "en-US", "2026-01", "2026-01-31", "09:00", "09:00:00", "1", "12", "12345", "123456", "ABC123", "ABC-123",
    "192.0.2.1", "Europe/London", "UTC", "a/b", "/a", "{}", "[]", "00000000000000000000000000000000",
    "0x" + "a" * 40, "a" * 40, "a" * 64, "sk_a", "1.0.0", "",
)  # fmt: skip
_NUMBERS = (
    "1",
    "0",
    "2",
    "5",
    "10",
    "50",
    "100",
    "1000",
    "0.5",
    "0.1",
    "-1",
    "3",
    "7",
    "12",
    "2026",
    "18",
    "30",
)
_TIMES = ("now", "tomorrow", "yesterday", "2026-01-01", "2026-01-31", "2030-01-01", "infinity", "09:00", "17:00")


def plain(catalog: Catalog, relation: Relation, column: Column, *, side: str) -> str:
    """Give a value for a column that must have one and need not be unique."""
    kind = _base_type(catalog, column)
    if kind.labels:
        return preferred_label(kind.labels)
    if kind.category == "S":
        return _fit(_text(relation, column, side), column)
    if kind.category == "D":
        return _time(kind, column.name)
    return _simple(kind, column)


def distinct(catalog: Catalog, relation: Relation, column: Column, *, side: str, number: int) -> str:
    """Give a value no other row has: for keys and unique columns. ``number`` tells rows of a side apart."""
    kind = _base_type(catalog, column)
    seed = f"{relation.title}.{column.name}.{side}.{number}"
    digest = hashlib.sha256(seed.encode()).hexdigest()
    if kind.name == "uuid":
        return str(uuid.UUID(hex=digest[:32], version=4))
    if kind.name == "smallint":
        return str(_SMALL_BASE + int(digest[:4], 16) % 1_500)
    if kind.category == "N":
        return str(_BASE_INTEGER + int(digest[:7], 16) % 200_000_000)
    if kind.category == "S" and not kind.labels:
        return _fit(_text(relation, column, f"{side}{number}{digest[:10]}"), column)
    if kind.category == "D" and kind.name not in ("time without time zone", "time with time zone"):
        return (datetime(2031, 1, 1, tzinfo=UTC) + timedelta(seconds=int(digest[:6], 16))).isoformat()
    if kind.labels:
        return kind.labels[int(digest[:4], 16) % len(kind.labels)]
    return plain(catalog, relation, column, side=side)


def candidates(catalog: Catalog, column: Column, expression: str, *, side: str) -> list[str]:
    """Give values worth trying where a check refuses: constants of the check first, then usual shapes."""
    kind = _base_type(catalog, column)
    constants = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", expression)]
    numbers = re.findall(r"(?<![\w.'])-?\d+(?:\.\d+)?", expression)
    if kind.labels:
        return sorted(kind.labels, key=rank)
    if kind.category == "N":
        near = [str(_shifted(number, step)) for number in numbers for step in (0, 1, -1)]
        return [*dict.fromkeys([*constants, *near, *_NUMBERS])]
    if kind.category == "D":
        return [*dict.fromkeys([*_TIMES, *constants])]
    if kind.category == "B":
        return ["false", "true"]
    if kind.category == "S":
        lengths = ["a" * int(float(number)) for number in numbers if 0 < float(number) <= 2_000]
        return [
            *dict.fromkeys(
                [
                    *_matching(expression, side),
                    *sorted(constants, key=rank),
                    *_own_shapes(column, side),
                    *_SHAPES,
                    *lengths,
                ]
            )
        ]
    return [*dict.fromkeys([*constants, _simple(kind, column), "{}", "[]", "{1}", "{a}"])]


def _matching(expression: str, side: str) -> list[str]:
    """Give texts for the patterns of a check, those that differ by side first."""
    marks = (side, side.upper(), str(ord(side[0]) % 10))
    made = [(mark, matching(pattern, mark=mark)) for pattern in patterns_in(expression) for mark in marks]
    return [text for _, text in sorted(made, key=lambda pair: pair[0] not in pair[1])]


def _own_shapes(column: Column, side: str) -> list[str]:
    """Give usual shapes that differ by side, so that unique columns stay apart when a check is met."""
    digest = hashlib.sha256(f"{column.name}.{side}".encode()).hexdigest()
    digits = str(int(digest[:8], 16)).zfill(10)[-6:]
    return [
        f"{side}{digest[:7]}", f"{side}-{digest[:6]}", f"{side}{digest[:6]}@example.com", f"{side}{digest[:4]}".upper(),
        f"#{digest[:6]}", f"+441632{digits}", f"4155{digits}", f"https://{side}{digest[:6]}.example.com",
        f"{side}{digest[:6]}.example.com", digits, digest[:32], digest, f"0x{digest[:40]}", f"cus_{digest[:14]}",
    ]  # fmt: skip


def preferred_label(labels: Sequence[str]) -> str:
    """Choose among the words a column allows: private before public, powerful inside the own tenant."""
    return min(labels, key=rank)


def rank(label: str) -> tuple[int, int]:
    """Order words by how private, and then how powerful inside the own tenant, they are; the best is least."""
    word = label.lower()
    if word in _PUBLIC:
        return (2, 0)
    if word in _PRIVATE_FIRST:
        return (0, _PRIVATE_FIRST.index(word))
    return (1, 0)


def _base_type(catalog: Catalog, column: Column) -> TypeInfo:
    kind = catalog.types[column.type_oid]
    while kind.kind == "d":
        kind = catalog.types[kind.base]
    return kind


def _text(relation: Relation, column: Column, tag: str) -> str:
    name = column.name.lower()
    if "mail" in name:
        return f"{tag}@{relation.name.lower().replace('_', '-')}.example.com"
    if "url" in name or "website" in name or "link" in name:
        return f"https://example.com/{tag}"
    if "slug" in name or "subdomain" in name or "handle" in name:
        return f"tn-{tag}"
    return f"tn-{tag}-{relation.name}-{column.name}"


def _fit(text: str, column: Column) -> str:
    """Cut a text to varchar(n), keeping its distinguishing head."""
    limit = column.modifier - 4 if column.modifier > 4 else 0
    if not limit or len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return (digest if limit < 16 else text[: limit - 8] + digest)[:limit]


def _time(kind: TypeInfo, name: str) -> str:
    if kind.name.startswith("time "):
        return "17:00" if _FUTURE.search(name) else "09:00"
    if _FUTURE.search(name):
        return "2031-01-01"
    return "2026-01-01" if _PAST.search(name) else "now"


def _simple(kind: TypeInfo, column: Column) -> str:  # noqa: PLR0912 - one line a type
    name = kind.name
    if kind.category == "N":
        return "1"
    if kind.category == "B":
        return "false"
    if kind.category == "A":
        return "{}"
    if kind.category == "T":
        return "1 day"
    if kind.category == "I":
        return "192.0.2.1"
    if kind.category == "V":
        return "0"
    if kind.category == "R":
        return _range(name)
    if kind.category == "G":
        return {"point": "(0,0)", "line": "{1,1,0}", "circle": "<(0,0),1>"}.get(name, "((0,0),(1,1))")
    if name in ("json", "jsonb"):
        return "{}"
    if name == "uuid":
        return str(uuid.uuid4())
    if name == "bytea":
        return "\\x00"
    if name.endswith(("vector", "halfvec")) and column.modifier > 0:
        return "[" + ",".join(["0.1"] * column.modifier) + "]"
    if name == "xml":
        return "<a/>"
    if name == "macaddr":
        return "08:00:2b:01:02:03"
    return ""


def _range(name: str) -> str:
    if "multirange" in name:
        return "{}"
    return "[2031-01-01,2031-01-02)" if name.startswith(("ts", "date")) else "[1,2)"


def _shifted(number: str, step: int) -> float | int:
    value = float(number) + step
    return int(value) if value.is_integer() else value
