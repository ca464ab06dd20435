"""Does a code scanner understand the SARIF report?"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for
from sample_reports import LEAK, NOTE, clean_report, hostile_report, large_report, report
from sarif_subset import SUBSET

from tenantry.verify.report import Format, Options, render
from tenantry.verify.report.accepted import AcceptedBy, accepted

OFFICIAL = os.environ.get("TENANTRY_SARIF_SCHEMA", "")
SCHEMAS = {"subset": SUBSET} | (
    {"official": json.loads(Path(OFFICIAL).read_text(encoding="utf-8"))} if OFFICIAL else {}
)
HIDDEN = accepted(LEAK, by=AcceptedBy.DISMISSAL, reason="a public list", until=date(2030, 1, 2))


def run_of(of, **options) -> dict:
    return json.loads(render(of, Format.SARIF, Options(**options)))["runs"][0]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
@pytest.mark.parametrize(
    "of", [report(), clean_report(), hostile_report(), large_report(), report(dismissed=(HIDDEN,))]
)
def test_every_report_validates(of, schema) -> None:
    validator_for(schema)(schema).validate(json.loads(render(of, Format.SARIF)))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_validates(name: str) -> None:
    for schema in SCHEMAS.values():
        validator_for(schema)(schema).validate(json.loads(render(hostile_report(name), Format.SARIF)))


def test_each_code_is_one_rule_and_each_result_points_at_it() -> None:
    run = run_of(report(findings=(LEAK, replace(LEAK, relation="public.x"), NOTE)))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["A01", "H01"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_levels_are_those_of_the_findings() -> None:
    assert [result["level"] for result in run_of(report())["results"]] == [
        "error",
        "error",
        "warning",
        "note",
    ]


def test_a_result_names_its_relation_and_a_line_to_show_it_at() -> None:
    location = run_of(report(), source="tenantry.toml")["results"][0]["locations"][0]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "public.booking"
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "tenantry.toml"
    assert location["physicalLocation"]["region"]["startLine"] == 1


def test_without_a_blueprint_the_place_is_the_database() -> None:
    location = run_of(report())["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "database"


def test_a_result_is_known_again_by_its_fingerprint() -> None:
    prints = run_of(report())["results"][0]["partialFingerprints"]
    assert prints["tenantryFinding/v1"] == LEAK.fingerprint


def test_findings_with_one_fingerprint_stay_apart() -> None:
    twins = (LEAK, replace(LEAK, subject="a stranger"))
    prints = [
        one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(report(findings=twins))["results"]
    ]
    assert len(set(prints)) == 2


def test_a_dismissed_finding_is_suppressed_with_its_reason() -> None:
    *open_, hidden = run_of(report(dismissed=(HIDDEN,)))["results"]
    assert hidden["suppressions"][0]["justification"] == "a public list (until 2030-01-02)"
    assert not any("suppressions" in result for result in open_)


def test_an_unproven_run_is_not_a_successful_one() -> None:
    assert run_of(report())["invocations"][0]["executionSuccessful"] is False
    assert run_of(clean_report())["invocations"][0]["executionSuccessful"] is True


def test_hostile_names_are_visible_and_form_no_link() -> None:
    text = json.dumps(run_of(hostile_report())["results"], ensure_ascii=False)
    assert all(char.isprintable() for char in text)
    assert not [one for one in run_of(hostile_report())["results"] if "](" in one["message"]["text"]]
