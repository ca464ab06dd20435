"""What policies say is believed: whose key a column holds, who the tenants are, which role a member has."""

from __future__ import annotations

import psycopg
import pytest
from api_clients import GRANTS, PLATFORM
from verifying import cell, found, report_on

from tenantry.blueprint.bound import columns_holding_actor, columns_holding_tenant
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.ownership import ownership
from tenantry.blueprint.reference import VIRTUAL
from tenantry.catalog.read import read
from tenantry.verify.conditions import compared, readers
from tenantry.verify.synthesis.build import Builder
from tenantry.verify.synthesis.row import Side


@pytest.fixture
def guessed(fresh_database):
    """Give the function that makes a database and reads what is guessed of it."""

    def read_it(sql: str):
        database = fresh_database(PLATFORM + sql + GRANTS)
        with psycopg.connect(database.url(), autocommit=True) as connection:
            catalog = read(connection)
        return catalog, ownership(catalog, Blueprint())

    return read_it


@pytest.fixture
def built(fresh_database):
    """Give the function that makes a database and gives a table's rows by side."""

    def build_it(sql: str, table: str):
        database = fresh_database(PLATFORM + sql + GRANTS)
        with psycopg.connect(database.url(), autocommit=True) as connection:
            catalog = read(connection)
            with connection.transaction(force_rollback=True):
                builder = Builder(connection, catalog, ownership(catalog, Blueprint()))
                builder.begin()
                world = builder.build()
        oid = catalog.relation_named["public", table].oid
        return {side: world.row(oid, side) for side in Side}, {side: world.missing.get((oid, side)) for side in Side}

    return build_it


@pytest.mark.parametrize(
    "policy",
    [
        "trainer_id = auth.uid()",
        "auth.uid() = trainer_id",
        "(select auth.uid()) = trainer_id",
        "(auth.uid())::text = trainer_id::text",
        "trainer_id::text = (auth.jwt() ->> 'sub')",
    ],
)
def test_a_column_compared_with_the_actor_holds_its_key(guessed, policy):
    catalog, _ = guessed(
        f"""create table public.plans (id uuid primary key, trainer_id uuid not null);
        alter table public.plans enable row level security; create policy p on public.plans using ({policy});"""
    )
    assert (catalog.relation_named["public", "plans"].oid, "trainer_id") in columns_holding_actor(catalog)


def test_what_such_a_column_refers_to_lists_users(guessed):
    catalog, owned = guessed(
        """create table public.trainers (id uuid primary key, name text not null);
        create table public.clients (id uuid primary key, trainer_id uuid not null references public.trainers);
        create table public.visits (id uuid primary key, trainer_id uuid not null references public.trainers,
            client_id uuid not null references public.clients);
        alter table public.clients enable row level security; alter table public.visits enable row level security;
        create policy p on public.clients using (auth.uid() = trainer_id);
        create policy p on public.visits using (auth.uid() = trainer_id);"""
    )
    trainers = catalog.relation_named["public", "trainers"].oid
    assert [ref.target for ref in owned.references[trainers]] == [owned.anchors.users]
    assert owned.anchors.tenants == 0, "clients of one user are no tenants"


def test_a_claim_without_a_table_names_the_tenants(guessed):
    _, owned = guessed(
        "create table public.team (id uuid primary key, org_uid text);"
        + "".join(
            f"""create table public.t{n} (id uuid primary key, org_uid text, team_id uuid references public.team);
            alter table public.t{n} enable row level security;
            create policy p on public.t{n} using (org_uid = (auth.jwt() ->> 'org_uid'));"""
            for n in range(4)
        )
    )
    assert owned.anchors.tenants == VIRTUAL
    assert "org_uid" in owned.anchors.tenant_columns


def test_a_function_named_after_the_tenant_tells_its_column(guessed):
    catalog, owned = guessed(
        """create function public.get_current_tenant_id() returns int language sql stable as
            $$ select nullif(current_setting('app.current_tenant_id', true), '')::int $$;
        create table public.empresa_usuarios (id int primary key, name text);
        create table public.clientes (id int primary key,
            empresa_usuario_id int not null references public.empresa_usuarios);
        alter table public.clientes enable row level security;
        create policy p on public.clientes using (empresa_usuario_id = public.get_current_tenant_id());"""
    )
    assert columns_holding_tenant(catalog) == {"empresa_usuario_id"}
    assert owned.anchors.tenants == catalog.relation_named["public", "empresa_usuarios"].oid


ROLES = """
create type public.app_role as enum ({labels});
create table public.orgs (id uuid primary key, name text not null);
create table public.members (org_id uuid not null references public.orgs, user_id uuid not null references auth.users,
    primary key (org_id, user_id));
create table public.user_roles (id uuid primary key, user_id uuid not null references auth.users,
    role public.app_role not null);
create function public.has_role(who uuid, what public.app_role) returns boolean language sql stable security definer
    set search_path = public as $$ select exists (select from user_roles where user_id = who and role = what) $$;
create table public.notes (id uuid primary key, org_id uuid not null references public.orgs);
alter table public.notes enable row level security;
create policy own on public.notes for select using (exists (select from public.members
    where members.org_id = notes.org_id and members.user_id = auth.uid()));
create policy admins on public.notes for select using (public.has_role(auth.uid(), 'admin'));
"""


def test_a_role_over_the_whole_platform_is_not_given_to_a_member(fresh_database):
    report = report_on(fresh_database(PLATFORM + ROLES.format(labels="'admin', 'user'") + GRANTS))
    assert cell(report, "public.user_roles", "insert", "stranger").verdict == "leak", "row security is off there"
    assert [
        c.verdict for c in report.matrix if (c.relation, c.verb, c.subject) == ("public.notes", "select", "member")
    ] == ["own_rows"]


def test_below_a_super_administrator_an_administrator_is_one_of_a_tenant(fresh_database):
    report = report_on(fresh_database(PLATFORM + ROLES.format(labels="'super_admin', 'admin', 'user'") + GRANTS))
    assert cell(report, "public.notes", "select").verdict == "leak"


def test_a_role_that_users_can_give_themselves_is_found(fresh_database):
    report = report_on(
        fresh_database(
            PLATFORM
            + ROLES.format(labels="'admin', 'user'")
            + """alter table public.user_roles enable row level security;
            create policy mine on public.user_roles for insert with check (auth.uid() = user_id);"""
            + GRANTS
        )
    )
    assert {one.relation for one in found(report, "A12")} == {"public.user_roles"}
    assert cell(report, "public.notes", "select").verdict == "own_rows"


def test_a_membership_has_the_role_and_status_policies_ask_for(built):
    rows, _ = built(
        """create table public.orgs (id uuid primary key, name text not null);
        create table public.members (id uuid primary key, org_id uuid not null references public.orgs,
            user_id uuid not null references auth.users, role text not null, status text not null default 'invited');
        create table public.notes (id uuid primary key, org_id uuid not null references public.orgs);
        alter table public.notes enable row level security;
        create policy p on public.notes using (exists (select from public.members where members.org_id = notes.org_id
            and members.user_id = auth.uid() and members.status = 'active' and members.role in ('coach', 'lead')));""",
        "members",
    )
    assert rows[Side.MINE].values["role"] in ("coach", "lead")
    assert rows[Side.MINE].values["status"] == "active"


def test_nobody_is_built_into_a_list_of_operators(built):
    rows, _ = built(
        """create table public.platform_operators (user_id uuid primary key references auth.users);
        create table public.notes (id uuid primary key, user_id uuid not null references auth.users);
        alter table public.notes enable row level security;
        create policy p on public.notes using (auth.uid() = user_id);""",
        "platform_operators",
    )
    assert rows[Side.MINE] is None
    assert rows[Side.THEIRS] is not None


@pytest.mark.parametrize(
    "table",
    [
        "a_id uuid not null references auth.users, b_id uuid not null references auth.users, check (a_id <> b_id)",
        "user_id uuid references auth.users, org_id uuid references public.orgs, "
        "check ((user_id is null) <> (org_id is null))",
        "user_id uuid not null references auth.users, code text not null unique check (code ~ '^[A-Z]{2}-[A-Z]+$')",
        "user_id uuid not null references auth.users, kind_id uuid not null unique references public.kinds",
        "user_id uuid not null references auth.users, start_time time not null, due boolean not null default true, "
        "due_at date, check (not due or due_at is not null)",
    ],
)
def test_rows_are_built_under_checks_that_weigh_columns(built, table):
    rows, missing = built(
        f"""create table public.orgs (id uuid primary key, name text not null);
        create table public.kinds (id uuid primary key, name text not null);
        create table public.things (id uuid primary key, {table});
        alter table public.things enable row level security;""",
        "things",
    )
    assert rows[Side.MINE], missing
    assert rows[Side.THEIRS], missing


def test_an_array_of_actors_ties_its_row_to_them(fresh_database):
    sql = """create table public.chats (id uuid primary key, participants uuid[] not null);
        alter table public.chats enable row level security;
        create policy p on public.chats using (auth.uid() = any (participants)) with check (true);"""
    report = report_on(fresh_database(PLATFORM + sql + GRANTS))
    assert cell(report, "public.chats", "select").verdict == "own_rows"
    assert cell(report, "public.chats", "insert").verdict == "leak"


def test_a_key_taken_by_a_trigger_does_not_hide_an_open_insert(fresh_database):
    sql = """create table public.orgs (id uuid primary key, name text not null);
        create table public.settings (org_id uuid primary key references public.orgs on delete cascade);
        create function public.begin_org() returns trigger language plpgsql security definer set search_path = public as
            $$ begin insert into settings (org_id) values (new.org_id); return new; end $$;
        create table public.sites (id uuid primary key, org_id uuid not null references public.orgs);
        create trigger begin_org after insert on public.sites for each row execute function public.begin_org();
        create unique index on public.sites (org_id);
        alter table public.sites enable row level security;
        create policy p on public.sites for insert with check (true);"""
    report = report_on(fresh_database(PLATFORM + sql + GRANTS))
    assert cell(report, "public.sites", "insert").verdict == "leak"


def test_readers_are_found_through_other_tables(guessed):
    catalog, _ = guessed(
        """create table public.a (id int primary key, kind text); create table public.b (id int primary key, a_id int);
        create table public.c (id int primary key, b_id int); create table public.d (id int primary key);
        alter table public.b enable row level security; alter table public.c enable row level security;
        create policy p on public.b using (exists (select from public.a where a.id = b.a_id and a.kind = 'x'));
        create policy p on public.c using (exists (select from public.b where b.id = c.b_id));"""
    )
    oid = {name: catalog.relation_named["public", name].oid for name in "abcd"}
    assert readers(catalog, [oid["a"]]) == {oid["a"], oid["b"], oid["c"]}
    assert compared(catalog)[oid["a"], "kind"] == {"x": 1}


PERMISSIONS = """
create table public.orgs (id uuid primary key, name text not null);
create table public.notes (id uuid primary key, org_id uuid not null references public.orgs);
create table public.plans (id uuid primary key, org_id uuid not null references public.orgs);
create function public.may(what text, org uuid default null) returns boolean language sql stable as $$
    select exists (select from jsonb_array_elements_text(auth.jwt()::jsonb -> 'user_metadata' -> 'permissions') as p
        where p = what) and (org is null or org = (auth.jwt()::jsonb -> 'user_metadata' ->> 'org_id')::uuid) $$;
alter table public.orgs enable row level security;
alter table public.notes enable row level security; alter table public.plans enable row level security;
create policy p on public.notes using (public.may('notes:read', org_id));
create policy p on public.plans using (public.may('plans:read'));
"""


def test_a_list_of_permissions_in_the_users_own_profile_is_forged(fresh_database):
    report = report_on(fresh_database(PLATFORM + PERMISSIONS + GRANTS))
    assert {title for one in found(report, "B22") for title in one.objects} == {"public.notes", "public.plans"}


LISTS = """
    create table public.orgs (id uuid primary key, name text not null);
    create table public.members (org_id uuid not null references public.orgs,
        user_id uuid not null references auth.users, primary key (org_id, user_id));
    create table public.contact_lists (id uuid primary key, org_id uuid not null references public.orgs, name text);
    create table public.entries (id uuid primary key, list_id uuid not null, contact text not null);
    alter table public.contact_lists enable row level security;
    alter table public.entries enable row level security;
    create function public.is_mine(org uuid) returns boolean language sql stable security definer
        set search_path = public
        as $$ select exists (select from members where org_id = org and user_id = auth.uid()) $$;
    create policy own on public.contact_lists using (public.is_mine(org_id));
    create policy own on public.entries for select using (exists (select from public.contact_lists found
        where found.id = list_id and public.is_mine(found.org_id)));
"""


def test_what_a_policy_joins_refers_to_it(guessed):
    catalog, owned = guessed(LISTS)
    entries = catalog.relation_named["public", "entries"].oid
    path = owned.owner_of(entries).path
    assert [reference.columns for reference in path] == [("list_id",), ("org_id",)]


def test_what_a_policy_joins_leads_to_the_owner_before_another_reference(guessed):
    contacts = """create table public.contacts (id uuid primary key, org_id uuid not null references public.orgs);
        alter table public.entries add contact_id uuid not null references public.contacts;"""
    catalog, owned = guessed(LISTS + contacts)
    assert owned.owner_of(catalog.relation_named["public", "entries"].oid).columns == ("list_id",)


def test_a_plant_below_what_only_a_policy_joins_is_found(fresh_database):
    hole = "create policy plant on public.entries for insert with check (auth.uid() is not null);"
    report = report_on(fresh_database(PLATFORM + LISTS + hole + GRANTS))
    assert cell(report, "public.entries", "select").verdict == "own_rows"
    assert [one.role for one in found(report, "A02", "public.entries")] == ["authenticated"]
