"""Which findings somebody has decided to live with, on whose word, and until when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from tenantry.verify.model import Finding

__all__ = ["Accepted", "AcceptedBy", "accepted", "reason_of"]


class AcceptedBy(StrEnum):
    """Where the decision is written."""

    DISMISSAL = "dismissal"
    BASELINE = "baseline"


@dataclass(frozen=True)
class Accepted(Finding):
    """A finding that is reported but fails nothing."""

    reason: str = ""
    until: date | None = None
    by: AcceptedBy = AcceptedBy.DISMISSAL


def accepted(finding: Finding, *, by: AcceptedBy, reason: str, until: date | None = None) -> Accepted:
    """Give the finding with the decision that covers it."""
    facts = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    return Accepted(**facts, reason=reason, until=until, by=by)


def reason_of(finding: Finding) -> str:
    """Say why a dismissed finding is one, and until when."""
    if not isinstance(finding, Accepted):
        return "Dismissed in the blueprint."
    return f"{finding.reason} (until {finding.until})" if finding.until else finding.reason
