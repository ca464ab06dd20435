"""Does a verification notice where tenantry's own context was weakened, and say nothing where it was not?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from grounds import APP, OURS, SETTING, THEIRS, context, install, value, weaken
from verifying import found, report_on

from tenantry.context.model import Profile
from tenantry.context.seal_attack import ATTACK as SEAL
from tenantry.testing.databases import Database
from tenantry.verify.model import Finding, Level

PROVED = (Profile.SEALED, Profile.SIGNED)
ORGS = f"""
    create table public.org (id uuid primary key);
    create table public.note (id integer primary key, tenant_id uuid not null references public.org, body text);
    insert into public.org values ('{OURS}'), ('{THEIRS}');
    alter table public.org enable row level security; alter table public.org force row level security;
    alter table public.note enable row level security; alter table public.note force row level security;
    create policy floor on public.org using (id = (select tenantry.current_org_id()));
    create policy floor on public.note using (tenant_id = (select tenantry.current_org_id()));
    grant select on public.org, public.note to {APP};
"""
MINT = "tenantry.mint(text, text, text, text, integer)"
ADD_KEY = "tenantry.add_key(text, bytea, timestamptz, timestamptz, integer)"
LIE = """
    create or replace function tenantry.check_seal() returns table (condition text, holds boolean, detail text)
    language sql volatile set search_path = pg_catalog, pg_temp as $$ select 'all_is_well', true, '' $$
"""
SHARED = {
    "readable": (f"grant select on tenantry.key_ring to {APP}", "key_ring_is_closed"),
    "readable by all": ("grant select on tenantry.key_ring to public", "key_ring_is_closed"),
    "writable": (f"grant insert on tenantry.key_ring to {APP}", "key_ring_is_not_written"),
    "one column": (f"grant update (is_revoked) on tenantry.key_ring to {APP}", "key_ring_is_not_written"),
    "emptied": (f"grant delete on tenantry.key_ring to {APP}", "key_ring_is_not_written"),
    "keys": (f"grant execute on function {ADD_KEY} to {APP}", "keys_are_not_added"),
    "mint": (f"grant execute on function {MINT} to {APP}", "mint_is_closed"),
    "member": (f"grant tenantry_context to {APP}", "role_is_ordinary"),
    "lies": (LIE, "tenantry.check_seal()"),
    "lies about a grant": (f"{LIE}; grant select on tenantry.key_ring to {APP}", "key_ring_is_closed"),
    "pin": ("alter function tenantry.open(text) reset search_path", "tenantry.open(text)"),
    "owner": (f"alter function tenantry.refuse(text) owner to {APP}", "tenantry.refuse(text)"),
    "reader": (
        "create or replace function tenantry.current_org_id() returns uuid language sql stable "
        f"return '{THEIRS}'::uuid",
        "tenantry.current_org_id()",
    ),
    "public": (f"grant execute on function {MINT} to public", "tenantry.mint(text,text,text,text,integer)"),
}
SEALED = {
    "carrier": (f"grant set on parameter backtrace_functions to {APP}", "carrier_refuses_set_config"),
    "no grant": ("revoke set on parameter backtrace_functions from tenantry_context", "context_opens"),
}
CASES = [
    *(pytest.param(Profile.SEALED, *case, id=f"sealed-{name}") for name, case in (SHARED | SEALED).items()),
    *(pytest.param(Profile.SIGNED, *SHARED[name], id=f"signed-{name}") for name in ("readable", "lies", "pin")),
]


def made(fresh_database: Callable[[str], Database], profile: Profile) -> Database:
    database = fresh_database(f"create role {APP} login")
    install(database, context(profile))
    database.execute(ORGS)
    return database


def findings(database: Database) -> list[Finding]:
    return found(report_on(database, also=(SEAL,)), SEAL.code)


def fingerprint(database: Database) -> str:
    """Give a digest of the schema tenantry: definitions, owners, rights and keys."""
    query = """
        select array[array_agg((pg_get_functiondef(oid), proowner, proacl)::text order by oid)::text,
            (select array_agg(key_ring::text order by id)::text from tenantry.key_ring),
            (select nspacl::text from pg_namespace where nspname = 'tenantry')]::text
        from pg_proc where pronamespace = 'tenantry'::regnamespace
    """
    with database.connect("postgres") as connection:
        return hashlib.sha256(str(value(connection, query)).encode()).hexdigest()


@pytest.mark.parametrize("profile", PROVED)
def test_a_sound_seal_is_no_finding_and_trying_it_leaves_nothing(
    fresh_database: Callable[[str], Database], profile: Profile
) -> None:
    database = made(fresh_database, profile)
    before = fingerprint(database)
    report = report_on(database, also=(SEAL,))
    assert found(report, SEAL.code) == []
    assert [one for one in report.unproven if SEAL.code in str(one)] == []
    assert fingerprint(database) == before


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize(("profile", "sabotage", "named"), CASES)
def test_a_broken_seal_is_an_error(
    fresh_database: Callable[[str], Database], profile: Profile, sabotage: str, named: str
) -> None:
    database = made(fresh_database, profile)
    database.execute(sabotage)
    came = findings(database)
    assert {one.level for one in came} == {Level.ERROR}
    assert named in {what for one in came for what in one.objects}


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        ("tenantry.open(text)", "carrier, true", "carrier, false"),
        ("tenantry.proved(text)", " = sha256(decode", " > ''::bytea and ''::bytea < sha256(decode"),
    ],
)
def test_a_weakened_body_is_an_error_and_its_fix_mends_it(
    fresh_database: Callable[[str], Database], function: str, old: str, new: str
) -> None:
    database = made(fresh_database, Profile.SEALED)
    weaken(database, function, old, new)
    came = findings(database)
    assert [one.objects for one in came] == [(function,)]
    with database.connect("postgres") as connection:
        connection.execute("set search_path = pg_catalog")
        connection.execute(came[0].fix.encode())
    assert findings(database) == []


@pytest.mark.parametrize(("sabotage", "named"), [SHARED["readable"], SHARED["mint"], SEALED["carrier"]])
def test_the_fix_of_a_broken_seal_mends_it(
    fresh_database: Callable[[str], Database], sabotage: str, named: str
) -> None:
    database = made(fresh_database, Profile.SEALED)
    database.execute(sabotage)
    for one in findings(database):
        assert named in one.objects
        database.execute(one.fix)
    assert findings(database) == []


def test_a_plain_context_has_no_seal(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(f"create role {APP} login")
    install(database, context(Profile.PLAIN))
    database.execute(ORGS)
    assert SETTING
    assert findings(database) == []
