"""Does drift tell of roles that gained what no fence holds, and of roles and tables that no blueprint names?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command import run
from offices import APP, BLUEPRINT, READER, SCHEMA, WORKER, declared, offices
from planning import apply_to, guessed, plan_of

from tenantry.catalog.read import read
from tenantry.plan.drift import drifted
from tenantry.plan.governance import strays
from tenantry.plan.journal import read_journal
from tenantry.plan.scope import scope
from tenantry.session.connect import connect
from tenantry.testing.databases import Database

TRUSTED = BLUEPRINT + 'trusted = ["office_migrations"]\n'


@pytest.fixture
def database(fresh_database: Callable[[str], Database]) -> Database:
    made = offices(fresh_database)
    made.execute("create role office_other login; create role office_group")
    return made


def told(database: Database, more: str = "") -> list[tuple[str, str]]:
    """Give what drift tells, as object and sentence."""
    with connect(database.url()) as connection:
        catalog, journal = read(connection), read_journal(connection)
        changed = [(one.object, "changed") for one in drifted(catalog, journal)]
        return changed + [(one.what, one.said) for one in strays(scope(catalog, declared(more)), journal)]


def test_nothing_is_told_of_what_stands_as_applied(database: Database) -> None:
    assert told(database) == []


@pytest.mark.parametrize("word", ["superuser", "bypassrls", "createrole", "replication"])
def test_what_a_made_role_gained_is_told_and_taken_back(database: Database, word: str) -> None:
    database.execute(f"alter role {APP} {word}; alter role {APP} set statement_timeout = '1s'")
    assert (f"role {APP}", "changed") in told(database)
    apply_to(database, declared())
    assert told(database) == []
    ask = (
        "select rolsuper or rolbypassrls or rolcreaterole or rolreplication, rolconfig from pg_roles where rolname = %s"
    )
    with database.connect() as connection:
        row = connection.execute(ask, [APP]).fetchone()
    assert row == (False, None)
    assert plan_of(database, declared()).steps == ()


def test_what_an_adopted_role_gained_is_told(fresh_database: Callable[[str], Database]) -> None:
    database = offices(lambda text: fresh_database(f"create role {APP} login; {text}"))
    assert told(database) == []
    database.execute(f"alter role {APP} bypassrls; alter role {APP} set session_replication_role = 'replica'")
    said = [sentence for what, sentence in told(database) if what == f"role {APP}"]
    assert any("BYPASSRLS" in one for one in said)
    assert any("session_replication_role" in one for one in said)
    database.execute(f"alter role {APP} nobypassrls; alter role {APP} reset all; alter role {APP} set work_mem = '8MB'")
    assert told(database) == []


@pytest.mark.parametrize(
    ("grant", "what"),
    [
        (f"office_group to {APP}", f"membership office_group to {APP}"),
        (f"{WORKER} to {APP}", f"membership {WORKER} to {APP}"),
        (f"{APP} to office_other", f"membership {APP} to office_other"),
        ("tenantry_context to office_other", "membership tenantry_context to office_other"),
        ("tenantry_app_owner to office_other", "membership tenantry_app_owner to office_other"),
        (f"pg_read_all_data to {READER}", f"membership pg_read_all_data to {READER}"),
    ],
)
def test_memberships_that_lead_past_the_fence_are_told(database: Database, grant: str, what: str) -> None:
    database.execute(f"grant {grant}")
    try:
        assert what in [name for name, _ in told(database)]
    finally:
        database.execute(f"revoke {grant.replace(' to ', ' from ')}")
    assert told(database) == []


def test_a_member_of_who_looks_past_row_security_is_told(fresh_database: Callable[[str], Database]) -> None:
    more = '[tables.notes]\nsearch = ["body"]\n'
    database = offices(lambda text: fresh_database(f"create role office_other login; {text}"), more)
    assert told(database, more) == []
    database.execute("grant tenantry_lookup to office_other")
    assert [what for what, _ in told(database, more)] == ["membership tenantry_lookup to office_other"]


def test_a_role_that_the_blueprint_does_not_name_is_told(database: Database) -> None:
    database.execute("grant select on jobs to office_other; grant update (state) on jobs to office_other")
    assert ("role office_other", "It has rights on public.jobs, and the blueprint does not name it.") in told(database)
    assert ("grants on table public.jobs", "changed") in told(database)


def test_tables_made_since_are_told(database: Database) -> None:
    database.execute(
        "create table price_list (id int primary key);"
        "create table visits (id int primary key, office_id bigint not null references offices);"
    )
    said = dict(told(database))
    assert said["table public.price_list"] == "Nothing says whose rows it holds."
    assert "no fence" in said["table public.visits"]
    more = "[tables.price_list]\nshared = 'the same for all'\n"
    apply_to(database, declared(more))
    assert told(database, more) == []


def test_the_command_says_so_and_ends_with_one(database: Database, tmp_path: Path) -> None:
    (tmp_path / "tenantry.toml").write_text(BLUEPRINT, encoding="utf-8")
    assert run("drift", database.url(), cwd=tmp_path).status == 0
    database.execute(f'create table "price\nlist" (id int); grant {WORKER} to {APP}')
    done = run("drift", database.url(), cwd=tmp_path)
    assert done.status == 1
    assert f"! membership {WORKER} to {APP}" in done.stdout
    assert f'mend with: revoke "{WORKER}" from "{APP}"' in done.stdout
    assert '! table public."price\\nlist"' in done.stdout
    database.execute(f"revoke {WORKER} from {APP}")


def test_a_declared_role_outside_the_fence_is_not_told(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(f"create role office_migrations; {SCHEMA} grant select on jobs to office_migrations")
    more = "\n".join(TRUSTED.splitlines()[-1:])
    said = declared(more)
    apply_to(database, said)
    assert told(database, more) == []


def test_of_the_restaurants_nothing_is_told_after_the_plan(restaurants: Database) -> None:
    blueprint = guessed(restaurants)
    apply_to(restaurants, blueprint)
    with connect(restaurants.url()) as connection:
        assert strays(scope(read(connection), blueprint), read_journal(connection)) == ()
