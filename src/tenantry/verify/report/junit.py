"""What does a build server's test page read? JUnit XML: one test per attack, and one per other finding.

A finding that no leaking cell shows gets a test of its own, so that the page is never green on a failed run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as Xml

from tenantry.verify.model import Cell, Finding, Report, Skipped, Verdict
from tenantry.verify.report.accepted import reason_of
from tenantry.verify.report.neutral import neutralised, visible
from tenantry.verify.report.options import Options

__all__ = ["render"]

Place = tuple[str, str, str]
ByPlace = Mapping[Place, list[Finding]]


def render(report: Report, options: Options) -> str:
    """Write three suites: the matrix, the findings it does not show, and what was not tried."""
    plain = neutralised(report)
    open_, accepted = _by_place(plain.worst_first()), _by_place(plain.dismissed)
    suites = [
        _suite("tenantry matrix", [_cell(cell, open_, accepted) for cell in plain.matrix]),
        _suite("tenantry findings", _other_findings(plain, options)),
        _suite("tenantry not tried", _untried(plain)),
    ]
    root = Xml.Element("testsuites", {"name": f"tenantry {plain.server.database}", "time": f"{plain.seconds:.3f}"})
    root.extend(suites)
    for total in ("tests", "failures", "errors", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in suites)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suite(name: str, cases: list[Xml.Element]) -> Xml.Element:
    suite = Xml.Element("testsuite", {"name": name, "tests": str(len(cases))})
    for total, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(total, str(sum(case.find(outcome) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _case(group: str, name: str) -> Xml.Element:
    return Xml.Element("testcase", {"classname": group, "name": name, "time": "0"})


def _outcome(case: Xml.Element, outcome: str, message: str, details: str = "") -> Xml.Element:
    told = Xml.SubElement(case, outcome, {"message": message})
    told.text = details or None
    return case


def _cell(cell: Cell, open_: ByPlace, accepted: ByPlace) -> Xml.Element:
    case = _case(cell.relation, f"{cell.verb} as {cell.role} ({cell.subject})")
    if cell.verdict is Verdict.UNPROVEN:
        return _outcome(case, "error", "unproven: it could not be tried", cell.evidence)
    if cell.verdict is not Verdict.LEAK:
        return case
    about, decided = open_.get(_place(cell), []), accepted.get(_place(cell), [])
    if decided and not about:
        return _outcome(case, "skipped", f"leak, accepted: {reason_of(decided[0])}")
    details = "\n\n".join(map(_details, about))
    return _outcome(case, "failure", cell.evidence or "another tenant's rows were reached", details)


def _place(thing: Cell | Finding) -> Place:
    return (thing.relation, str(thing.verb), thing.role)


def _by_place(findings: Iterable[Finding]) -> ByPlace:
    places: dict[Place, list[Finding]] = {}
    for finding in findings:
        places.setdefault(_place(finding), []).append(finding)
    return places


def _other_findings(report: Report, options: Options) -> list[Xml.Element]:
    """Give a test for each finding that no leaking cell tells of."""
    told = {_place(cell) for cell in report.matrix if cell.verdict is Verdict.LEAK}
    open_ = [_finding(one, options) for one in report.worst_first() if _place(one) not in told]
    hidden = [one for one in report.dismissed if _place(one) not in told]
    return open_ + [_outcome(_finding_case(one), "skipped", f"accepted: {reason_of(one)}") for one in hidden]


def _finding(finding: Finding, options: Options) -> Xml.Element:
    case = _finding_case(finding)
    if finding.level.rank <= options.fail_at.rank:
        return _outcome(case, "failure", f"{finding.level}: {finding.message}", _details(finding))
    Xml.SubElement(case, "system-out").text = f"{finding.level}: {finding.message}\n{_details(finding)}"
    return case


def _finding_case(finding: Finding) -> Xml.Element:
    where = [finding.relation, *finding.objects, str(finding.verb), finding.role]
    name = " ".join([finding.code, finding.name, *(word for word in where if word)])
    return _case(finding.relation or "database", name)


def _details(finding: Finding) -> str:
    parts = (
        f"{finding.code} {finding.name}: {finding.message}",
        finding.meaning,
        finding.statement,
        finding.fix,
    )
    return "\n".join(part for part in parts if part)


def _untried(report: Report) -> list[Xml.Element]:
    unproven = [_outcome(_case("unproven", item.what), "error", visible(item.why)) for item in report.unproven]
    return unproven + [_skipped(item) for item in report.skipped]


def _skipped(item: Skipped) -> Xml.Element:
    return _outcome(_case("skipped", item.what), "skipped", item.why)
