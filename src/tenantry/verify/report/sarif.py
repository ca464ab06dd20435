"""What does a code scanner's dashboard read? SARIF 2.1.0 (OASIS), within what GitHub asks of it.

A database has no lines, but GitHub shows no result without one: each result points at line 1 of the
blueprint, and names the relation as its logical location.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import tenantry
from tenantry.verify.model import Finding, Kind, Level, Report, Skipped
from tenantry.verify.report.accepted import reason_of
from tenantry.verify.report.neutral import neutralised, visible
from tenantry.verify.report.options import Options

__all__ = ["render"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Json = dict[str, Any]


def render(report: Report, options: Options) -> str:
    """Write one SARIF run."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, options)]}
    return json.dumps(log, indent=2) + "\n"


def _run(report: Report, options: Options) -> Json:
    everything = (*report.worst_first(), *report.dismissed)
    codes = sorted({finding.code for finding in everything})
    return {
        "tool": {"driver": _driver([_rule(code, everything) for code in codes])},
        "automationDetails": {"id": f"tenantry/{visible(report.server.database)}"},
        "invocations": [_invocation(report, options)],
        "columnKind": "utf16CodeUnits",
        "results": _results(report, codes, options),
    }


def _driver(rules: list[Json]) -> Json:
    version = tenantry.__version__
    return {"name": "tenantry", "version": version, "semanticVersion": version, "rules": rules}


def _rule(code: str, findings: Iterable[Finding]) -> Json:
    worst = min((one for one in findings if one.code == code), key=lambda one: one.level.rank)
    title = visible(worst.name).replace("_", " ") or visible(code)
    return {
        "id": visible(code),
        "name": visible(worst.name) or visible(code),
        "shortDescription": {"text": title},
        "fullDescription": {"text": _message(visible(worst.meaning)) or title},
        "help": {"text": _message(visible(worst.meaning)) or title},
        "defaultConfiguration": {"level": worst.level.value},
        "properties": {
            "tags": ["security", "multi-tenancy", worst.kind.value],
            "precision": "very-high",
            "security-severity": _severity(worst),
        },
    }


def _severity(finding: Finding) -> str:
    """Rank by the scale GitHub reads: over 9 critical, 7 high, 4 medium, below that low."""
    if finding.level is Level.ERROR:
        return "9.5" if finding.kind is Kind.LEAK else "8.0"
    return "5.0" if finding.level is Level.WARNING else "2.0"


def _results(report: Report, codes: list[str], options: Options) -> list[Json]:
    seen: Counter[str] = Counter()
    results = []
    for finding in (*report.worst_first(), *report.dismissed):
        seen[finding.fingerprint] += 1
        identity = f"{finding.fingerprint}:{seen[finding.fingerprint]}"
        result = _result(finding, codes.index(finding.code), identity, options)
        results.append(result)
    for result, finding in zip(results[len(report.findings) :], report.dismissed, strict=True):
        result["suppressions"] = [_suppression(finding)]
    return results


def _result(finding: Finding, rule_index: int, identity: str, options: Options) -> Json:
    plain = neutralised(finding)
    return {
        "ruleId": plain.code,
        "ruleIndex": rule_index,
        "level": plain.level.value,
        "message": {"text": _explanation(plain)},
        "locations": [_location(plain, options)],
        # why: GitHub knows an alert again by primaryLocationLineHash, else by a line that we do not have
        "partialFingerprints": {
            "primaryLocationLineHash": identity,
            "tenantryFinding/v1": finding.fingerprint,
        },
        "properties": {
            "kind": plain.kind.value,
            "proof": plain.proof.value,
            "verb": str(plain.verb),
            "role": plain.role,
            "subject": plain.subject,
            "intended": plain.intended,
        },
    }


def _explanation(finding: Finding) -> str:
    parts = [finding.message, finding.meaning]
    if finding.stolen:
        parts.append(f"Reached: {'; '.join(finding.stolen)}.")
    if finding.fix:
        parts.append(f"To mend it, review and run:\n{finding.fix}")
    if finding.intended:
        parts.append(f"May be intended. {finding.declare}")
    return _message("\n".join(part for part in parts if part)) or finding.code


def _message(text: str) -> str:
    """Keep names from forming links, which SARIF messages may hold (SARIF 2.1.0, 3.11.6)."""
    return text.replace("](", "] (")


def _location(finding: Finding, options: Options) -> Json:
    names = [name for name in dict.fromkeys((finding.relation, *finding.objects)) if name]
    location: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(options.source, safe="/.-_~") or "database"},
            "region": {"startLine": 1},
        }
    }
    if names:
        location["logicalLocations"] = [
            {"fullyQualifiedName": name, "name": name, "kind": "resource"} for name in names
        ]
    return location


def _suppression(finding: Finding) -> Json:
    return {"kind": "external", "status": "accepted", "justification": visible(reason_of(finding))}


def _invocation(report: Report, options: Options) -> Json:
    notes = [_notification(item, "warning") for item in report.unproven]
    notes += [_notification(item, "note") for item in report.skipped]
    return {
        # why: a check that could not run is an error, never "no findings"
        "executionSuccessful": not report.unproven,
        "exitCode": report.exit_status(fail_at=options.fail_at),
        "toolExecutionNotifications": notes,
    }


def _notification(item: Skipped, level: str) -> Json:
    return {"level": level, "message": {"text": _message(visible(f"{item.what}: {item.why}"))}}
