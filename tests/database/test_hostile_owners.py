"""Does a role that owns a few objects get the rights of who plans and applies, by what those objects are called?

Each name and each relation here asks for SUPERUSER as soon as somebody runs it who could give it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import pytest
from offices import SCHEMA, declared
from planning import apply_to, plan_of
from typer.testing import CliRunner

from tenantry.cli.main import app
from tenantry.errors import StepFailed
from tenantry.plan.journal import read_journal
from tenantry.session.connect import connect
from tenantry.testing.databases import Database

HOSTILE = "mo"  # short, as a name has 63 bytes
GROUND = f"""
    create role {HOSTILE} login;
    grant create, usage on schema public to {HOSTILE};
    grant references on offices to {HOSTILE};
    create sequence public.q;
"""
WANTS = f"alter role {HOSTILE} superuser"
OF_A_SEQUENCE = f"""nextval('public.q to {HOSTILE};{WANTS};--'::regclass)"""
OF_A_REFERENCE = f"x) ON DELETE CASCADE;{WANTS};--"
FAKE = f"""
    create schema tenantry;
    grant usage on schema tenantry to public;
    create function tenantry.gain() returns text language plpgsql as $$ begin
        if (select role.rolsuper from pg_catalog.pg_roles as role where role.rolname = current_user) then
            {WANTS};
        end if;
        return 'gained';
    end $$;
"""
FAKE_JOURNAL = f"""{FAKE}
    create view tenantry.plan as select 1::bigint as number, '{{}}'::jsonb as document, 'applied' as status where false;
    create view tenantry.step as select 1::bigint as plan, 1 as number, 'done' as status where false;
    create view tenantry.object as select '' as id, '' as asked, '[]'::jsonb as asked_text, false as is_kept,
        '' as became, '[]'::jsonb as became_text, '[]'::jsonb as before, '[]'::jsonb as removal
        where tenantry.gain() is null;
    grant select on tenantry.plan, tenantry.step, tenantry.object to public;
"""
FAKE_KEYS = f"""{FAKE}
    create table tenantry.key_ring ();
    create function tenantry.add_key(text, bytea) returns text language sql as 'select tenantry.gain()';
"""


@pytest.fixture
def database(fresh_database: Callable[[str], Database]) -> Database:
    made = fresh_database(SCHEMA + GROUND)
    made.execute(f'grant create on database "{made.name}" to {HOSTILE}')
    return made


def let(database: Database, statements: str) -> None:
    """Let the hostile role run statements."""
    with database.connect(HOSTILE) as connection:
        connection.execute(statements.encode())


def gained(database: Database) -> bool:
    query: LiteralString = "select rolsuper from pg_roles where rolname = 'mo'"
    with database.connect() as connection:
        return bool((connection.execute(query).fetchone() or [True])[0])


def test_a_name_that_looks_like_a_sequence_is_not_run(database: Database) -> None:
    let(
        database,
        f'create function public."{OF_A_SEQUENCE}"() returns integer language sql as $$ select 1 $$;'
        f'create table public.gadgets (id integer default public."{OF_A_SEQUENCE}"(), '
        "office_id bigint references offices, said text default 'nextval(''public.q''::regclass)')",
    )
    apply_to(database, declared())
    assert not gained(database)


def test_a_sequence_of_any_name_is_granted(fresh_database: Callable[[str], Database]) -> None:
    """Also one whose name has quotes, and one behind a cast."""
    database = fresh_database(
        SCHEMA
        + """create sequence public."it's ""so"" it"; create table public.gadgets (
        id bigint primary key default nextval('public."it''s ""so"" it"'), office_id bigint not null references offices,
        code text default nextval('public."it''s ""so"" it"')::text)"""
    )
    apply_to(database, declared())
    with database.connect() as connection:
        row = connection.execute(
            """select has_sequence_privilege('office_app', 'public."it''s ""so"" it"', 'usage')"""
        ).fetchone()
    assert row == (True,)


def test_a_name_that_looks_like_the_end_of_a_reference_is_not_run(database: Database) -> None:
    let(
        database,
        f'create table public."{OF_A_REFERENCE}" (id integer primary key, office_id bigint not null '
        "references offices); create table public.gadgets (id integer primary key, office_id bigint not null "
        f'references offices, part integer not null references public."{OF_A_REFERENCE}")',
    )
    apply_to(database, declared())
    assert not gained(database)


def test_a_reference_keeps_what_it_does_on_delete(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(
        SCHEMA
        + """create table public."a (b) ON" (id integer primary key, office_id bigint not null references offices);
        create table public.gadgets (id integer primary key, office_id bigint not null references offices,
            "part )" integer references public."a (b) ON" on delete set null ("part )") deferrable initially deferred);
        """
    )
    apply_to(database, declared())
    with database.connect() as connection:
        row = connection.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'gadgets'::regclass "
            "and confrelid = 'public.\"a (b) ON\"'::regclass"
        ).fetchone()
    assert row is not None
    assert row[0] == (
        'FOREIGN KEY (office_id, "part )") REFERENCES "a (b) ON"(office_id, id) ON DELETE SET NULL ("part )") '
        "DEFERRABLE INITIALLY DEFERRED"
    )


def test_a_journal_that_somebody_else_made_is_not_read(database: Database) -> None:
    let(database, FAKE_JOURNAL)
    plan_of(database, declared())
    with connect(database.url()) as connection:
        assert not read_journal(connection).is_there
    with pytest.raises(StepFailed, match="42P06"):
        apply_to(database, declared())
    assert not gained(database)


def test_a_key_ring_that_somebody_else_made_gets_no_key(database: Database, tmp_path: Path) -> None:
    let(database, FAKE_KEYS)
    done = CliRunner().invoke(app, ["key", "add", database.url(), "--id", "first", "--out", str(tmp_path / "key")])
    assert done.exit_code != 0
    assert not gained(database)
