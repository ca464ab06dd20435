"""What the owners of a database planted in it does not run with the rights of whoever verifies it."""

from verifying import cell

from tenantry.blueprint.model import Blueprint
from tenantry.catalog.read import read
from tenantry.session.connect import connect
from tenantry.verify.options import Options
from tenantry.verify.run import lint_only, verify
from tenantry.verify.synthesis.row import Side
from tenantry.verify.synthesis.solve import repair

PLANTED = """
create schema evil;
grant usage on schema evil to public;
create sequence evil.runs;
grant usage on evil.runs to public;
create function evil.same(a text, b text) returns boolean language plpgsql as
    $$ begin if current_user = 'postgres' then raise 'planted'; end if; return a operator(pg_catalog.=) b; end $$;
create function evil.same(a oid, b int4) returns boolean language plpgsql as
    $$ begin if current_user = 'postgres' then raise 'planted'; end if; return a operator(pg_catalog.=) b::oid; end $$;
create operator evil.= (leftarg = text, rightarg = text, function = evil.same);
create operator evil.= (leftarg = oid, rightarg = int4, function = evil.same);
do $$ begin execute format('alter database %I set search_path = evil, pg_catalog, public', current_database()); end $$;
do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;
create table public.tenants (id uuid primary key, name text not null);
create table public.notes (id uuid primary key, tenant_id uuid not null references public.tenants, body text not null);
grant select, insert, update, delete on public.tenants, public.notes to case_client;
"""


def test_an_operator_in_the_search_path_is_not_run_by_lint_or_attacks(fresh_database):
    """Run with full rights, the planted operators raise, and the run would break off."""
    database = fresh_database(PLANTED.replace("current_user = ", "current_user operator(pg_catalog.=) "))

    with connect(database.url()) as connection:
        linted = lint_only(connection, Blueprint(), Options())
        report = verify(connection, Blueprint(), Options(may_write=True))

    assert linted.unproven == ()
    assert cell(report, "public.notes", "update").verdict == "leak"
    assert cell(report, "public.notes", "insert").verdict == "leak"


def test_values_do_not_leak_through_error_texts(fresh_database):
    database = fresh_database(
        """
        do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;
        create table public.tenants (id int primary key, name text not null);
        insert into public.tenants values (1, 'one'), (2, 'two');
        create table public.notes (id int primary key, tenant_id int not null references public.tenants, body text);
        insert into public.notes values (1, 1, 'SECRETVALUE'), (2, 2, 'SECRETVALUE');
        create function public.refuse() returns trigger language plpgsql as
            $$ begin raise exception 'no change for %', old.body; end $$;
        create trigger refuse before update or delete on public.notes for each row execute function public.refuse();
        alter table public.notes enable row level security;
        create policy p on public.notes using (body::int > 0 or current_setting('app.tenant_id', true) is null);
        grant select, insert, update, delete on public.tenants, public.notes to case_client;
        """
    )

    with connect(database.url()) as connection:
        report = verify(connection, Blueprint(), Options(may_write=True))

    assert "SECRETVALUE" not in repr(report)


def test_a_check_is_weighed_with_the_rights_of_its_table_s_owner(fresh_database):
    database = fresh_database(
        """
        create role case_owner nologin;
        create table public.notes (id int primary key, body text not null);
        create function public.is_fine(body text) returns boolean language sql immutable as
            $$ select current_user = 'case_owner' $$;
        alter table public.notes add check (public.is_fine(body) and body ~ '^[0-9]{5}$');
        alter table public.notes owner to case_owner;
        """
    )

    with connect(database.url()) as connection:
        catalog = read(connection)
        notes = catalog.relation_named["public", "notes"]
        with connection.transaction(force_rollback=True):
            mended = repair(connection, catalog, notes, {"id": "1", "body": "x"}, side=Side.MINE)
            asking = connection.execute("select current_user").fetchone()

    assert len(mended["body"]) == 5
    assert asking == ("postgres",)
