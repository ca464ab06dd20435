"""What does a program read? The versioned contract, with every name exactly as the database has it.

Only ASCII is written, so that a hostile name is harmless in a terminal and still exact to a parser.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import tenantry
from tenantry.verify.model import Cell, Finding, Level, MutationResult, Report, Skipped, Verdict
from tenantry.verify.report.accepted import Accepted, AcceptedBy, reason_of
from tenantry.verify.report.conclusion import kill_ratio
from tenantry.verify.report.options import Options

__all__ = ["contract", "render"]


def render(report: Report, options: Options) -> str:
    """Write the contract as JSON."""
    return json.dumps(contract(report, options), indent=2, allow_nan=False) + "\n"


def contract(report: Report, options: Options) -> dict[str, Any]:
    """Give the report as plain values; ``json_schema`` describes them."""
    return {
        "version": report.version,
        "tenantry": tenantry.__version__,
        "server": asdict(report.server),
        "roles": [asdict(role) for role in report.roles],
        "subjects": [asdict(subject) for subject in report.subjects],
        "guesses": list(report.guesses),
        "matrix": [_cell(cell) for cell in report.matrix],
        "findings": [_finding(finding) for finding in report.worst_first()],
        "dismissed": [_dismissed(finding) for finding in report.dismissed],
        "unproven": _skipped(report.unproven),
        "skipped": _skipped(report.skipped),
        "mutations": [_mutation(mutation) for mutation in report.mutations],
        "kill_ratio": kill_ratio(report.mutations),
        "counts": _counts(report),
        "seconds": round(report.seconds, 3),
        "exit_status": report.exit_status(fail_at=options.fail_at),
    }


def _cell(cell: Cell) -> dict[str, str]:
    return {
        "relation": cell.relation,
        "verb": cell.verb.value,
        "role": cell.role,
        "subject": cell.subject,
        "verdict": cell.verdict.value,
        "evidence": cell.evidence,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "code": finding.code,
        "name": finding.name,
        "level": finding.level.value,
        "kind": finding.kind.value,
        "relation": finding.relation or None,
        "objects": list(finding.objects),
        "verb": str(finding.verb),
        "role": finding.role,
        "subject": finding.subject,
        "proof": finding.proof.value,
        "message": finding.message,
        "meaning": finding.meaning,
        "fix": finding.fix,
        "statement": finding.statement,
        "stolen": list(finding.stolen),
        "intended": finding.intended,
        "declare": finding.declare,
    }


def _dismissed(finding: Finding) -> dict[str, Any]:
    until = finding.until if isinstance(finding, Accepted) else None
    return _finding(finding) | {
        "reason": finding.reason if isinstance(finding, Accepted) else reason_of(finding),
        "until": until.isoformat() if until else None,
        "by": (finding.by if isinstance(finding, Accepted) else AcceptedBy.DISMISSAL).value,
    }


def _skipped(items: Iterable[Skipped]) -> list[dict[str, str]]:
    return [{"what": item.what, "why": item.why} for item in items]


def _mutation(mutation: MutationResult) -> dict[str, str | bool]:
    return {
        "control": mutation.control,
        "statement": mutation.statement,
        "killed_by": mutation.killed_by,
        "is_killed": mutation.is_killed,
    }


def _counts(report: Report) -> dict[str, Any]:
    levels = Counter(finding.level for finding in report.findings)
    verdicts = Counter(cell.verdict for cell in report.matrix)
    return {
        "findings": {level.value: levels[level] for level in Level},
        "cells": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "dismissed": len(report.dismissed),
        "unproven": len(report.unproven),
        "skipped": len(report.skipped),
        "mutations": len(report.mutations),
        "attacks_run": report.attacks_run,
        "lints_run": report.lints_run,
    }
