"""Does a plan do what it says, all of it or nothing, again after any interruption, and back to the last byte?"""

from __future__ import annotations

import pytest
from planning import apply_to, guessed, plan_of, schema_dump, undo_on

from tenantry.catalog.read import read
from tenantry.errors import LockNotGranted, OperatorBusy, PlanStale
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.apply import undo as take_back
from tenantry.plan.drift import drifted
from tenantry.plan.journal import read_journal
from tenantry.session.connect import connect


class _Interrupted(BaseException):
    """The process ends here."""


def _interrupting(at: int):
    """Give what ends the process when a step is told."""

    def tell(words: str) -> None:
        if words.startswith((f"step {at} of", f"taking back step {at} of")):
            raise _Interrupted

    return tell


def test_after_apply_nothing_is_left_to_do(restaurants):
    blueprint = guessed(restaurants)
    applied = apply_to(restaurants, blueprint)
    assert len(applied.steps) > 20
    assert plan_of(restaurants, blueprint).steps == ()


def test_undo_gives_the_schema_back_byte_for_byte(restaurants):
    before = schema_dump(restaurants)
    apply_to(restaurants, guessed(restaurants))
    assert "tenantry_floor" in schema_dump(restaurants)
    undo_on(restaurants)
    assert schema_dump(restaurants) == before


@pytest.mark.parametrize("at", [2, 4, 7, 20])
def test_an_interrupted_apply_goes_on_to_the_same_end(restaurants, at):
    blueprint = guessed(restaurants)
    apply_to(restaurants, blueprint)
    tight = schema_dump(restaurants)
    undo_on(restaurants)
    with pytest.raises(_Interrupted):
        apply_to(restaurants, blueprint, _interrupting(at))
    apply_to(restaurants, blueprint)
    assert schema_dump(restaurants) == tight
    assert plan_of(restaurants, blueprint).steps == ()


def test_an_interrupted_undo_goes_on_to_the_same_end(restaurants):
    before = schema_dump(restaurants)
    apply_to(restaurants, guessed(restaurants))
    with pytest.raises(_Interrupted):
        undo_on(restaurants, _interrupting(9))
    undo_on(restaurants)
    assert schema_dump(restaurants) == before


def test_an_interrupted_apply_can_be_taken_back(restaurants):
    before = schema_dump(restaurants)
    with pytest.raises(_Interrupted):
        apply_to(restaurants, guessed(restaurants), _interrupting(12))
    undo_on(restaurants)
    assert schema_dump(restaurants) == before


def test_a_second_operator_is_refused(restaurants):
    plan = plan_of(restaurants, guessed(restaurants))
    with connect(restaurants.url()) as first, connect(restaurants.url()) as look, connect(restaurants.url()) as second:
        first.execute("select pg_catalog.pg_advisory_lock(%s)", [0x7E9A97])
        with pytest.raises(OperatorBusy):
            run_plan(second, look, plan, Limits(), lambda _: None)


def test_an_undo_that_somebody_else_did_meanwhile_is_refused(restaurants):
    before = schema_dump(restaurants)
    apply_to(restaurants, guessed(restaurants))
    with connect(restaurants.url()) as connection, connect(restaurants.url()) as look:
        begun = read_journal(connection).last
        assert begun is not None
        undo_on(restaurants)
        with pytest.raises(PlanStale):
            take_back(connection, look, begun, Limits(), lambda _: None)
    assert schema_dump(restaurants) == before


def test_a_plan_made_for_another_state_is_refused(restaurants):
    plan = plan_of(restaurants, guessed(restaurants))
    restaurants.execute("alter table public.bookings add column added int")
    with (
        connect(restaurants.url()) as connection,
        connect(restaurants.url()) as look,
        pytest.raises(PlanStale),
    ):
        run_plan(connection, look, plan, Limits(), lambda _: None)
    assert "tenantry" not in schema_dump(restaurants)


def test_a_table_in_use_is_not_queued_for(restaurants):
    """Somebody reads bookings in a long transaction; others must read on meanwhile, without waiting."""
    waited: list[str] = []

    def tell(words: str) -> None:
        waited.append(words)
        if words.startswith("waiting for public.bookings"):
            with restaurants.connect() as other:
                other.execute("set lock_timeout = '20ms'")
                other.execute("select count(*) from public.bookings")

    blueprint = guessed(restaurants)
    with restaurants.connect() as reader, reader.transaction():
        reader.execute("select count(*) from public.bookings")
        with pytest.raises(LockNotGranted, match=r"public\.bookings"):
            apply_to(restaurants, blueprint, tell, wait_s=1.0)
    assert any(words.startswith("waiting for public.bookings") for words in waited)
    apply_to(restaurants, blueprint)
    assert plan_of(restaurants, blueprint).steps == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("drop policy tenantry_floor on public.bookings", "policy tenantry_floor on public.bookings"),
        ("alter table public.bookings no force row level security", "fence on public.bookings"),
        ("grant truncate on public.bookings to restaurant_app", "grants on table public.bookings"),
        ("grant execute on function tenantry.mint to restaurant_app", "function tenantry.mint"),
        ("alter view public.todays_bookings reset (security_invoker)", "view public.todays_bookings"),
        ("grant set on parameter backtrace_functions to restaurant_app", "parameter backtrace_functions"),
    ],
)
def test_what_changes_behind_our_back_is_drift_and_is_put_back(restaurants, change, named):
    blueprint = guessed(restaurants)
    apply_to(restaurants, blueprint)
    tight = schema_dump(restaurants)
    restaurants.execute(change)
    with connect(restaurants.url()) as connection:
        found = drifted(read(connection), read_journal(connection))
    assert [one.object for one in found if one.object.startswith(named)], [one.object for one in found]
    apply_to(restaurants, blueprint)
    if "parameter" not in change:
        assert schema_dump(restaurants) == tight
    assert plan_of(restaurants, blueprint).steps == ()
