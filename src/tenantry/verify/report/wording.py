"""How do numbers and lists become words?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tenantry.verify.model import Finding, Report, Skipped

__all__ = ["by_reason", "counted", "few", "listed", "statement_label", "tried"]


def counted(number: int, noun: str, plural: str = "") -> str:
    """Give ``1 error``, ``2 errors``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Iterable[str]) -> str:
    """Give ``a, b and c``."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def few(words: Sequence[str], at_most: int = 3) -> str:
    """Give the first words, and how many more there are."""
    more = len(words) - at_most
    return ", ".join(words[:at_most]) + (f" and {more} more" if more > 0 else "")


def by_reason(items: Iterable[Skipped]) -> list[tuple[str, list[str]]]:
    """Group what was not tried by why, the most frequent reason first."""
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(item.why, []).append(item.what)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def tried(report: Report) -> str:
    """Give ``12 attacks and 90 lints``; where no attack was run, say that first."""
    lints = counted(report.lints_run, "lint")
    if not report.attacks_run:
        return f"no attack was run; {lints} of the catalog"
    return f"{counted(report.attacks_run, 'attack')} and {lints}"


def statement_label(finding: Finding) -> str:
    """Say what the finding's statement did: sabotage weakens a control, and everything else attacks."""
    return "weakened with" if finding.code == "M01" else "attacked with"
