"""Is every error of the database told by a code of its own, and nothing of a row with it?"""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from running import OURS, THEIRS, tenancy_sync

from tenantry.session.refused import DatabaseRefused, DatabaseUnavailable, Refusal, ValueRefused, refused, registry
from tenantry.testing.databases import Database

ADD = "insert into public.booking (org_id, guest, room) values ('{tenant}', 'Ann Example', {room})"
CASES = {
    "conflict_error": ADD.format(tenant=OURS, room=1),
    "rls_violation": ADD.format(tenant=THEIRS, room=9),
    "reference_error": ADD.format(tenant=OURS, room=99999),
    "value_error": ADD.format(tenant=OURS, room=-1),
    "retryable": "do $$ begin raise serialization_failure using message = 'Ann Example'; end $$",
    "permission_missing": "create table public.mine (id int)",
    "deadline_passed": "set local statement_timeout = '50ms'; select pg_sleep(5)",
    "database_refused": "select 'Ann Example' from public.no_such_table",
    "database_unavailable": "do $$ begin raise too_many_connections using message = 'Ann Example'; end $$",
}
STATUSES = {
    "conflict_error": 409,
    "rls_violation": 403,
    "retryable": 503,
    "deadline_passed": 504,
    "database_refused": 500,
}


@pytest.mark.parametrize("name", CASES)
def test_a_database_s_error_leaves_as_its_refusal_and_tells_nothing_of_the_row(fenced: Database, name: str) -> None:
    with tenancy_sync(fenced) as made, pytest.raises(Refusal) as caught, made.acting_for(OURS) as tx:
        tx.execute(CASES[name])
    refusal = caught.value
    assert (refusal.name, refusal.status) == (name, STATUSES.get(name, refusal.status))
    assert refusal.__cause__ is None
    assert refusal.__suppress_context__
    assert not any(word in refusal.sentence() for word in ("Ann", OURS, THEIRS, "99999", "no_such_table"))


def test_both_words_for_a_reference_mean_the_same() -> None:
    for state in ("23503", "23001"):
        assert refused(psycopg.errors.lookup(state)()).name == "reference_error"


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_what_may_be_tried_again_says_so(state: str) -> None:
    assert refused(psycopg.errors.lookup(state)()).retryable


def test_an_error_without_a_code_is_a_broken_connection_or_a_fault_of_use() -> None:
    assert type(refused(psycopg.OperationalError("x"))) is DatabaseUnavailable
    assert type(refused(psycopg.ProgrammingError("x"))) is DatabaseRefused


def test_a_value_that_the_driver_refuses_is_a_value_that_is_refused(fenced: Database) -> None:
    with tenancy_sync(fenced) as made, pytest.raises(ValueRefused), made.acting_for(OURS) as tx:
        tx.execute("select %s", ["a\x00b"])


def test_names_are_unique_and_no_state_has_two_meanings() -> None:
    names = Counter(each.name for each in registry())
    states = Counter(state for each in registry() for state in each.sqlstates)
    assert [name for name, times in names.items() if times > 1] == []
    # 42501 is told apart by who raised it
    assert {state for state, times in states.items() if times > 1} == {"42501"}


def test_what_may_be_tried_again_is_no_fault_of_the_request() -> None:
    assert all(each.status >= 500 for each in registry() if each.retryable)
