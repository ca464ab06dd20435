"""Which findings were there before, and may stay for now?

A baseline lets a team with old findings fail on new ones only. It is written once; after that it may only
shrink. It holds what would fail a run, and exactly what was seen: a finding that has come to touch one more
object than its entry lists is new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenantry.errors import BaselineGrew, BaselineInvalid
from tenantry.verify.model import Finding, Kind, Level, Proof, Report
from tenantry.verify.report.accepted import Accepted, AcceptedBy, accepted
from tenantry.verify.report.wording import counted, few

__all__ = ["GONE", "Baseline", "Known", "apply", "dump", "load", "update"]

GONE = "D02"
_VERSION = "1"


@dataclass(frozen=True)
class Known:
    """One finding of the baseline, with enough to recognise it in a review."""

    code: str
    relation: str
    message: str
    objects: tuple[str, ...] = ()

    def merged(self, other: Known) -> Known:
        """Give one entry for two findings with the same fingerprint."""
        return replace(self, objects=tuple(sorted({*self.objects, *other.objects})))


@dataclass(frozen=True)
class Baseline:
    """The known findings, by fingerprint."""

    findings: Mapping[str, Known] = field(default_factory=dict)

    def knows(self, finding: Finding) -> bool:
        """Say whether the finding, with all it touches, was there before."""
        known = self.findings.get(finding.fingerprint)
        return known is not None and set(finding.objects) <= set(known.objects)


def load(text: str) -> Baseline:
    """Read a baseline file; one that cannot be read is ``BaselineInvalid``, never an empty baseline."""
    try:
        content = json.loads(text)
    except ValueError as error:
        where = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        raise BaselineInvalid(
            f"is {'not JSON' if text.strip() else 'empty'}{where if text.strip() else ''}."
        ) from error
    if not isinstance(content, dict) or not isinstance(content.get("findings"), dict):
        raise BaselineInvalid('is JSON, but no baseline: it has no object "findings".')
    if content.get("version") != _VERSION:
        raise BaselineInvalid(f"has version {content.get('version')!r}; this tenantry reads {_VERSION!r}.")
    return Baseline({key: _read(key, entry) for key, entry in content["findings"].items()})


def dump(baseline: Baseline) -> str:
    """Write a baseline file: sorted, so that a review shows only what changed."""
    entries = {key: _entry(known) for key, known in sorted(baseline.findings.items())}
    return json.dumps({"version": _VERSION, "findings": entries}, indent=2) + "\n"


def apply(report: Report, baseline: Baseline) -> Report:
    """Keep new findings as findings and move known ones to ``dismissed``, where they fail nothing.

    Entries that no longer occur are reported as one note, so that the baseline gets shrunk.
    """
    new = tuple(finding for finding in report.findings if not baseline.knows(finding))
    known = tuple(_accepted(finding) for finding in report.findings if baseline.knows(finding))
    gone = _gone(baseline, report.findings)
    return replace(report, findings=new + gone, dismissed=report.dismissed + known)


def update(baseline: Baseline | None, report: Report, *, fail_at: Level = Level.WARNING) -> Baseline:
    """Give the baseline without what is gone; the first time (None), give one of all that would fail.

    Takes a report before or after ``apply``. Refuses new findings with ``BaselineGrew``.
    """
    failing = [finding for finding in _undismissed(report) if finding.level.rank <= fail_at.rank]
    if baseline is None:
        return Baseline(_entries(failing))
    if new := [finding for finding in failing if not baseline.knows(finding)]:
        raise BaselineGrew(_refusal(new))
    return Baseline(_entries(finding for finding in _undismissed(report) if baseline.knows(finding)))


def _undismissed(report: Report) -> list[Finding]:
    known = [one for one in report.dismissed if isinstance(one, Accepted) and one.by is AcceptedBy.BASELINE]
    return [*report.findings, *known]


def _entries(findings: Iterable[Finding]) -> dict[str, Known]:
    entries: dict[str, Known] = {}
    # why: of several with one fingerprint, the same one must lend its words whatever order they came in
    for finding in sorted(findings, key=lambda one: (one.message, one.objects)):
        known = Known(finding.code, finding.relation, finding.message, tuple(sorted(set(finding.objects))))
        earlier = entries.get(finding.fingerprint)
        entries[finding.fingerprint] = earlier.merged(known) if earlier else known
    return entries


def _accepted(finding: Finding) -> Accepted:
    return accepted(finding, by=AcceptedBy.BASELINE, reason="Known: it is in the baseline.")


def _gone(baseline: Baseline, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    found = {finding.fingerprint for finding in findings}
    gone = sorted(
        f"{known.code} {known.relation}".strip() for key, known in baseline.findings.items() if key not in found
    )
    if not gone:
        return ()
    note = Finding(
        code=GONE,
        name="baseline_can_shrink",
        level=Level.NOTE,
        kind=Kind.HYGIENE,
        proof=Proof.LINT,
        message=f"{counted(len(gone), 'entry', 'entries')} of the baseline did not occur: {few(gone)}.",
        meaning="As long as an entry stays, the finding may come back without failing a run.",
        objects=tuple(gone),
        declare="Update the baseline.",
    )
    return (note,)


def _refusal(new: list[Finding]) -> str:
    names = few([f"{finding.code} {finding.relation}".strip() for finding in new])
    return f"{counted(len(new), 'finding is', 'findings are')} not in the baseline: {names}."


def _known(entry: Mapping[str, Any]) -> Known:
    objects = tuple(str(name) for name in entry.get("objects", ()))
    return Known(str(entry["code"]), str(entry["relation"]), str(entry["message"]), objects)


def _read(key: str, entry: Any) -> Known:
    try:
        return _known(entry)
    except (LookupError, TypeError, AttributeError) as error:
        raise BaselineInvalid(f"has an entry, {key}, without code, relation and message.") from error


def _entry(known: Known) -> dict[str, object]:
    entry: dict[str, object] = {"code": known.code, "message": known.message, "relation": known.relation}
    return entry | {"objects": list(known.objects)} if known.objects else entry
