"""How did the run end, in one sentence, and what is to be done next?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tenantry.verify.model import Finding, Level, MutationResult, Report, Verdict
from tenantry.verify.report.wording import counted, listed

__all__ = ["Conclusion", "conclude", "kill_ratio", "levels_in_words"]


@dataclass(frozen=True)
class Conclusion:
    """The verdict of a run."""

    word: str
    sentence: str
    next_step: str
    exit_status: int


def conclude(report: Report, *, fail_at: Level = Level.WARNING) -> Conclusion:
    """Say how the run ended; never call safe what was not attacked."""
    status = report.exit_status(fail_at=fail_at)
    word, sentence, next_step = {0: _clean, 1: _failed}.get(status, _unproven)(report)
    return Conclusion(word=word, sentence=sentence, next_step=next_step, exit_status=status)


def kill_ratio(mutations: Iterable[MutationResult]) -> float | None:
    """Give the share of weakened controls that an attack noticed; None when none was weakened."""
    noticed = [mutation.is_killed for mutation in mutations]
    return sum(noticed) / len(noticed) if noticed else None


def levels_in_words(findings: Iterable[Finding]) -> str:
    """Give ``2 errors and 1 note``, or ``no findings``."""
    found = [finding.level for finding in findings]
    return listed(counted(found.count(level), level) for level in Level if level in found) or "no findings"


def _failed(report: Report) -> tuple[str, str, str]:
    also = f", and {_untried(report)}" if report.unproven else ""
    return (
        "FAILED",
        f"{levels_in_words(report.findings)}{also}.",
        "Review the SQL of the first finding, apply it to a copy, and run tenantry verify again.",
    )


def _unproven(report: Report) -> tuple[str, str, str]:
    if report.refused:
        return (
            "NOT ATTACKED",
            f"this looks like a production server ({report.refused}), so only the catalog was read.",
            "Verify a copy, or add --i-may-write.",
        )
    return (
        "NOT PROVEN",
        f"nothing that fails was found, but {_untried(report)}.",
        "Mend the reasons listed as unproven, and run tenantry verify again.",
    )


def _clean(report: Report) -> tuple[str, str, str]:
    if not report.attacks_run:
        return (
            "NOTHING FOUND",
            "the catalog shows nothing that fails. No attack was run, so this is no proof.",
            "Run tenantry verify on a copy to have it attacked.",
        )
    return ("CLEAN", _held(report), "Keep this run in your build, so that it stays so.")


def _held(report: Report) -> str:
    notes = f" {levels_in_words(report.findings)} to read." if report.findings else ""
    leaks = sum(cell.verdict is Verdict.LEAK for cell in report.matrix)
    tried = counted(report.attacks_run, "attack")
    if leaks:
        shown = counted(leaks, "leak")
        return f"{tried} run; {shown} in the matrix, each accepted or no more than a note.{notes}"
    if report.dismissed:
        return f"{tried} run, nothing new; {counted(len(report.dismissed), 'finding')} accepted earlier.{notes}"
    return f"{tried} run, none reached another tenant's rows.{notes}"


def _untried(report: Report) -> str:
    return f"{counted(len(report.unproven), 'thing')} could not be tried"
