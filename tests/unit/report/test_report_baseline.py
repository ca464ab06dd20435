"""Does a baseline hide what was there before, and nothing else?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_reports import DATABASE_WIDE, LEAK, NOTE, WEAKNESS, clean_report, finding, report

from tenantry.errors import BaselineGrew, TenantryError
from tenantry.verify.model import Level
from tenantry.verify.report.baseline import GONE, Baseline, apply, dump, load, update


def failing(*findings):
    return report(findings=findings, unproven=())


def first(*findings) -> Baseline:
    return update(None, failing(*findings))


def test_known_findings_do_not_fail() -> None:
    known = apply(failing(LEAK, WEAKNESS), first(LEAK, WEAKNESS))
    assert known.findings == ()
    assert known.exit_status() == 0
    assert [one.code for one in known.dismissed] == ["A01", "T01"]


def test_a_new_finding_fails() -> None:
    split = apply(failing(LEAK, WEAKNESS), first(WEAKNESS))
    assert split.findings == (LEAK,)
    assert split.exit_status() == 1


def test_known_findings_do_not_hide_what_is_unproven() -> None:
    assert apply(report(findings=(LEAK,)), first(LEAK)).exit_status() == 2


def test_the_first_writing_takes_what_fails_and_leaves_notes() -> None:
    assert set(first(LEAK, NOTE).findings) == {LEAK.fingerprint}
    assert set(update(None, failing(NOTE), fail_at=Level.NOTE).findings) == {NOTE.fingerprint}


def test_an_update_removes_what_is_gone() -> None:
    assert set(update(first(LEAK, WEAKNESS), failing(LEAK)).findings) == {LEAK.fingerprint}


def test_an_update_refuses_to_grow() -> None:
    with pytest.raises(BaselineGrew, match=r"A01 public\.booking"):
        update(first(WEAKNESS), failing(WEAKNESS, LEAK))


def test_an_update_gives_the_same_before_and_after_applying() -> None:
    baseline = first(LEAK, WEAKNESS)
    assert update(baseline, apply(failing(LEAK), baseline)) == update(baseline, failing(LEAK))


def test_an_empty_baseline_is_a_baseline_and_may_not_grow() -> None:
    with pytest.raises(BaselineGrew):
        update(Baseline(), failing(LEAK))


def test_what_is_gone_is_told_in_one_note() -> None:
    (note,) = apply(clean_report(), first(LEAK, WEAKNESS)).findings
    assert (note.code, note.level) == (GONE, Level.NOTE)
    assert "2 entries of the baseline did not occur" in note.message


def test_a_finding_that_touches_one_more_object_is_new() -> None:
    baseline = first(DATABASE_WIDE)
    grown = replace(DATABASE_WIDE, objects=("app", "worker"))
    assert apply(failing(grown), baseline).findings == (grown,)
    assert apply(failing(DATABASE_WIDE), baseline).findings == ()


def test_findings_with_one_fingerprint_are_kept_together() -> None:
    one, other = replace(DATABASE_WIDE, objects=("a",)), replace(DATABASE_WIDE, objects=("b",))
    assert apply(failing(one, other), first(one, other)).findings == ()
    assert apply(failing(one, other), first(one)).findings == (other,)


def test_the_file_is_the_same_whatever_the_order() -> None:
    one, other = (
        replace(DATABASE_WIDE, objects=("a",)),
        replace(DATABASE_WIDE, objects=("b",), message="other"),
    )
    assert dump(first(LEAK, WEAKNESS, one, other)) == dump(first(other, one, WEAKNESS, LEAK))


def test_the_file_holds_code_relation_and_message_by_fingerprint() -> None:
    content = json.loads(dump(first(LEAK)))
    assert content["version"] == "1"
    assert content["findings"][LEAK.fingerprint] == {
        "code": "A01",
        "relation": "public.booking",
        "message": LEAK.message,
    }


def test_a_file_is_read_as_it_was_written() -> None:
    baseline = first(LEAK, WEAKNESS, DATABASE_WIDE)
    assert load(dump(baseline)) == baseline


def test_other_wording_is_the_same_finding() -> None:
    assert apply(failing(finding(message="other words")), first(finding())).findings == ()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": "1"}',
     '{"version": "9", "findings": {}}', '{"version": "1", "findings": {"a": {}}}',
     '{"version": "1", "findings": []}', '{"version": "1", "findings": {"a": 1}}'],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_an_error_not_an_empty_baseline(text: str) -> None:
    with pytest.raises(TenantryError):
        load(text)
