"""Does a rehearsal try a plan both ways on a copy, tell what it saw, and leave the database alone?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from command import run
from dumps import dumped
from planning import apply_to, guessed, plan_of

from tenantry.blueprint.model import Blueprint
from tenantry.catalog.read import read
from tenantry.cli.plan_file import loaded
from tenantry.plan.model import Change, Plan
from tenantry.plan.object import Lock
from tenantry.plan.refusal import RehearsalFailed, RehearsalImpossible
from tenantry.plan.rehearsal import Rehearsal, rehearse
from tenantry.session.connect import connect
from tenantry.testing.copied import copied
from tenantry.testing.databases import Database

GROUND = """
create role rehearsal_user login;
create role rehearsal_owner;
create role rehearsal_member in role rehearsal_owner;
alter role rehearsal_user set statement_timeout = '9s';
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table lines (id bigint primary key, sale_id bigint not null references sales);
alter table sales owner to rehearsal_owner;
grant select, truncate on sales, lines to rehearsal_user;
"""


def blueprint(**more: object) -> Blueprint:
    roles = {"attack": ["rehearsal_user"], "trusted": ["rehearsal_owner", "rehearsal_member"]}
    return Blueprint.model_validate({"tenant": {"table": "shops"}, "roles": roles, **more})


def rehearsed(database: Database, plan: Plan) -> Rehearsal:
    with connect(database.url()) as connection, copied(database.url(), read(connection)) as copy:
        return rehearse(copy, plan, lambda _: None)


def altered(plan: Plan, name: str, **changes: object) -> Plan:
    """Give a plan in which one object is changed otherwise."""

    def change(one: Change) -> Change:
        return one.model_copy(update=changes) if one.object == name else one

    steps = [step.model_copy(update={"changes": tuple(map(change, step.changes))}) for step in plan.steps]
    return plan.model_copy(update={"steps": tuple(steps)})


def test_a_rehearsal_only_reads_the_database(restaurants, tmp_path):
    before = dumped(restaurants)
    assert run("init", restaurants.url(), cwd=tmp_path).status == 0
    ended = run("plan", restaurants.url(), "--rehearse", "--out", "plan.json", cwd=tmp_path)
    assert ended.status == 0, ended.stderr
    assert "Rehearsed on a copy without rows" in ended.stdout
    assert "access exclusive on public.bookings (seen)" in ended.stdout
    assert "was expected" not in ended.stdout
    assert dumped(restaurants) == before
    assert loaded(tmp_path / "plan.json").rehearsal is not None
    assert run("apply", restaurants.url(), "--plan", "plan.json", "--yes", cwd=tmp_path).status == 0


def test_the_locks_that_steps_are_said_to_take_are_those_they_take(fresh_database):
    database = fresh_database(GROUND)
    plan = plan_of(database, blueprint())
    seen = rehearsed(database, plan)
    told = {(step.number, step.relation): step for step in plan.steps if step.relation and step.mode == "transaction"}
    held = {(one.step, one.relation): one.lock for one in seen.seen}
    wrong = {
        step.title: (step.lock.value, held.get(place))
        for place, step in told.items()
        if held.get(place, "none") != step.lock and step.lock is not Lock.ACCESS_SHARE
    }
    assert len(told) > 10
    assert wrong == {}


def test_what_could_not_be_seen_is_said(fresh_database):
    database = fresh_database(GROUND)
    plan = plan_of(database, blueprint())
    left_out = "\n".join(rehearsed(database, plan).left_out)
    assert {step.mode for step in plan.steps} == {"transaction", "alone", "batches"}
    for step in plan.steps:
        is_named = f"step {step.number}, " in left_out
        is_about_rows = step.mode != "transaction" or step.changes[0].object.startswith("validity ")
        assert is_named is is_about_rows, step.title


@pytest.mark.parametrize(
    ("name", "told"),
    [("fence on public.shops", "Undo does not lead back"), ("owner of table public.shops", "On the copy: Step ")],
)
def test_a_way_back_that_leads_elsewhere_is_found(fresh_database, name, told):
    database = fresh_database(GROUND)
    plan = plan_of(database, blueprint())
    before = dumped(database)
    with pytest.raises(RehearsalFailed, match=told):
        rehearsed(database, altered(plan, name, inverse=()))
    assert dumped(database) == before


def test_a_later_plan_is_rehearsed_as_well(fresh_database):
    database = fresh_database(GROUND)
    apply_to(database, blueprint())
    withheld = blueprint(tables={"sales": {"withhold": ["delete"]}})
    plan = plan_of(database, withheld)
    before = dumped(database)
    assert plan.steps
    rehearsed(database, plan)
    assert dumped(database) == before


def test_a_copy_that_is_not_like_the_database_proves_nothing(fresh_database):
    database = fresh_database(GROUND)
    plan = plan_of(database, blueprint())
    with pytest.raises(RehearsalImpossible, match="does not look like"):
        rehearsed(database, plan.model_copy(update={"catalog": "0" * 64}))


def test_without_a_server_of_that_version_there_is_no_rehearsal(fresh_database):
    database = fresh_database(GROUND)
    with connect(database.url()) as connection:
        catalog = read(connection)
    unknown = replace(catalog, server=replace(catalog.server, version_num=990_000))
    with pytest.raises(RehearsalImpossible, match="PostgreSQL 99 is not installed"), copied(database.url(), unknown):
        pass


def test_a_schema_that_cannot_be_copied_says_why(fresh_database):
    database = fresh_database(f"{GROUND} create collation elsewhere (provider = libc, locale = 'C');")
    with connect(database.url()) as connection:
        catalog = read(connection)
    gone = database.url().replace(f"/{database.name}?", "/not_there?")
    with pytest.raises(RehearsalImpossible, match="pg_dump refused"), copied(gone, catalog):
        pass


def test_the_guess_for_the_restaurants_can_be_rehearsed(restaurants):
    plan = plan_of(restaurants, guessed(restaurants))
    seen = rehearsed(restaurants, plan)
    assert seen.server_version_num == plan.server_version_num
    assert {one.relation for one in seen.seen} >= {"public.bookings", "public.restaurants"}
