"""Which findings does the blueprint dismiss, and is it allowed to?

A dismissal hides a finding from the exit status, never from the report. It needs a reason; a leak that an
attack proved needs a last day as well; and one that matches nothing is reported, so that none is left behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tenantry.errors import DismissalInvalid
from tenantry.verify.model import Finding, Kind, Level, Proof, Report
from tenantry.verify.report.accepted import Accepted, AcceptedBy, accepted

__all__ = ["STALE", "Dismissal", "apply", "check"]

STALE = "D01"

_NEEDLESSLY_QUOTED = re.compile(r'(?<!")"([a-z_][a-z0-9_$]*)"(?!")')


@dataclass(frozen=True)
class Dismissal:
    """A finding somebody has decided to live with.

    ``relation`` is a schema-qualified name in which ``*`` stands for anything, or empty for findings about
    the whole database. ``until`` is the last day on which it holds.
    """

    code: str
    relation: str
    reason: str
    until: date | None = None

    def covers(self, finding: Finding) -> bool:
        """Say whether the finding is one of those meant."""
        if finding.code != self.code:
            return False
        if self.relation == "*":
            return True
        if not self.relation or not finding.relation:
            return self.relation == finding.relation
        parts = map(re.escape, _plain(self.relation).split("*"))
        return re.fullmatch(".*".join(parts), _plain(finding.relation), re.DOTALL) is not None

    def words(self) -> str:
        """Name the dismissal the way its author would."""
        return f"{self.code} on {self.relation}" if self.relation else f"{self.code} on the database"


def check(dismissals: Iterable[Dismissal], today: date) -> None:
    """Refuse dismissals without a reason, and expired ones, with ``DismissalInvalid``.

    Ask before attacking: it needs no report.
    """
    for dismissal in dismissals:
        if not dismissal.reason.strip():
            raise DismissalInvalid(f"The dismissal of {dismissal.words()} has no reason.")
        if dismissal.until and dismissal.until < today:
            raise DismissalInvalid(f"The dismissal of {dismissal.words()} expired on {dismissal.until}.")


def apply(report: Report, dismissals: Sequence[Dismissal], today: date) -> Report:
    """Move the findings that are dismissed out of those that count.

    Refuses with ``DismissalInvalid`` what ``check`` refuses, and a proved leak dismissed without a last day.
    """
    check(dismissals, today)
    pairs = [(finding, _covering(finding, dismissals)) for finding in report.findings]
    open_ = tuple(finding for finding, dismissal in pairs if dismissal is None)
    hidden = tuple(_hidden(finding, dismissal) for finding, dismissal in pairs if dismissal is not None)
    stale = tuple(_stale(dismissal) for dismissal in dismissals if not any(map(dismissal.covers, report.findings)))
    return replace(report, findings=open_ + stale, dismissed=report.dismissed + hidden)


def _covering(finding: Finding, dismissals: Iterable[Dismissal]) -> Dismissal | None:
    # why: where several cover it, one with a last day is wanted for a proved leak
    covering = [dismissal for dismissal in dismissals if dismissal.covers(finding)]
    dated = [dismissal for dismissal in covering if dismissal.until]
    return next(iter(dated + covering), None)


def _hidden(finding: Finding, dismissal: Dismissal) -> Accepted:
    if _is_proved_leak(finding) and dismissal.until is None:
        raise DismissalInvalid(
            f"The dismissal of {dismissal.words()} hides a leak an attack proved, but has no until date."
        )
    return accepted(finding, by=AcceptedBy.DISMISSAL, reason=dismissal.reason.strip(), until=dismissal.until)


def _is_proved_leak(finding: Finding) -> bool:
    what = (finding.kind, finding.level, finding.proof)
    return what == (Kind.LEAK, Level.ERROR, Proof.ATTACKED)


def _stale(dismissal: Dismissal) -> Finding:
    return Finding(
        code=STALE,
        name="stale_dismissal",
        level=Level.NOTE,
        kind=Kind.HYGIENE,
        proof=Proof.LINT,
        message=f"The dismissal of {dismissal.words()} matches nothing that was found.",
        meaning="What it hid is mended or renamed. Left in place, it would hide the next one of its kind.",
        objects=(dismissal.words(),),
        declare="Remove the dismissal from the blueprint.",
    )


def _plain(relation: str) -> str:
    """Take off the quotes that a name does not need: ``"public"."Booking"`` is ``public."Booking"``."""
    return _NEEDLESSLY_QUOTED.sub(r"\1", relation)
