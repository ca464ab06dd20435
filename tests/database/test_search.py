"""Do search functions use their index, and give nobody but the tenant's own members keys, errors or anything else?"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from grounds import MINTER, OPEN, OURS, SECRET, THEIRS, value, weaken
from planning import apply_to, plan_of
from psycopg.errors import InsufficientPrivilege, InvalidEscapeSequence
from tools.plans import cases

from tenantry.blueprint.model import Blueprint
from tenantry.features.isolation.search import SearchImpossible
from tenantry.testing.databases import Database
from tenantry.verify.model import Level, Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify

ANN, BOB = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
APP = "search_app"
BEFORE = f"""
    create role {APP} login;
    create role search_other login;
    create extension pg_trgm;
    create table public.orgs (id uuid primary key);
    create table public.users (id uuid primary key, email text not null unique);
    create table public.memberships (
        org_id uuid not null references public.orgs, user_id uuid not null references public.users,
        primary key (org_id, user_id)
    );
    create table public.notes (
        id integer primary key, org_id uuid not null references public.orgs, body text not null, doc jsonb,
        tags text[], words tsvector, price numeric
    );
    create table public.plans (id integer primary key, title text);
    create index notes_body on public.notes using gin (body gin_trgm_ops);
    create index notes_doc on public.notes using gin (doc jsonb_path_ops);
    create index notes_tags on public.notes using gin (tags);
    create index notes_words on public.notes using gin (words);
    create index notes_org on public.notes (org_id);
    insert into public.orgs values ('{OURS}'), ('{THEIRS}');
    insert into public.users values ('{ANN}', 'ann'), ('{BOB}', 'bob');
    insert into public.memberships values ('{OURS}', '{ANN}'), ('{THEIRS}', '{BOB}');
    grant select on public.orgs, public.users, public.memberships, public.plans to {APP};
    grant select, insert, update, delete on public.notes to {APP};
    grant usage on schema public to search_other;
"""
ROWS = f"""
    insert into public.orgs select md5(number::text)::uuid from generate_series(1, 200) as number;
    insert into public.notes (id, org_id, body, doc, tags, words)
    select
        number, case when number % 2 = 0 then '{OURS}'::uuid else md5((number % 199 + 1)::text)::uuid end,
        md5(number::text), jsonb_build_object('n', number % 5000), array['t' || number % 5000],
        to_tsvector('simple', 'w' || number % 5000)
    from generate_series(1001, 41000) as number;
    analyze public.notes;
"""
FEW = f"""
    insert into public.notes values
        (1, '{OURS}', 'our Common word', '{{"a": 1, "b": 2}}', '{{x,y}}', 'common'),
        (2, '{OURS}', '100%_done\\', '{{"a": 2}}', '{{x}}', 'done'),
        (3, '{THEIRS}', 'their common secret', '{{"a": 1}}', '{{y}}', 'common');
"""
BLUEPRINT = {
    "tenant": {"table": "public.orgs"},
    "users": {"table": "public.users"},
    "roles": {"attack": [APP]},
    "membership": {"table": "public.memberships"},
    "tables": {
        "public.notes": {"search": ["body", "doc", "tags", "words"]},
        "public.plans": {"shared": "one list for all"},
    },
}
SEARCHES = {
    "notes_body": ("select id from tenantry.search_notes_body(%s)", "COMMON"),
    "notes_doc": ("select id from tenantry.search_notes_doc(%s)", '{"a": 1}'),
    "notes_tags": ("select id from tenantry.search_notes_tags(%s)", ["y"]),
    "notes_words": ("select id from tenantry.search_notes_words(%s::tsquery)", "common"),
}
BODY = SEARCHES["notes_body"][0]


def applied(make: Callable[[str], Database], rows: str) -> Database:
    """Give a database after apply, with a key and rows."""
    database = make(BEFORE)
    apply_to(database, Blueprint.model_validate(BLUEPRINT))
    with database.connect() as connection:
        connection.execute("select tenantry.add_key('first', %s)", [SECRET])
        connection.execute(rows.encode())
    return database


@pytest.fixture
def few(fresh_database: Callable[[str], Database]) -> Database:
    """Give two tenants with a few rows."""
    return applied(fresh_database, FEW)


def keys(connection: psycopg.Connection, query: str, sought: object, tenant: str = OURS, actor: str = ANN) -> list[int]:
    """Give the keys a search finds in a context."""
    with connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(tenant, actor=actor)])
        return sorted(row[0] for row in connection.execute(query.encode(), [sought]))


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_gives_the_keys_of_the_tenant_s_own_rows(few: Database, name: str) -> None:
    query, sought = SEARCHES[name]
    with few.connect(APP) as connection:
        assert keys(connection, query, sought) == [1]
        assert keys(connection, query, sought, THEIRS, BOB) == [3]
        assert keys(connection, query, sought, THEIRS, ANN) == [], "no member finds nothing"
        assert connection.execute(query.encode(), [sought]).fetchall() == [], "nor does anybody without a context"


@pytest.mark.parametrize("name", SEARCHES)
def test_without_the_tenant_in_it_a_search_would_find_everybody_s(few: Database, name: str) -> None:
    query, sought = SEARCHES[name]
    with few.connect() as connection:
        found = connection.execute("select oid::regprocedure from pg_proc where proname = %s", [f"search_{name}"])
        signature = str((found.fetchone() or [""])[0])
    weaken(few, signature, '."org_id" = search.tenant and', '."org_id" is not null and')
    with few.connect(APP) as connection:
        assert keys(connection, query, sought) == [1, 3]


def test_what_is_sought_is_text_and_no_pattern(few: Database) -> None:
    with few.connect(APP) as connection:
        found = {sought: keys(connection, BODY, sought) for sought in ("%", "_", "0%_D", "\\", "\\\\", "o%r", "", "'")}
    assert found == {"%": [2], "_": [2], "0%_D": [2], "\\": [2], "\\\\": [], "o%r": [], "": [1, 2], "'": []}


def test_no_error_tells_of_another_tenant_s_value(fresh_database: Callable[[str], Database]) -> None:
    database = applied(fresh_database, FEW + ROWS)
    with database.connect(APP) as connection:
        for sought in ("their common\\", "nowhere\\"):
            assert keys(connection, BODY, sought) == []
    # why: the index gives rows of all tenants, and a pattern that ends with a backslash raises where the rest matches
    weaken(database, "tenantry.search_notes_body(text)", r"regexp_replace($1, '[\\%_]', '\\\&', 'g') || '%'", "$1")
    with database.connect(APP) as connection:
        assert keys(connection, BODY, "nowhere\\") == []
        with pytest.raises(InvalidEscapeSequence):
            keys(connection, BODY, "their common\\")


def test_the_table_s_policies_decide_what_is_read_of_a_key(few: Database) -> None:
    few.execute("create policy not_done on public.notes as restrictive for select to public using (body !~ 'done')")
    joined = "select note.id from tenantry.search_notes_body(%s) as found join public.notes as note using (id)"
    with few.connect(APP) as connection:
        assert keys(connection, BODY, "o") == [1, 2]
        assert keys(connection, joined, "o") == [1]


def test_only_roles_that_serve_tenants_may_search(few: Database) -> None:
    few.execute("grant usage on schema tenantry to search_other")
    with few.connect("search_other") as connection:
        for query, sought in SEARCHES.values():
            with pytest.raises(InsufficientPrivilege, match="permission denied for function"):
                connection.execute(query.encode(), [sought])


@pytest.mark.parametrize("mode", ["auto", "force_generic_plan"])
def test_the_index_is_used_for_a_tenant_that_has_half_of_all_rows(
    fresh_database: Callable[[str], Database], mode: str
) -> None:
    database = applied(fresh_database, ROWS)
    plain = {
        "notes_body": ("select id from public.notes where body ilike '%%' || %s || '%%'", "a1b2c3"),
        "notes_doc": ("select id from public.notes where doc @> %s", '{"n": 42}'),
        "notes_tags": ("select id from public.notes where tags @> %s", ["t42"]),
        "notes_words": ("select id from public.notes where words @@ %s::tsquery", "w42"),
    }
    with database.connect(APP) as connection:
        connection.execute(f"set plan_cache_mode = {mode}".encode())
        for name, (same, sought) in plain.items():
            query = SEARCHES[name][0]
            for _ in range(7):
                assert keys(connection, query, sought) == keys(connection, same, sought)
            assert _scans(connection, query, sought, name) == 1, name
            assert _scans(connection, same, sought, name) == 0, "row security keeps the index from being used"


def _scans(connection: psycopg.Connection, query: str, sought: object, index: str) -> object:
    """Count the scans of an index that a query makes."""
    with connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(OURS, actor=ANN)])
        count = "select pg_stat_get_xact_numscans(%s::regclass)"
        before = value(connection, count, f"public.{index}")
        connection.execute(query.encode(), [sought]).fetchall()
        return int(str(value(connection, count, f"public.{index}"))) - int(str(before))


def _verified(database: Database) -> Report:
    second = lambda: psycopg.connect(database.url(), autocommit=True)  # noqa: E731
    with psycopg.connect(database.url(), autocommit=True, prepare_threshold=None) as connection:
        return verify(connection, Blueprint.model_validate(BLUEPRINT), Options(may_write=True, second=second))


def _harmful(report: Report) -> list[str]:
    """Give errors and warnings but for T21: that the server lacks a repair is no trait of the schema."""
    found = [one for one in report.findings if one.level is not Level.NOTE and not one.code.startswith("T21")]
    return [f"{one.code} {one.message}" for one in found]


def test_searches_are_no_hole_until_their_body_is_another(few: Database) -> None:
    report = _verified(few)
    assert _harmful(report) == []
    assert report.unproven == ()
    few.execute(
        "create or replace function tenantry.search_notes_body(text) returns table (id integer) language sql stable "
        "security definer set search_path = pg_catalog, pg_temp "
        "as $$ select item.id from public.notes as item where item.body ~~* $1 $$"
    )
    assert any("search_notes_body" in one for one in _harmful(_verified(few)))


@pytest.mark.parametrize(
    ("table", "column"),
    [("public.notes", "price"), ("public.notes", "gone"), ("public.plans", "title"), ("public.orgs", "id")],
)
def test_what_cannot_be_searched_is_refused(fresh_database: Callable[[str], Database], table: str, column: str) -> None:
    database = fresh_database(BEFORE)
    tables = {"public.plans": {"shared": "all"}} if table != "public.plans" else {}
    declared = {**BLUEPRINT, "tables": {**tables, table: {"search": [column]}}, "isolation": {"unknown": "share"}}
    with pytest.raises(SearchImpossible):
        plan_of(database, Blueprint.model_validate(declared))


def test_names_that_want_quotes_are_searched_and_their_members_found(fresh_database: Callable[[str], Database]) -> None:
    case = next(one for one in cases() if one.name == "hostile_names_searched")
    database = fresh_database(case.before)
    apply_to(database, next(case.stages()).blueprint)
    with database.connect() as connection:
        connection.execute("select tenantry.add_key('first', %s)", [SECRET])
        connection.execute(HOSTILE_ROWS.encode())
    with database.connect("app %s") as connection:
        for actor, found in (("7", [1]), ("8", [])):
            assert keys(connection, 'select * from tenantry."search_a$b%%_bo""dy"(%s)', "O%", "one", actor) == found
            assert keys(connection, 'select * from tenantry."search_a$b%%_d%%s"(%s)', '{"k": 1}', "one", actor) == found


HOSTILE_ROWS = """
    insert into "it's; $$"."Ten ants" values ('one'), ('two');
    insert into "it's; $$"."Us{}ers" values (7, ''), (8, '');
    insert into "it's; $$"."order" values ('one', 7, true, 'it''s'), ('one', 8, true, 'it'), ('two', 8, true, '$$');
    insert into "it's; $$"."a$b%" values (1, 'one', 'O%', '{"k": 1}'), (2, 'two', 'O%', '{"k": 1}');
"""
