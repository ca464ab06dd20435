"""Is a tenant that a token names served to its members alone, and no longer to who was one a statement ago?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from grounds import MINTER, OPEN, SECRET, THEIRS, value
from grounds import OURS as A
from planning import apply_to, plan_of
from psycopg.errors import InsufficientPrivilege

from tenantry.blueprint.membership import MembershipUnknown
from tenantry.blueprint.model import Blueprint
from tenantry.testing.databases import Database
from tenantry.verify.model import Level
from tenantry.verify.options import Options
from tenantry.verify.run import verify

B = THEIRS
ANN, BOB = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
APP, JOBS = "member_app", "member_jobs"
BEFORE = f"""
    create role {APP} login;
    create role {JOBS} login;
    create table public.orgs (id uuid primary key);
    create table public.users (id uuid primary key, email text not null unique);
    create table public.memberships (
        org_id uuid not null references public.orgs, user_id uuid not null references public.users,
        role text not null default 'staff', is_active boolean not null default true, primary key (org_id, user_id)
    );
    create table public.notes (id integer primary key, org_id uuid not null references public.orgs, body text not null);
    insert into public.orgs values ('{A}'), ('{B}');
    insert into public.users values ('{ANN}', 'ann'), ('{BOB}', 'bob');
    insert into public.memberships (org_id, user_id) values ('{A}', '{ANN}'), ('{B}', '{BOB}');
    insert into public.notes select id, case when id <= 50 then '{A}'::uuid else '{B}'::uuid end, 'x'
    from generate_series(1, 100) as id;
    grant select, insert, update, delete on public.memberships, public.notes to {APP}, {JOBS};
    grant select on public.orgs, public.users to {APP}, {JOBS};
"""
MEMBERSHIP = {
    "table": "public.memberships",
    "role": "role",
    "active": ["is_active"],
    "without_actor": [JOBS],
}
COUNT = "select count(*) from public.notes"
WITHOUT = """
    create or replace function tenantry.current_org_id() returns uuid language sql stable parallel safe
    return tenantry.tenant_of(tenantry.carrier())::uuid
"""


def blueprint(profile: str, **more: object) -> Blueprint:
    return Blueprint.model_validate(
        {
            "tenant": {"table": "public.orgs"},
            "users": {"table": "public.users"},
            "roles": {"attack": [APP, JOBS]},
            "context": {"profile": profile},
            "membership": {**MEMBERSHIP, **more},
        }
    )


@dataclass(frozen=True)
class Served:
    """A database that serves members alone, and its profile."""

    database: Database
    profile: str

    def connect(self, user: str = APP) -> psycopg.Connection:
        """Connect as a role, in autocommit."""
        return self.database.connect(user)


@pytest.fixture(params=["sealed", "signed"])
def at(request: pytest.FixtureRequest, fresh_database: Callable[[str], Database]) -> Served:
    """Give a database after apply, with a key."""
    database = fresh_database(BEFORE)
    apply_to(database, blueprint(request.param))
    with database.connect() as connection:
        connection.execute("select tenantry.add_key('first', %s)", [SECRET])
    return Served(database, request.param)


@pytest.fixture
def sealed(fresh_database: Callable[[str], Database]) -> Database:
    """Give the same under the sealed profile."""
    database = fresh_database(BEFORE)
    apply_to(database, blueprint("sealed"))
    with database.connect() as connection:
        connection.execute("select tenantry.add_key('first', %s)", [SECRET])
    return database


def seen(connection: psycopg.Connection, tenant: str, actor: str, roles: tuple[str, ...] = ()) -> int:
    """Count the notes an actor sees in a tenant's context."""
    with connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(tenant, actor=actor, roles=roles)])
        return int(str(value(connection, COUNT)))


def test_a_token_for_a_tenant_its_actor_does_not_belong_to_opens_nothing(at: Served) -> None:
    with at.connect() as connection:
        assert (seen(connection, A, ANN), seen(connection, B, BOB)) == (50, 50)
        assert (seen(connection, B, ANN), seen(connection, A, BOB)) == (0, 0)
    at.database.execute(WITHOUT)
    with at.connect() as connection:
        assert seen(connection, B, ANN) == 50, "it is the reader that refuses"


def test_an_actor_is_told_its_own_roles_and_who_is_no_member_nothing(at: Served) -> None:
    with at.connect() as connection:
        for tenant, actor, expected in ((A, ANN, ["staff"]), (B, ANN, None), (A, "", None), ("", ANN, None)):
            with connection.transaction(force_rollback=True):
                if tenant:
                    connection.execute(OPEN, [MINTER.mint(tenant, actor=actor)])
                assert value(connection, "select tenantry.member_roles()") == expected
    at.database.execute(f"update public.memberships set is_active = false where user_id = '{ANN}'")
    with at.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
        assert value(connection, "select tenantry.member_roles()") is None


def test_who_is_no_member_writes_nothing(at: Served) -> None:
    with at.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(B, actor=ANN)])
        for statement in (
            f"insert into public.notes values (101, '{B}', '')",
            f"insert into public.memberships values ('{B}', '{ANN}')",
            f"insert into public.memberships values ('{A}', '{ANN}', 'owner')",
        ):
            with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
                connection.execute(statement.encode())
        for statement in ("update public.notes set body = ''", "delete from public.memberships"):
            assert connection.execute(statement.encode()).rowcount == 0


def test_a_member_of_one_tenant_lists_nobody_in_another(at: Served) -> None:
    with at.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
        with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
            connection.execute("insert into public.memberships values (%s, %s)", [B, ANN])
        with pytest.raises(psycopg.Error), connection.transaction():
            connection.execute("update public.memberships set org_id = %s", [B])
        assert connection.execute("select org_id::text, user_id::text from public.memberships").fetchall() == [(A, ANN)]


def test_without_the_membership_s_floor_a_member_would_list_itself_elsewhere(sealed: Database) -> None:
    sealed.execute("drop policy tenantry_floor on public.memberships")
    with sealed.connect(APP) as connection, connection.transaction():
        connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
        connection.execute("insert into public.memberships values (%s, %s)", [B, ANN])
    with sealed.connect(APP) as connection:
        assert seen(connection, B, ANN) == 50


def test_a_context_without_an_actor_is_for_roles_that_are_named(at: Served) -> None:
    with at.connect() as connection:
        assert seen(connection, A, "") == 0
    with at.connect(JOBS) as connection:
        assert (seen(connection, A, ""), seen(connection, A, BOB)) == (50, 0)


def test_asking_the_check_itself_shows_no_row_and_takes_no_claim(at: Served) -> None:
    with at.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(A)])
        assert str(value(connection, "select tenantry.admitted(false)")) == A
        assert value(connection, COUNT) == 0
    with at.connect() as connection:
        names = value(
            connection,
            "select pg_get_function_arguments('tenantry.admitted(boolean)'::regprocedure)",
        )
    assert names == "needs_actor boolean"


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
def test_a_removed_member_loses_access_with_the_next_statement(at: Served, mode: str) -> None:
    with at.connect() as connection, at.database.connect() as other, connection.transaction():
        connection.execute(f"set local plan_cache_mode = {mode}".encode())
        connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
        connection.execute(f"prepare counted as {COUNT}".encode())
        assert value(connection, "execute counted") == 50
        other.execute("update public.memberships set is_active = false where user_id = %s", [ANN])
        assert value(connection, "execute counted") == 0
        other.execute("update public.memberships set is_active = true where user_id = %s", [ANN])
        assert value(connection, "execute counted") == 50
        other.execute("delete from public.memberships where user_id = %s", [ANN])
        assert value(connection, "execute counted") == 0


def test_a_context_claims_no_role_that_the_member_has_not(at: Served) -> None:
    with at.connect() as connection:
        found = [seen(connection, A, ANN, roles) for roles in ((), ("staff",), ("owner",), ("staff", "owner"))]
    assert found == [50, 50, 0, 0]


def test_the_guard_says_who_is_no_member(at: Served) -> None:
    guard = "select tenantry.require_org_context()"
    with at.connect() as connection:
        with pytest.raises(InsufficientPrivilege, match="no org is known"):
            connection.execute(guard)
        for actor in (ANN, ""):
            with connection.transaction(force_rollback=True):
                connection.execute(OPEN, [MINTER.mint(B, actor=actor)])
                with pytest.raises(InsufficientPrivilege, match="is no member of the org"), connection.transaction():
                    connection.execute(guard)
        with connection.transaction():
            connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
            connection.execute(guard)


def test_membership_is_looked_up_once_a_statement(at: Served) -> None:
    with at.database.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("set local track_functions = 'pl'")
        connection.execute(f"set local role {APP}".encode())
        connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
        assert value(connection, COUNT) == 50
        calls = "select calls from pg_stat_xact_user_functions where funcname = 'admitted'"
        assert value(connection, calls) == 1


HIJACK = f"""
    create schema hijacking authorization {APP};
    create function hijacking.always(uuid, uuid) returns boolean language sql immutable return true;
    create operator hijacking.= (leftarg = uuid, rightarg = uuid, function = hijacking.always);
    create table hijacking.memberships (org_id uuid, user_id uuid, role text, is_active boolean);
    insert into hijacking.memberships values ('{B}', '{ANN}', 'staff', true);
    grant all on schema hijacking to {APP}, tenantry_lookup;
    grant select on hijacking.memberships to tenantry_lookup;
    grant temporary on database __here__ to {APP};
"""


def _hijacked(database: Database) -> int:
    with database.connect(APP) as connection:
        connection.execute(f"create temp table memberships as select '{B}'::uuid as org_id, '{ANN}'::uuid as user_id")
        connection.execute("set search_path = hijacking, pg_temp, pg_catalog, public")
        return seen(connection, B, ANN)


def test_a_search_path_of_the_caller_s_bends_nothing(sealed: Database) -> None:
    with sealed.connect() as connection:
        here = value(connection, "select quote_ident(current_database())")
    sealed.execute(HIJACK.replace("__here__", str(here)))
    assert _hijacked(sealed) == 0
    sealed.execute("alter function tenantry.admitted(boolean) reset search_path")
    assert _hijacked(sealed) == 50, "it is the pinned path that holds"


def test_the_check_cannot_be_taken_away_by_the_application(at: Served) -> None:
    take = (
        "drop function tenantry.admitted(boolean)",
        "alter function tenantry.admitted(boolean) rename to gone",
        "create or replace function tenantry.admitted(needs_actor boolean) returns uuid language sql return null",
        "alter table public.memberships rename to gone",
        "set role tenantry_lookup",
    )
    with at.connect() as connection:
        for statement in take:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())


def test_where_the_check_or_its_table_is_gone_every_statement_is_refused(sealed: Database) -> None:
    with sealed.connect() as connection, pytest.raises(psycopg.errors.DependentObjectsStillExist):
        connection.execute("drop function tenantry.admitted(boolean)")
    for gone in (
        "alter function tenantry.admitted(boolean) owner to tenantry_owner",
        "alter table public.memberships rename to gone",
        "revoke all on public.memberships from tenantry_lookup",
    ):
        with sealed.connect() as connection, connection.transaction(force_rollback=True):
            connection.execute(gone.encode())
            connection.execute(f"set local role {APP}".encode())
            connection.execute(OPEN, [MINTER.mint(A, actor=ANN)])
            with pytest.raises(psycopg.Error):
                connection.execute(COUNT.encode())


def test_its_role_reads_the_columns_it_compares_and_no_others(sealed: Database) -> None:
    sealed.execute("alter table public.memberships add column salary integer")
    with sealed.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("set local role tenantry_lookup")
        assert value(connection, "select count(org_id) from public.memberships") == 2
        for statement in (
            "select salary from public.memberships",
            COUNT,
            "delete from public.memberships",
            "select inner_pad from tenantry.key_ring",
        ):
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode())


def test_a_database_that_serves_members_is_tight(at: Served) -> None:
    second = lambda: psycopg.connect(at.database.url(), autocommit=True)  # noqa: E731
    with psycopg.connect(at.database.url(), autocommit=True, prepare_threshold=None) as connection:
        report = verify(connection, blueprint(at.profile), Options(may_write=True, second=second))
    # why: how far behind the server is is not the database's fault
    found = [one for one in report.findings if one.level is not Level.NOTE and not one.code.startswith("T21")]
    assert [one.message for one in found] == []
    # why: signed tokens may be bound to a backend's pid, and what asks for that is never called proved
    assert report.unproven == () or at.profile == "signed"


@pytest.mark.parametrize("wrong", [{"user": "gone"}, {"active": ["gone"]}, {"table": "public.users", "role": ""}])
def test_what_does_not_fit_the_table_is_refused(
    fresh_database: Callable[[str], Database], wrong: dict[str, object]
) -> None:
    database = fresh_database(BEFORE)
    with pytest.raises(MembershipUnknown):
        plan_of(database, blueprint("sealed", **wrong))
