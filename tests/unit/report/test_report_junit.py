"""Does a build server's test page tell the same story as the report?"""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import LEAK, NOTE, WEAKNESS, clean_report, hostile_report, large_report, report

from tenantry.verify.model import Level
from tenantry.verify.report import Format, Options, render
from tenantry.verify.report.accepted import AcceptedBy, accepted


def written(of, **options) -> ElementTree.Element:
    return ElementTree.fromstring(render(of, Format.JUNIT, Options(**options)))


def case(root: ElementTree.Element, start: str) -> ElementTree.Element:
    return next(one for one in root.iter("testcase") if one.get("name", "").startswith(start))


def outcome(found: ElementTree.Element) -> list[str]:
    return [child.tag for child in found]


def test_each_cell_is_one_test() -> None:
    matrix = written(report()).find("testsuite[@name='tenantry matrix']")
    assert matrix is not None
    assert len(matrix) == len(report().matrix)


def test_a_leak_fails_with_what_happened_and_how_to_mend_it() -> None:
    failure = case(written(report()), "select as app_user").find("failure")
    assert failure is not None
    assert LEAK.message in (failure.text or "")
    assert "create policy" in (failure.text or "")


def test_unproven_is_an_error_not_a_skip() -> None:
    assert outcome(case(written(report()), "insert as app_user")) == ["error"]
    assert outcome(case(written(report()), "insert into public.slot")) == ["error"]


def test_denied_and_own_rows_pass() -> None:
    assert outcome(case(written(report()), "select as anon")) == []
    assert outcome(case(written(report()), "delete as app_user")) == []


def test_a_database_wide_finding_is_a_test_of_its_own() -> None:
    assert outcome(case(written(report()), "R01")) == ["failure"]


def test_a_lint_finding_on_a_relation_is_a_test_of_its_own() -> None:
    assert outcome(case(written(report()), "T01")) == ["failure"]


def test_a_note_fails_only_where_notes_fail() -> None:
    assert outcome(case(written(report()), "H01")) == ["system-out"]
    assert outcome(case(written(report(), fail_at=Level.NOTE), "H01")) == ["failure"]


def test_an_accepted_leak_is_skipped_with_its_reason() -> None:
    hidden = accepted(LEAK, by=AcceptedBy.DISMISSAL, reason="a public list")
    skipped = case(written(report(findings=(), dismissed=(hidden,))), "select as app_user").find("skipped")
    assert skipped is not None
    assert "a public list" in skipped.get("message", "")


@pytest.mark.parametrize(
    "of", [report(), clean_report(), large_report(), report(matrix=()), report(unproven=(), matrix=())]
)
def test_the_page_is_red_exactly_when_the_run_fails(of) -> None:
    root = written(of)
    red = int(root.get("failures", "0")) + int(root.get("errors", "0"))
    assert bool(red) == bool(of.exit_status())


def test_totals_are_those_of_the_tests() -> None:
    root = written(report())
    for total, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        assert int(root.get(total, "-1")) == len(list(root.iter(tag)))


def test_one_leak_told_by_two_findings_tells_both() -> None:
    twice = report(findings=(LEAK, replace(LEAK, code="A02"), WEAKNESS, NOTE))
    failure = case(written(twice), "select as app_user").find("failure")
    assert failure is not None
    assert "A01" in (failure.text or "")
    assert "A02" in (failure.text or "")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_makes_well_formed_xml(name: str) -> None:
    text = render(hostile_report(name), Format.JUNIT)
    assert all(char.isprintable() or char == "\n" for char in text)
    ElementTree.fromstring(text)


def test_hostile_names_make_well_formed_xml() -> None:
    assert "\\x1b[31mred" in (case(written(hostile_report()), "select as").get("name") or "")
