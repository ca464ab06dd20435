"""Does each persona get what the blueprint gives it on each table, no more and no less, through real tokens?"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from itertools import product

import pytest
from offices import ANNE, APP, OURS, SCHEMA, THEIRS, add_key, count, declared, offices, session
from planning import apply_to, plan_of, schema_dump, undo_on

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.personas import PersonaInvalid
from tenantry.session.connect import connect
from tenantry.testing.databases import Database
from tenantry.verify.model import Level, Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify

PERSONAS = """
[tables.shifts]
actor = "user_id"
[personas.manager]
all = ["offices", "people", "jobs", "shifts"]
[personas.staff]
select = ["offices", "jobs"]
insert = ["jobs"]
update = ["jobs"]
[personas.staff.own]
select = ["shifts"]
insert = ["shifts"]
update = ["shifts"]
[personas.clerk]
select = ["jobs"]
delete = ["jobs"]
"""
INSERTS = {
    "offices": "insert into offices values (1, 'again') on conflict (id) do nothing",
    "people": f"insert into people values (13, {OURS}, 'dora')",
    "jobs": f"insert into jobs (office_id, state) values ({OURS}, 'new')",
    "shifts": f"insert into shifts (office_id, user_id, hours) values ({OURS}, {ANNE}, 1)",
    "notes": f"insert into notes (office_id, body) values ({OURS}, 'c')",
}
COLUMNS = {
    "offices": "name = name",
    "people": "name = name",
    "jobs": "state = 'x'",
    "shifts": "hours = 1",
    "notes": "body = ''",
}
TENANT = {"offices": "id"}
VERBS = ("select", "insert", "update", "delete")
# Rows of ours that a persona reaches; what is not here is refused.
GIVEN = {
    ("manager", "offices"): {"select": 1, "insert": 0, "update": 1},
    ("manager", "people"): {"select": 2, "insert": 1, "update": 2, "delete": 2},
    ("manager", "jobs"): {"select": 1, "insert": 1, "update": 1, "delete": 1},
    ("manager", "shifts"): {"select": 2, "insert": 1, "update": 2, "delete": 2},
    ("staff", "offices"): {"select": 1},
    ("staff", "jobs"): {"select": 1, "insert": 1, "update": 1},
    ("staff", "shifts"): {"select": 1, "insert": 1, "update": 1},
    ("clerk", "jobs"): {"select": 1, "delete": 1},
}
NOBODY = ("", "stranger", "Manager", "manager ", "man")
EVERYONE = ("manager", "staff", "clerk", *NOBODY)


@pytest.fixture
def database(fresh_database: Callable[[str], Database]) -> Database:
    return offices(fresh_database, PERSONAS)


def text_of(table: str, verb: str) -> str:
    if verb == "insert":
        return INSERTS[table]
    return {
        "select": f"select from {table}",
        "update": f"update {table} set {COLUMNS[table]}",
        "delete": f"delete from {table}",
    }[verb]


def reached(database: Database, persona: str, table: str, verb: str) -> int:
    """Give how many rows a persona reaches; a write that is refused reaches none."""
    roles = (persona,) if persona else ()
    with session(database, APP, roles=roles) as connection:
        return count(connection, text_of(table, verb))


def test_each_persona_reaches_what_it_was_given_and_nothing_else(database: Database) -> None:
    wrong = []
    for persona, table, verb in product(EVERYONE, INSERTS, VERBS):
        if (persona, table, verb) == ("manager", "offices", "delete"):
            continue  # why: people refer to the office, and that is what refuses it
        refused = -1 if verb == "insert" else 0
        expected = GIVEN.get((persona, table), {}).get(verb, refused)
        found = reached(database, persona, table, verb)
        if found != expected:
            wrong.append((persona, table, verb, expected, found))
    assert wrong == []


def test_several_personas_have_the_rights_of_all(database: Database) -> None:
    with session(database, APP, roles=("staff", "clerk")) as connection:
        assert count(connection, "update jobs set state = 'x'") == 1
        assert count(connection, "delete from jobs") == 1
        assert count(connection, "select from people") == 0


def test_own_rows_are_those_of_the_actor_and_cannot_be_given_away(database: Database) -> None:
    with session(database, APP, actor="12", roles=("staff",)) as connection:
        assert connection.execute("select hours from shifts").fetchall() == [(6,)]
        assert count(connection, f"update shifts set user_id = {ANNE}") == -1
        assert count(connection, INSERTS["shifts"]) == -1
    with session(database, APP, actor="", roles=("staff",)) as connection:
        assert count(connection, "select from shifts") == 0


def test_no_persona_reaches_another_tenant(database: Database) -> None:
    with session(database, APP, roles=("manager", "staff", "clerk")) as connection:
        for table in INSERTS:
            column = TENANT.get(table, "office_id")
            assert count(connection, f"select from {table} where {column} = {THEIRS}") == 0
        assert count(connection, f"insert into jobs (office_id, state) values ({THEIRS}, 'new')") == -1


def test_without_a_persona_s_policy_its_right_would_be_everybody_s(database: Database) -> None:
    database.execute(f"create policy wide on notes for all to {APP} using (true)")
    assert reached(database, "clerk", "notes", "select") == 1
    plan = apply_to(database, declared(PERSONAS))
    assert [change.object for step in plan.steps for change in step.changes if change.action == "drop"] == [
        "policy wide on public.notes"
    ]
    assert reached(database, "clerk", "notes", "select") == 0
    database.execute(
        "alter policy tenantry_may_delete on jobs using ((select tenantry.has_any_role('{manager,clerk,staff}')))"
    )
    assert reached(database, "staff", "jobs", "delete") == 1
    apply_to(database, declared(PERSONAS))
    assert reached(database, "staff", "jobs", "delete") == 0


def test_the_roles_are_asked_for_once_a_statement(database: Database) -> None:
    with session(database, APP, roles=("manager",)) as connection:
        lines = [row[0] for row in connection.execute("explain (verbose, costs off) select * from shifts")]
    filters = [line for line in lines if "Filter:" in line or "Cond:" in line]
    assert filters
    assert not [line for line in filters if "carrier" in line or "has_any_role" in line or "current_setting" in line]


def test_personas_come_and_go_with_the_blueprint(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(SCHEMA)
    before = schema_dump(database)
    apply_to(database, declared())
    add_key(database)
    plain = schema_dump(database)
    assert reached(database, "stranger", "notes", "select") == 1
    plan = apply_to(database, declared(PERSONAS))
    assert any("No persona may do anything on public.notes" in one for step in plan.steps for one in step.hazards)
    assert reached(database, "manager", "notes", "select") == 0
    assert plan_of(database, declared(PERSONAS)).steps == ()
    apply_to(database, declared())
    assert reached(database, "stranger", "notes", "select") == 1
    for _ in range(3):
        undo_on(database)
    assert "tenantry_floor" in plain
    assert schema_dump(database) == before


def verified(database: Database, said: Blueprint) -> Report:
    with connect(database.url()) as connection:
        second = lambda: connect(database.url())  # noqa: E731
        return verify(connection, said, Options(may_write=True, second=second))


def test_verify_attacks_with_every_persona_s_rights_and_finds_nothing(database: Database) -> None:
    report = verified(database, declared(PERSONAS))
    harm = [one for one in report.findings if one.level is not Level.NOTE and one.code != "T21"]
    assert {(one.code, one.relation, one.message) for one in harm} == set()
    assert report.unproven == ()


def test_verify_that_knew_no_personas_would_find_nothing_to_read(database: Database) -> None:
    report = verified(database, declared())
    assert "public.jobs" in {one.relation for one in report.findings if one.code == "A11"}, report.findings


def test_has_role_serves_policies_of_the_application(database: Database) -> None:
    ask = "select tenantry.has_role('staff'), tenantry.has_role('clerk'), tenantry.has_role(null)"
    with session(database, APP, roles=("staff", "x")) as connection:
        assert connection.execute(ask).fetchone() == (True, False, False)
    with database.connect(APP) as connection:
        assert connection.execute(ask).fetchone() == (False, False, False)
        assert connection.execute("select tenantry.has_any_role('{staff}')").fetchone() == (False,)


def test_what_the_database_cannot_give_a_persona_is_refused(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(f"{SCHEMA} create table units (code text primary key)")
    shared = "[tables.units]\nshared = 'same for all'\n"
    for more in ("[personas.a]\nselect = ['units']\n", "[personas.a.own]\nselect = ['jobs']\n"):
        said = Blueprint.model_validate(tomllib.loads(declared_text(shared + more)))
        with pytest.raises(PersonaInvalid):
            plan_of(database, said)


def declared_text(more: str) -> str:
    return f'[tenant]\ntable = "offices"\n[roles]\napp = ["{APP}"]\n{more}'
