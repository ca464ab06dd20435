"""Which text matches a regular expression, as in ``check (code ~ '^[A-Z]{3}$')``: one made from the expression itself.

Groups, alternatives (the first is taken), classes, counts and escapes are followed; what is not understood gives a
text that does not match, and the server, which judges every candidate, says so.
"""

from __future__ import annotations

import re

__all__ = ["matching", "patterns_in"]

_MATCH_OPERATOR = re.compile(r"!?~\*? \(?'((?:[^']|'')*)'")
_ESCAPED = {"d": "7", "w": "a", "s": " ", "S": "a", "D": "a", "W": "-"}
_NAMED = {"alpha": "a", "digit": "7", "alnum": "a", "upper": "A", "lower": "a", "space": " ", "xdigit": "a"}
_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}")


def patterns_in(expression: str) -> list[str]:
    """Give the patterns a check matches with; those it must not match are left out."""
    return [
        found.group(1).replace("''", "'")
        for found in _MATCH_OPERATOR.finditer(expression)
        if not found.group(0).startswith("!")
    ]


def matching(pattern: str, *, mark: str = "a") -> str:
    """Make a text for the pattern. ``mark`` is preferred where a class allows it, so that texts differ by side."""
    text, _ = _branch(pattern, 0, mark)
    return text


def _branch(pattern: str, at: int, mark: str) -> tuple[str, int]:
    """Follow one alternative up to its end; the place given back is that of the closing bracket, or the end."""
    made: list[str] = []
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            _, at = _branch(pattern, at + 1, mark)
            break
        piece, at = _atom(pattern, at, mark)
        times, at = _count(pattern, at)
        made.append(piece * times)
    return "".join(made), at


def _atom(pattern: str, at: int, mark: str) -> tuple[str, int]:
    sign = pattern[at]
    if sign in "^$":
        return "", at + 1
    if sign == "(":
        start = at + 3 if pattern.startswith("(?:", at) else at + 1
        text, end = _branch(pattern, start, mark)
        return text, end + 1
    if sign == "[":
        return _class(pattern, at + 1, mark)
    if sign == "\\" and at + 1 < len(pattern):
        after = pattern[at + 1]
        return _ESCAPED.get(after, "" if after in "mMyYAZ" else after), at + 2
    return (mark if sign == "." else sign), at + 1


def _class(pattern: str, at: int, mark: str) -> tuple[str, int]:
    end = pattern.find("]", at + 1)
    while end > 0 and pattern[at:end].count("[:") > pattern[at:end].count(":]"):
        end = pattern.find("]", end + 1)
    if end < 0:
        return "", len(pattern)
    inside = pattern[at:end]
    if inside.startswith("^"):
        return next((sign for sign in (mark, "b", "B", "7", "-", " ") if sign not in inside), "~"), end + 1
    named = re.search(r"\[:(\w+):\]?", inside)
    if named:
        return _NAMED.get(named.group(1), "a"), end + 1
    ranges = re.findall(r"(\\?.)-(\\?.)", inside)
    if any(low <= mark <= high for low, high in ranges):
        return mark, end + 1
    first = inside[1] if inside.startswith("\\") and len(inside) > 1 else inside[:1]
    return _ESCAPED.get(first, first) if inside.startswith("\\") else first, end + 1


def _count(pattern: str, at: int) -> tuple[int, int]:
    if at >= len(pattern):
        return 1, at
    counted = _COUNT.match(pattern, at)
    if counted:
        return max(int(counted.group(1)), 0), _past_lazy(pattern, counted.end())
    if pattern[at] in "*?":
        return 0, _past_lazy(pattern, at + 1)
    return 1, _past_lazy(pattern, at + 1) if pattern[at] == "+" else at


def _past_lazy(pattern: str, at: int) -> int:
    return at + 1 if at < len(pattern) and pattern[at] == "?" else at
