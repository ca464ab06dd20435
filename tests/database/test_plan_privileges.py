"""Does a plan reach privileges that others passed on, and give back what is no longer withheld, and nothing else?"""

from __future__ import annotations

import pytest
from planning import apply_to, plan_of, schema_dump, undo_on

from tenantry.blueprint.model import Blueprint
from tenantry.testing.databases import Database

GROUND = """
create role grants_user login;
create role grants_lead login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
"""
PASSED_ON = """
grant select, delete, truncate on sales to grants_lead with grant option;
set role grants_lead;
grant select, delete, truncate on sales to grants_user;
grant select on sales to public;
reset role;
"""


def blueprint(withhold: tuple[str, ...] = ()) -> Blueprint:
    return Blueprint.model_validate(
        {
            "tenant": {"table": "shops"},
            "roles": {"attack": ["grants_user"], "trusted": ["grants_lead"]},
            "tables": {"sales": {"withhold": list(withhold)}} if withhold else {},
        }
    )


def held(database: Database, role: str) -> set[str]:
    """Give what a role may do with the sales, whoever granted it."""
    with database.connect() as connection:
        words = ("select", "insert", "update", "delete", "truncate")
        asked = "select pg_catalog.has_table_privilege(%s, 'public.sales', %s)"
        return {word for word in words if (connection.execute(asked, [role, word]).fetchone() or [False])[0]}


def test_what_a_trusted_role_passed_on_is_taken_and_what_it_holds_is_left(fresh_database):
    database = fresh_database(GROUND + PASSED_ON)
    before = schema_dump(database)
    apply_to(database, blueprint(withhold=("delete",)))
    assert held(database, "grants_user") == {"select"}
    assert held(database, "grants_lead") == {"select", "delete", "truncate"}
    assert held(database, "pg_monitor") == set(), "everyone was given something by the trusted role"
    undo_on(database)
    assert schema_dump(database) == before


def test_what_is_no_longer_withheld_comes_back(fresh_database):
    database = fresh_database(GROUND + "grant select, delete, truncate on sales to grants_user;")
    apply_to(database, blueprint(withhold=("delete",)))
    assert held(database, "grants_user") == {"select"}
    apply_to(database, blueprint())
    assert held(database, "grants_user") == {"select", "delete"}
    assert plan_of(database, blueprint()).steps == ()


def test_what_is_no_longer_withheld_does_not_come_back_to_a_role_that_is_gone(fresh_database):
    database = fresh_database(
        GROUND + "create role grants_gone; grant delete on sales to grants_gone; grant select on sales to grants_user;"
    )
    apply_to(database, blueprint(withhold=("delete",)))
    database.execute("drop owned by grants_gone; drop role grants_gone")
    apply_to(database, blueprint())
    assert held(database, "grants_user") == {"select"}


@pytest.mark.parametrize("asking", ["create view asking as select tenantry.current_shop_id() as id", "select 1"])
def test_a_reader_in_the_old_words_goes_unless_something_asks_it(fresh_database, asking):
    database = fresh_database(GROUND + "grant select on sales to grants_user;")
    apply_to(database, blueprint())
    database.execute(asking)
    renamed = blueprint().model_copy(update={"context": blueprint().context.model_copy(update={"noun": "merchant"})})
    plan = apply_to(database, renamed)
    is_asked = asking != "select 1"
    assert ("tenantry.current_shop_id()" in schema_dump(database)) is is_asked
    assert plan.notes == (("function tenantry.current_shop_id(): asked by the query of public.asking.",) * is_asked)
    assert plan_of(database, renamed).steps == ()
