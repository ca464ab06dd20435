"""Is there never a moment without a policy, a grant too early or a right lost, seen from beside at every step?"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from planning import apply_to, plan_of, undo_on

from tenantry.blueprint.model import Blueprint
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.model import Plan, Step
from tenantry.session.connect import connect
from tenantry.testing.databases import Database

GROUND = """
create role order_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops, note text);
create table lines (id bigint primary key, sale_id bigint not null references sales);
alter table sales enable row level security;
create policy own_shop on sales using (shop_id = current_setting('app.shop_id', true)::bigint);
insert into shops values (1), (2);
insert into sales values (1, 1, ''), (2, 2, '');
insert into lines values (1, 1), (2, 2);
grant select, truncate on sales, lines to order_user;
"""
# What everyone beside sees, committed: whether a table is fenced, by how many policies, and who may read it.
SEEN = """
select class.relname, class.relrowsecurity,
    (select count(*) from pg_catalog.pg_policy as policy where policy.polrelid = class.oid) as policies,
    array(
        select role.rolname::text from pg_catalog.pg_roles as role
        where role.rolname like 'order\\_%' and has_table_privilege(role.oid, class.oid, 'select') order by 1
    ) as readers,
    (select count(*) from pg_catalog.pg_policy as policy
        where policy.polrelid = class.oid and not policy.polpermissive) as floors
from pg_catalog.pg_class as class
where class.relnamespace = 'public'::regnamespace and class.relkind = 'r'
"""
TABLES = {"shops", "sales", "lines"}
State = dict[str, tuple[bool, int, list[str], int]]


def blueprint(**more: object) -> Blueprint:
    return Blueprint.model_validate({"tenant": {"table": "shops"}, "roles": {"attack": ["order_user"]}, **more})


class Watcher:
    """Looks from a second connection, and notes every state in between."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.states: list[State] = []

    def look(self, *_: object) -> None:
        rows = self.connection.execute(SEEN.encode()).fetchall()
        self.states.append({row[0]: (row[1], row[2], row[3], row[4]) for row in rows})


def watched(database: Database, work: Callable[[Watcher], object]) -> list[State]:
    with database.connect() as beside:
        watcher = Watcher(beside)
        watcher.look()
        work(watcher)
        watcher.look()
    assert len(watcher.states) > 5
    return watcher.states


def apply_watched(database: Database, plan: Plan) -> list[State]:
    """Apply a plan, looked at before each step, and from beside while each is about to commit."""

    def work(watcher: Watcher) -> None:
        def watch(_connection: psycopg.Connection, _step: Step) -> None:
            watcher.look()

        with connect(database.url()) as connection, connect(database.url()) as look:
            run_plan(connection, look, plan, Limits(), watcher.look, watch=watch)

    return watched(database, work)


def unfenced(states: list[State], table: str) -> list[State]:
    """Give the states in which a table that had policies before has none, or sleeping ones."""
    return [state for state in states if table in state and (not state[table][0] or not state[table][1])]


def test_there_is_no_moment_without_a_policy_once_one_exists(fresh_database):
    database = fresh_database(GROUND)
    up = apply_watched(database, plan_of(database, blueprint()))
    assert unfenced(up, "sales") == []
    assert all(up[-1][table][3] == 1 for table in TABLES)
    back = watched(database, lambda watcher: undo_on(database, watcher.look))
    assert unfenced(back, "sales") == []


def test_a_floor_that_was_seen_once_is_seen_until_the_end(fresh_database):
    """Also where the words for the tenant change, and each floor is replaced by another."""
    database = fresh_database(GROUND)
    first = apply_watched(database, plan_of(database, blueprint()))
    second = apply_watched(database, plan_of(database, blueprint(context={"noun": "merchant"})))
    for states in (first, second):
        for table in TABLES:
            floors = [state[table][3] for state in states]
            assert floors == sorted(floors), (table, floors)
    assert all(state[table][3] for state in second for table in TABLES)


def test_nobody_is_granted_a_table_before_it_is_fenced(fresh_database):
    database = fresh_database(GROUND)
    states = apply_watched(
        database, plan_of(database, blueprint(roles={"attack": ["order_user"], "app": ["order_new"]}))
    )
    assert [table for table in TABLES if "order_new" not in states[-1][table][2]] == []
    early = [
        (table, seen)
        for state in states
        for table, seen in state.items()
        if "order_new" in seen[2] and not (seen[0] and seen[3])
    ]
    assert early == []


def test_a_right_that_stays_is_never_away_for_a_moment(fresh_database):
    """A way back revokes everything and grants again, within one transaction."""
    database = fresh_database(GROUND)
    up = apply_watched(database, plan_of(database, blueprint()))
    database.execute("grant truncate on sales to order_user")
    restored = apply_watched(database, plan_of(database, blueprint(context={"noun": "merchant"})))
    back = watched(database, lambda watcher: undo_on(database, watcher.look))
    for states in (up, restored, back):
        assert [state for state in states if "order_user" not in state["sales"][2]] == []


@pytest.mark.parametrize("way", ["up", "back"])
def test_tables_stay_the_same_objects(fresh_database, way):
    """Views, policies and functions are bound to a table's oid, and would keep reading one that was swapped away."""
    database = fresh_database(f"{GROUND} create view seen as select * from sales;")
    asked = (
        "select relname, oid from pg_catalog.pg_class where relkind in ('r', 'v') and relnamespace = 2200 order by 1"
    )
    with database.connect() as connection:
        before = connection.execute(asked).fetchall()
        apply_to(database, blueprint())
        if way == "back":
            undo_on(database)
        assert connection.execute(asked).fetchall() == before
