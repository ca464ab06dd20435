"""Is a plan made and judged alike in every session, by reading alone, and with every row in sight?"""

from __future__ import annotations

import pytest
from planning import apply_to, plan_of, schema_dump, undo_on

from tenantry.blueprint.model import Blueprint
from tenantry.catalog.read import read
from tenantry.errors import StepFailed
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.drift import drifted
from tenantry.plan.journal import read_journal
from tenantry.session.connect import connect
from tenantry.testing.databases import Database
from tenantry.wanted import planned

GROUND = """
create role reading_user login;
create table shops (id bigint primary key);
create table sales (
    id bigint primary key, shop_id bigint not null references shops,
    sold timestamptz default '2026-03-01 00:00:00+00',
    "order" interval default '1 day 02:03:04',
    share float8 default 0.1
);
create table lines (id bigint primary key, sale_id bigint not null references sales);
create view recent as select "order", sold from sales where sold > '2026-01-01 00:00:00+00';
create function lately() returns timestamptz language sql stable return '2026-02-01 00:00:00+00'::timestamptz;
alter table sales enable row level security;
create policy recent_ones on sales using (sold > '2026-01-01 00:00:00+00' and "order" < '9 days' and share > 0.3);
create table parts (id bigint, shop_id bigint not null references shops, primary key (id, shop_id))
    partition by hash (shop_id);
create table parts_0 partition of parts for values with (modulus 1, remainder 0);
insert into shops values (1), (2);
insert into sales (id, shop_id) values (1, 1), (2, 2);
insert into lines values (1, 1), (2, 2);
grant select on sales, lines, parts, recent to reading_user;
"""
SESSION = {
    "search_path": "public, pg_catalog",
    "TimeZone": "'Asia/Kathmandu'",
    "DateStyle": "'German, DMY'",
    "IntervalStyle": "'sql_standard'",
    "extra_float_digits": "-3",
    "bytea_output": "'escape'",
    "quote_all_identifiers": "on",
}


def blueprint() -> Blueprint:
    return Blueprint.model_validate({"tenant": {"table": "shops"}, "roles": {"attack": ["reading_user"]}})


@pytest.fixture
def shops(fresh_database) -> Database:
    return fresh_database(GROUND)


def drift_of(database: Database) -> list[str]:
    with connect(database.url()) as connection:
        return [one.object for one in drifted(read(connection), read_journal(connection))]


def test_what_an_object_is_does_not_depend_on_the_session(shops):
    before, made = schema_dump(shops), plan_of(shops, blueprint())
    settings = {name: f"alter database {shops.name} set {name} = {value}" for name, value in SESSION.items()}
    for statement in settings.values():
        shops.execute(statement)
    assert plan_of(shops, blueprint()).digest == made.digest
    apply_to(shops, blueprint())
    assert drift_of(shops) == []
    for name in settings:
        shops.execute(f"alter database {shops.name} reset {name}")
    assert drift_of(shops) == []
    assert plan_of(shops, blueprint()).steps == ()
    undo_on(shops)
    assert schema_dump(shops) == before


def test_planning_only_reads(shops):
    with connect(shops.url()) as connection:
        connection.execute("set default_transaction_read_only = on")
        assert planned(connection, blueprint()).steps


def test_what_a_plan_does_not_touch_may_change(shops):
    plan = plan_of(shops, blueprint())
    shops.execute("create schema elsewhere; create table elsewhere.notes (id int)")
    with connect(shops.url()) as connection, connect(shops.url()) as look:
        run_plan(connection, look, plan, Limits(), lambda _: None)
    assert "tenantry_floor" in schema_dump(shops)


@pytest.mark.parametrize("table", ["parts", "parts_0"])
def test_row_security_of_partitions_is_looked_at(shops, table):
    apply_to(shops, blueprint())
    shops.execute(f"alter table {table} disable row level security")
    assert drift_of(shops) == [f"fence on public.{table}"]
    apply_to(shops, blueprint())
    assert drift_of(shops) == []


class _Interrupted(BaseException):
    """The process ends here."""


def test_who_is_held_by_a_policy_fills_nothing_silently(shops):
    """An owner under FORCE sees no row, copies none, counts none, and finds all well."""
    shops.execute("create role reading_owner login; alter role reading_owner noinherit")

    def tell(words: str) -> None:
        if ": content of " in words:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        apply_to(shops, blueprint(), tell)
    shops.execute("""
        alter table lines owner to reading_owner; alter table lines force row level security;
        alter table lines enable row level security;
        grant all on all tables in schema tenantry to reading_owner; grant usage on schema tenantry to reading_owner;
        grant select on sales to reading_owner;
    """)
    with shops.connect("reading_owner") as held, connect(shops.url()) as look:
        held.execute("set search_path = pg_catalog, pg_temp")
        begun = read_journal(held).unfinished
        assert begun is not None
        with pytest.raises(StepFailed, match="42501") as refused:
            run_plan(held, look, begun.plan, Limits(wait_s=5), lambda _: None)
    assert "content of" in str(refused.value)


def test_rows_that_cross_are_not_looked_for_by_who_cannot_see_them(shops):
    shops.execute("""
        create role reading_planner login; grant select on sales, lines, shops to reading_planner;
        alter table sales force row level security;
    """)
    with shops.connect("reading_planner") as held:
        plan = planned(held, blueprint())
    assert any("sales_pkey of public.sales stays as it is" in note for note in plan.notes), plan.notes
