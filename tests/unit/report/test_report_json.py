"""Does the JSON report keep its contract?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sample_reports import HOSTILE, LEAK, clean_report, hostile_report, large_report, report

from tenantry.verify.model import Level
from tenantry.verify.report import Format, Options, json_schema, render
from tenantry.verify.report.accepted import AcceptedBy, accepted

KEYS = [
    "version", "tenantry", "server", "roles", "subjects", "guesses", "matrix", "findings", "dismissed",
    "unproven", "skipped", "mutations", "kill_ratio", "counts", "seconds", "exit_status",
]  # fmt: skip


def written(of) -> dict:
    return json.loads(render(of, Format.JSON))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("of", [report(), clean_report(), hostile_report(), large_report()])
def test_every_report_validates_against_the_schema(of) -> None:
    Draft202012Validator(json_schema()).validate(written(of))


def test_a_dismissed_finding_validates_and_says_why_and_until_when() -> None:
    hidden = accepted(LEAK, by=AcceptedBy.DISMISSAL, reason="being mended", until=date(2030, 1, 2))
    content = written(report(dismissed=(hidden, LEAK)))
    Draft202012Validator(json_schema()).validate(content)
    assert content["dismissed"][0]["reason"] == "being mended"
    assert content["dismissed"][0]["until"] == "2030-01-02"


def test_the_top_level_keys_are_those_promised() -> None:
    assert list(written(report())) == KEYS


def test_an_unknown_key_breaks_the_contract() -> None:
    assert not Draft202012Validator(json_schema()).is_valid(written(report()) | {"more": 1})


def test_findings_come_worst_first() -> None:
    assert [finding["code"] for finding in written(report())["findings"]] == ["A01", "R01", "T01", "H01"]


def test_a_database_wide_finding_has_no_relation() -> None:
    found = next(one for one in written(report())["findings"] if one["code"] == "R01")
    assert found["relation"] is None
    assert found["objects"] == ["app"]


def test_counts_add_up() -> None:
    counts = written(report())["counts"]
    assert counts["findings"] == {"error": 2, "warning": 1, "note": 1}
    assert counts["cells"] == {"denied": 2, "own_rows": 3, "leak": 1, "unproven": 1}


def test_the_kill_ratio_is_null_without_sabotage() -> None:
    assert written(report())["kill_ratio"] == 0.5
    assert written(report(mutations=()))["kill_ratio"] is None


def test_the_exit_status_follows_the_level_at_which_to_fail() -> None:
    notes = report(findings=(replace(LEAK, level=Level.NOTE),), unproven=())
    assert json.loads(render(notes, Format.JSON))["exit_status"] == 0
    assert json.loads(render(notes, Format.JSON, Options(fail_at=Level.NOTE)))["exit_status"] == 1


def test_hostile_names_are_exact_and_only_ascii_is_written() -> None:
    text = render(hostile_report(), Format.JSON)
    assert text.isascii()
    assert all(char.isprintable() or char == "\n" for char in text)
    assert json.loads(text)["matrix"][0]["relation"] == HOSTILE


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_survives_the_round_trip(name: str) -> None:
    content = written(hostile_report(name))
    assert content["findings"][0]["relation"] == name
    Draft202012Validator(json_schema()).validate(content)
