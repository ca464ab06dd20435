"""Is every mistake of the reference application found, what is right left alone, and the tight state clean?

The same for a schema that was not written for tenantry: pagila.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from dumps import dumped, load_dump
from examples.restaurant import data
from verifying import report_on

from tenantry.testing.databases import Database, Loader, Workshop
from tenantry.verify.model import Finding, Level, Report, Verdict

PROJECT = Path(__file__).parent.parent.parent
RESTAURANT = PROJECT / "examples" / "restaurant"
PAGILA_STORE_TABLES = {"customer", "inventory", "payment", "rental", "staff", "store"}


@dataclass(frozen=True)
class Evidence:
    """A finding that must be there: its code, whether it was attacked, and where it is."""

    code: str
    proof: str = "attacked"
    relation: str = ""
    role: str = "restaurant_app"
    naming: str = ""

    def is_given_by(self, finding: Finding) -> bool:
        """Say whether a finding is this one."""
        return (
            (finding.code, finding.proof) == (self.code, self.proof)
            and (finding.relation == f"public.{self.relation}" if self.relation else True)
            and (finding.role == self.role if self.proof == "attacked" else True)
            and self.naming in f"{finding.message} {' '.join(finding.objects)}"
        )


def attacked(code: str, relation: str = "", *, role: str = "restaurant_app", naming: str = "") -> Evidence:
    return Evidence(code, "attacked", relation, role, naming)


def read(code: str, relation: str = "", *, naming: str = "") -> Evidence:
    return Evidence(code, "lint", relation, naming=naming)


JOBS = "restaurant_background"
SEARCH = "search_customers(p_query text, p_limit integer)"
MISTAKES: dict[int, list[Evidence]] = {
    1: [attacked("A01", "staff_documents"), attacked("A04", "staff_documents"), read("T01", "staff_documents")],
    2: [attacked("A01", "waitlist_entries"), attacked("A02", "waitlist_entries"), read("T47")],
    3: [attacked("A01", "ledger_entries", role=JOBS), attacked("B14", role=JOBS), read("T51", "ledger_entries")],
    4: [attacked("B01", "todays_bookings"), read("T04", "todays_bookings")],
    5: [attacked("B01", "monthly_revenue"), read("T05", "monthly_revenue")],
    6: [attacked("B04", SEARCH), read("T06", naming="search_customers")],
    7: [attacked("B18", naming="current_restaurant_id"), read("T07", naming="current_restaurant_id"), read("T48")],
    8: [attacked("B03", "analytics_events_2026_11"), read("T08", "analytics_events")],
    9: [attacked(code, "capacity_outbox") for code in ("A01", "A04", "A08")],
    10: [attacked("A02", "feedback"), read("T12", "feedback")],
    11: [attacked("A05", "holds"), read("T12", "holds")],
    12: [attacked("A08", "menu_items"), read("T60", "menu_items")],
    13: [
        *(attacked(code, naming="public.opening_hours") for code in ("A09", "B16", "B17")),
        *(read(code, naming="opening_hours") for code in ("T15", "T16", "T17")),
    ],
    14: [attacked("B08", naming="public.bookings (customer_id)"), read("T19", "bookings")],
    15: [attacked("B06", naming="public.gift_cards (code)"), read("T20", "gift_cards")],
    16: [attacked("A03", "restaurant_members"), read("T12", "restaurant_members")],
    17: [read("T30", "audit_log")],
    18: [read("T29", naming="booking_table_assignments")],
    19: [attacked("A01", "allocations"), attacked("A08", "allocations"), read("T69", "allocations")],
    20: [attacked("B09", naming="app.restaurant_id"), read("T68", naming="set_restaurant_context")],
}
RIGHT = [
    *("customers", "dining_tables", "invitations", "restaurants", "users", "table_hold_members"),
    *("bookings", "gift_cards", "analytics_events", "restaurant_revenue", "countries", "time_zones", "cuisines"),
]


# -- the restaurants ----------------------------------------------------------------------------------


def loader(state: str) -> Loader:
    """Give what loads a state of the schema and its rows."""

    def load(connection: psycopg.Connection) -> None:
        for file in sorted((RESTAURANT / "schema" / state).glob("*.sql")):
            connection.execute(file.read_text(encoding="utf-8").encode())
        data.load(connection)

    return load


@pytest.fixture(scope="session")
def before(workshop: Workshop) -> Iterator[Report]:
    """Give the report on the state with mistakes, without a blueprint."""
    with workshop.database(workshop.template("restaurant_before", loader("before"))) as database:
        yield report_on(database)


@pytest.mark.parametrize("number", MISTAKES)
def test_each_mistake_is_found(before: Report, number: int) -> None:
    missing = [
        evidence
        for evidence in MISTAKES[number]
        if not any(evidence.is_given_by(finding) for finding in before.findings)
    ]
    assert missing == []


def test_every_mistake_that_is_written_down_is_looked_for() -> None:
    text = (RESTAURANT / "MISTAKES.md").read_text(encoding="utf-8")
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(MISTAKES)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_not_called_leaking(before: Report, name: str) -> None:
    relation = f"public.{name}"
    accused = [one for one in before.findings if one.relation == relation and one.kind == "leak"]
    leaking = [one for one in before.matrix if one.relation == relation and one.verdict is Verdict.LEAK]

    assert [one.message for one in accused if one.proof == "attacked"] == []
    # the jobs' login is a member of the owner (mistake 3), and so may write what all share
    assert [one for one in leaking if one.role != JOBS or name not in ("countries", "time_zones", "cuisines")] == []


def test_opening_hours_are_lost_by_truncate_alone(before: Report) -> None:
    found = {one.code for one in before.findings if one.relation == "public.opening_hours" and one.kind == "leak"}
    assert found == {"A09"}


def test_a_function_that_asks_with_its_callers_rights_is_not_called_leaking(before: Report) -> None:
    assert [one.message for one in before.findings if "confirm_hold" in one.relation] == []


def test_the_fix_reads_the_setting_that_policies_read(before: Report) -> None:
    fixes = [one.fix for one in before.findings if (one.code, one.relation) == ("A01", "public.allocations")]
    assert [fix for fix in fixes if "'app.restaurant_id'" not in fix] == []


def test_no_finding_shows_a_value_of_a_guest(before: Report) -> None:
    said = [text for one in before.findings for text in (one.message, one.statement, *one.stolen)]
    said += [one.evidence for one in before.matrix]
    assert [text for text in said if re.search(r"\+44 1632|@example", text)] == []


def test_the_tight_state_is_clean(
    template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]
) -> None:
    database = clone(template_database("restaurant_clean", loader("clean")))
    database.execute((RESTAURANT / "schema" / "clean" / "12_database.sql").read_text(encoding="utf-8"))

    report = without_server_age(report_on(database, (RESTAURANT / "clean.toml").read_text(encoding="utf-8")))

    assert [(one.code, one.relation, one.message) for one in report.findings if one.level is not Level.NOTE] == []
    assert report.unproven == ()
    assert report.exit_status() == 0


def without_server_age(report: Report) -> Report:
    """Leave out that the server itself lacks repairs: that is no trait of the schema."""
    return replace(report, findings=tuple(one for one in report.findings if one.code != "T21"))


# -- the demonstration --------------------------------------------------------------------------------


@pytest.mark.parametrize("server", [18], indirect=True)
def test_the_demonstration_shows_stolen_rows_masked(server: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.restaurant.demo"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("rows of 22 other restaurants in sight") == 5
    assert "FAILED (exit status 1)" in done.stdout
    assert "once more. CLEAN (exit status 0)" in done.stdout
    assert done.stdout.count("\n  0 of other restaurants in sight") == 9
    assert re.search(r"\+44 1632|@example|[0-9a-f]{8}-[0-9a-f]{4}", done.stdout) is None


# -- pagila -------------------------------------------------------------------------------------------


@pytest.fixture
def pagila(inputs: Path, clone: Callable[[str], Database], template_database: Callable[[str, Loader], str]) -> Database:
    """Give the DVD rental shops: real, without row security, and not written for this test."""
    dump = inputs / "pagila" / "pagila.sql"
    return clone(template_database("pagila", lambda connection: load_dump(connection, dump)))


def test_pagila_is_verified_end_to_end_and_left_as_it_was(pagila: Database, tmp_path: Path) -> None:
    was = dumped(pagila)
    done = subprocess.run(
        [sys.executable, "-m", "tenantry", "verify", pagila.url(), "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert leaking_tables(json.loads(done.stdout)) >= {f"public.{name}" for name in PAGILA_STORE_TABLES}
    assert dumped(pagila) == was
    assert list(tmp_path.iterdir()) == []


def leaking_tables(report: dict[str, list[dict[str, str]]]) -> set[str]:
    return {
        one["relation"]
        for one in report["findings"]
        if (one["code"], one["level"], one["proof"]) == ("A01", "error", "attacked")
    }
