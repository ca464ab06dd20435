"""Does a dismissal hide what it names, with a reason, for a time, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import DATABASE_WIDE, LEAK, WEAKNESS, clean_report, finding

from tenantry.errors import DismissalInvalid
from tenantry.verify.model import Level
from tenantry.verify.report.accepted import Accepted
from tenantry.verify.report.dismissal import STALE, Dismissal, apply, check

TODAY = date(2026, 11, 21)
PLAN = Dismissal("T01", "public.plan", "plans are the same for all")


def failing(*findings):
    return clean_report(findings=findings)


def test_a_dismissed_finding_is_kept_but_fails_nothing() -> None:
    after = apply(failing(WEAKNESS), [PLAN], TODAY)
    assert (after.findings, after.exit_status()) == ((), 0)
    (hidden,) = after.dismissed
    assert isinstance(hidden, Accepted)
    assert hidden.reason == "plans are the same for all"
    assert hidden.fingerprint == WEAKNESS.fingerprint


def test_another_code_or_relation_is_not_hidden() -> None:
    others = (replace(WEAKNESS, code="T02"), replace(WEAKNESS, relation="public.plan2"))
    assert apply(failing(*others), [PLAN], TODAY).findings[:2] == others


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_dismissal_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(DismissalInvalid, match="no reason"):
        apply(clean_report(), [replace(PLAN, reason=reason)], TODAY)


def test_an_expired_dismissal_is_refused() -> None:
    with pytest.raises(DismissalInvalid, match="expired on 2026-11-20"):
        apply(clean_report(), [replace(PLAN, until=TODAY - timedelta(days=1))], TODAY)


def test_a_dismissal_holds_on_its_last_day() -> None:
    assert apply(failing(WEAKNESS), [replace(PLAN, until=TODAY)], TODAY).findings == ()


def test_dismissals_can_be_checked_before_attacking() -> None:
    check([PLAN], TODAY)
    with pytest.raises(DismissalInvalid):
        check([PLAN, replace(PLAN, reason="")], TODAY)


def test_a_proved_leak_needs_a_last_day() -> None:
    leak = Dismissal("A01", "public.booking", "being mended")
    with pytest.raises(DismissalInvalid, match="until"):
        apply(failing(LEAK), [leak], TODAY)
    assert apply(failing(LEAK), [replace(leak, until=TODAY)], TODAY).findings == ()


def test_a_leak_that_is_no_error_needs_no_last_day() -> None:
    note = LEAK.at_level(Level.WARNING)
    assert apply(failing(note), [Dismissal("A01", "public.booking", "public")], TODAY).findings == ()


def test_of_several_the_one_with_a_last_day_counts() -> None:
    wide, dated = Dismissal("A01", "*", "any"), Dismissal("A01", "public.booking", "soon", TODAY)
    assert apply(failing(LEAK), [wide, dated], TODAY).dismissed[0].reason == "soon"  # type: ignore[attr-defined]


def test_a_dismissal_that_matches_nothing_is_a_note() -> None:
    (note,) = apply(clean_report(), [PLAN], TODAY).findings
    assert (note.code, note.level) == (STALE, Level.NOTE)
    assert "T01 on public.plan" in note.message


@pytest.mark.parametrize(
    ("pattern", "relation", "covered"),
    [
        ("*", "public.booking", True),
        ("public.*", "public.booking", True),
        ("public.*", "private.booking", False),
        ("public.book*", "public.booking", True),
        ("*.booking", 'public."booking"', True),
        ("public.booking", '"public"."booking"', True),
        ("public.booking", 'public."Booking"', False),
        ('public."Booking"', '"public"."Booking"', True),
        ('public."a""b"', 'public."ab"', False),
        ("public.book?ng", "public.booking", False),
        ("public.[a-z]ooking", "public.booking", False),
        ("publicxbooking", "public.booking", False),
        ("public.booking", "public.booking\n", False),
    ],
)
def test_a_star_stands_for_anything_and_nothing_else_does(pattern: str, relation: str, covered: bool) -> None:
    assert Dismissal("T01", pattern, "why").covers(finding(relation=relation)) is covered


def test_an_empty_relation_means_the_database_and_a_star_means_everything() -> None:
    database = Dismissal("R01", "", "why")
    assert database.covers(DATABASE_WIDE)
    assert not database.covers(replace(DATABASE_WIDE, relation="public.booking"))
    assert replace(database, relation="*").covers(DATABASE_WIDE)


@given(st.text(min_size=1))
def test_any_name_without_a_star_covers_itself(name: str) -> None:
    assert Dismissal("T01", name, "why").covers(finding(relation=name))
