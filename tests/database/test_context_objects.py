"""Is a context made as declared, does undoing it leave nothing, and does any name do that a database can have?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from importlib.resources import files

import psycopg
import pytest
from grounds import MINTER, context, install, value
from hostile import NAMES
from psycopg import sql

from tenantry.context.model import Context, ContextInvalid, Profile, Source
from tenantry.context.objects import objects
from tenantry.plan.object import Kind
from tenantry.session.connect import pin
from tenantry.sql import library
from tenantry.sql.name import quoted
from tenantry.sql.template import statements
from tenantry.testing.databases import Database

FOLDER = files("tenantry.context") / "sql"
FILES = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".sql"))


def dump(database: Database) -> str:
    """Give the schema as pg_dump writes it."""
    program = database.server.bin_dir / "pg_dump"
    done = subprocess.run(
        [program, "--schema-only", database.url()], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("\\"))


def globals_of(connection: psycopg.Connection) -> object:
    return connection.execute(
        "select array_agg(rolname::text order by rolname), (select array_agg(parname || paracl::text) "
        "from pg_parameter_acl) from pg_roles"
    ).fetchone()


@pytest.mark.parametrize("profile", Profile)
def test_undoing_everything_leaves_nothing(fresh_database: Callable[[str], Database], profile: Profile) -> None:
    database = fresh_database("create role case_app login; create table public.note (id integer)")
    before = dump(database)
    with database.connect() as connection:
        known = globals_of(connection)
        install(database, context(profile))
        for made in reversed(objects(context(profile))):
            for statement in made.drop:
                connection.execute(statement.encode())
        assert globals_of(connection) == known
    assert dump(database) == before


def test_roles_another_database_stands_on_stay(fresh_database: Callable[[str], Database]) -> None:
    first, second = fresh_database("create role case_app login"), fresh_database("")
    wanted = context(Profile.SEALED)
    install(first, wanted)
    install(second, wanted)
    with second.connect() as connection:
        for made in reversed(objects(wanted)):
            for statement in made.drop:
                connection.execute(statement.encode())
    with first.connect("case_app") as connection, connection.transaction():
        connection.execute("select tenantry.open(%s)", [MINTER.mint("7b9f4c0e-0000-4000-8000-000000000000")])
        assert value(connection, "select tenantry.current_org_id()::text") == "7b9f4c0e-0000-4000-8000-000000000000"
    # why: the workshop drops the roles with the database it drops first
    second.execute(f"drop database {quoted(first.name)} with (force)")


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_sql_before_it_is_rendered(scratch: psycopg.Connection, name: str) -> None:
    for statement in statements(library.read(FOLDER / name).body):
        # why: the server parses all it is sent before it runs the first statement, which ends it
        with pytest.raises(psycopg.errors.DivisionByZero):
            scratch.execute(f"select 1/0; {statement}".encode())


@pytest.mark.parametrize("profile", Profile)
def test_objects_of_a_phase_can_be_made_in_the_order_of_their_ids(profile: Profile) -> None:
    made = objects(context(profile))
    assert list(made) == sorted(made, key=lambda one: (one.phase, one.id))
    assert len({one.id for one in made}) == len(made)


@pytest.mark.parametrize("profile", Profile)
def test_an_id_is_what_the_server_calls_the_object(fresh_database: Callable[[str], Database], profile: Profile) -> None:
    database = fresh_database("create role case_app login")
    wanted = context(profile, noun='an "odd" one')
    install(database, wanted)
    with database.connect() as connection:
        pin(connection)
        ours = {made.id for made in objects(wanted) if made.kind is Kind.FUNCTION}
        there = connection.execute(
            "select 'function ' || oid::regprocedure::text from pg_proc where pronamespace = 'tenantry'::regnamespace"
        ).fetchall()
    assert ours == {name for (name,) in there}


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.parametrize("server", [18], indirect=True)
def test_any_noun_and_role_works_or_is_refused(
    fresh_database: Callable[[str], Database], profile: Profile, name: str
) -> None:
    noun = name.encode()[:47].decode(errors="ignore")
    database = fresh_database(f"create role {quoted(name)} login")
    source = Source(f"case.{'x' * 20}", (name, "id")) if profile is Profile.PLAIN else None
    wanted = context(profile, noun=noun, app_roles=(name,), internal_roles=(name,), key_type="text", tenant=source)
    install(database, wanted)
    reader, guard = (sql.Identifier("tenantry", made) for made in (f"current_{noun}_id", f"require_{noun}_context"))
    with database.connect(name) as connection, connection.transaction():
        if profile is Profile.PLAIN:
            connection.execute("select set_config(%s, %s, true)", [source.setting, json.dumps({name: {"id": "us"}})])
        else:
            connection.execute("select tenantry.open(%s)", [MINTER.mint("us")])
        row = connection.execute(sql.SQL("select {}(), {}()").format(reader, guard)).fetchone()
        assert row is not None
        assert row[0] == "us"


@pytest.mark.parametrize(
    ("key_type", "key"),
    [
        ("uuid", "7b9f4c0e-0000-4000-8000-000000000000"),
        ("bigint", "9000000000"),
        ("int4", "7"),
        ("text", "مرحبا"),
        ("character varying(30)", "seven"),
        ('public."Key of"', "seven"),
    ],
)
def test_the_reader_has_the_type_of_the_tenants_key(
    fresh_database: Callable[[str], Database], key_type: str, key: str
) -> None:
    database = fresh_database('create role case_app login; create domain public."Key of" as text')
    install(database, context(Profile.SEALED, key_type=key_type))
    with database.connect("case_app") as connection, connection.transaction():
        connection.execute("select tenantry.open(%s)", [MINTER.mint(key)])
        assert value(connection, "select tenantry.current_org_id()::text") == key
        wanted = key_type.partition("(")[0]
        assert value(connection, "select pg_typeof(tenantry.current_org_id()) = %s::regtype", wanted)


@pytest.mark.parametrize(
    "wrong",
    [
        {"noun": ""},
        {"noun": "a\0b"},
        {"noun": "x" * 48},
        {"noun": "\ud800"},
        {"app_roles": ("x" * 64,)},
        {"app_roles": ("public",)},
        {"app_roles": ("none",)},
        {"app_roles": ("tenantry_owner",)},
        {"app_roles": ("twice", "twice")},
        {"key_type": "uuid); drop table x; --"},
        {"key_type": "money"},
        {"key_type": ""},
        {"profile": Profile.PLAIN},
        {"tenant": Source("case.tenant_id")},
        {"profile": Profile.PLAIN, "tenant": Source("")},
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_runs(wrong: dict[str, object]) -> None:
    with pytest.raises(ContextInvalid):
        Context(**{"noun": "org", **wrong})


@pytest.mark.parametrize("profile", Profile)
def test_a_guard_refuses_all_but_internal_roles(fresh_database: Callable[[str], Database], profile: Profile) -> None:
    database = fresh_database("create role case_app login; create role case_clock login")
    install(database, context(profile, internal_roles=("case_clock",)))
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="no org is known in this transaction")
    with database.connect("case_app") as connection, refused:
        connection.execute("select tenantry.require_org_context()")
    database.execute("grant usage on schema tenantry to case_clock")
    with database.connect("case_clock") as connection:
        connection.execute("select tenantry.require_org_context()")


def test_claims_are_read_from_a_token_that_a_gateway_has_checked(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database("create role case_app login")
    claims = "request.jwt.claims"
    sources = {"tenant": Source(claims, ("app_metadata", "org_id")), "actor": Source(claims, ("sub",))}
    install(database, context(Profile.PLAIN, key_type="bigint", **sources))
    with database.connect("case_app") as connection:
        with connection.transaction():
            connection.execute(
                "select set_config('request.jwt.claims', %s, true)", ['{"sub": "ann", "app_metadata": {"org_id": 7}}']
            )
            row = connection.execute("select tenantry.current_org_id(), tenantry.current_actor()").fetchone()
            assert row == (7, "ann")
        # why: what was made once reads as the empty text ever after
        assert connection.execute("select tenantry.current_org_id(), tenantry.current_actor()").fetchone() == (
            None,
            None,
        )


@pytest.mark.parametrize("profile", [Profile.SEALED, Profile.PLAIN])
def test_a_reader_is_inlined(fresh_database: Callable[[str], Database], profile: Profile) -> None:
    database = fresh_database("create role case_app login")
    install(database, context(profile))
    with database.connect("case_app") as connection:
        plan = connection.execute("explain (verbose, costs off) select tenantry.current_org_id()").fetchall()
    assert "current_setting(" in str(plan)
    assert "tenantry." not in str(plan)


@pytest.mark.parametrize(
    ("profile", "more"), [(Profile.SEALED, {"open"}), (Profile.SIGNED, {"open", "accept"}), (Profile.PLAIN, {"asked"})]
)
def test_an_application_may_execute_what_it_needs_and_no_more(
    fresh_database: Callable[[str], Database], profile: Profile, more: set[str]
) -> None:
    database = fresh_database("create role case_app login")
    install(database, context(profile))
    with database.connect("case_app") as connection:
        executable = connection.execute(
            "select proname::text from pg_proc where pronamespace = 'tenantry'::regnamespace "
            "and has_function_privilege(oid, 'execute')"
        ).fetchall()
    readers = {"carrier", "carried", "tenant_of", "current_tenant", "current_actor", "current_roles", "current_scope"}
    readers |= {"has_role", "has_any_role"}
    guards = {"current_org_id", "require_org_context", "assert_context", "check_seal"}
    assert {name for (name,) in executable} == readers | guards | more
