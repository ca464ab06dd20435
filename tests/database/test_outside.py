"""Is nothing set off that a rollback does not take back, whichever way it would be fired, and is that told?

Every route ends in ``public.tell``, which writes into another table over a connection of its own (dblink).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from verifying import report_on

from tenantry.testing.databases import Database
from tenantry.verify import chain
from tenantry.verify.model import Report

BASE = """
create extension dblink;
create table public.outside (said text);
create function public.tell(said text) returns text language plpgsql immutable security definer as $$
begin
    perform public.dblink_exec('{url}', 'insert into public.outside values (now())');
    return said;
end
$$;
create function public.tell_later() returns trigger language plpgsql as $$
begin
    perform public.tell('row');
    return coalesce(new, old);
end
$$;
do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;
create table public.tenants (id uuid primary key, name text not null);
create table public.notes (
    id uuid primary key, tenant_id uuid not null references public.tenants on delete cascade, body text not null
);
alter table public.notes enable row level security;
create policy own on public.notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
"""
GRANTS = "grant select, insert, update, delete on all tables in schema public to case_client;"
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Route:
    """One way to set the function off: what makes it, and what of the verification is taken away to let it happen.

    ``told`` is the object that the report must name; ``is_read`` says whether reading alone fires.
    """

    name: str
    made: str
    sabotage: Callable[[pytest.MonkeyPatch], None]
    told: str = "public.notes"
    is_read: bool = False


def without(part: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Forget what the server runs for one part of a relation."""

    def forget(patch: pytest.MonkeyPatch) -> None:
        patch.setitem(chain._PARTS, part, "nowhere")

    return forget


def without_triggers(patch: pytest.MonkeyPatch) -> None:
    using = chain._Reader._using
    patch.setattr(chain._Reader, "_using", lambda me, part, *rest: [] if part == "trigger" else using(me, part, *rest))


def without_names(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chain, "_CALLED", NEVER)


def without_written_tables(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chain, "_WRITTEN", NEVER)


TRIGGER = (
    "create trigger tell before insert or delete on public.notes for each row execute function public.tell_later();"
)
ROUTES = (
    Route("default", "alter table public.notes add said text not null default public.tell('x');", without("write")),
    Route("check", "alter table public.notes add check (public.tell(body) is not null);", without("write")),
    Route(
        "domain check",
        "create domain public.said as text check (public.tell(value) is not null);"
        "alter table public.notes add said public.said not null;",
        without("write"),
    ),
    Route(
        "domain over a domain, in an array of a composite type",
        "create domain public.inner_said as text check (public.tell(value) is not null);"
        "create domain public.said as public.inner_said; create type public.pair as (one public.said, two int);"
        "alter table public.notes add pairs public.pair[] not null default '{\"(a,1)\"}';",
        without("write"),
    ),
    Route(
        "generated column",
        "alter table public.notes add said text generated always as (public.tell(body)) stored;",
        without("write"),
    ),
    Route("index expression", "create index on public.notes (public.tell(body));", without("write")),
    Route(
        "index predicate", "create index on public.notes (id) where public.tell(body) is not null;", without("write")
    ),
    Route(
        "exclusion constraint",
        "alter table public.notes add exclude using btree ((public.tell(body)) with =);",
        without("write"),
    ),
    Route(
        "partition key",
        "create table public.parts (id uuid, tenant_id uuid not null references public.tenants, body text)"
        " partition by hash (public.tell(body));"
        "create table public.parts_0 partition of public.parts for values with (modulus 1, remainder 0);",
        without("write"),
        told="public.parts",
    ),
    Route(
        "rule",
        "create rule tell as on insert to public.notes do also select public.tell('x');",
        without("write"),
    ),
    Route(
        "rule that writes another table",
        "create table public.copies (tenant_id uuid not null, said text default public.tell('x'));"
        "create rule tell as on insert to public.notes do also insert into public.copies values (new.tenant_id);",
        without("write"),
    ),
    Route("trigger", TRIGGER, without_triggers),
    Route(
        "trigger that is enabled always",
        TRIGGER + "alter table public.notes enable always trigger tell;",
        without_triggers,
    ),
    Route(
        "condition of a trigger",
        "create function public.quiet() returns trigger language plpgsql as $$ begin return new; end $$;"
        "create trigger tell before insert on public.notes for each row when (public.tell(new.body) is not null)"
        " execute function public.quiet();",
        without_triggers,
    ),
    Route(
        "trigger of a partition",
        "create table public.parts (id uuid, tenant_id uuid not null references public.tenants, body text)"
        " partition by hash (id);"
        "create table public.parts_0 partition of public.parts for values with (modulus 1, remainder 0);"
        "create trigger tell before insert on public.parts_0 for each row execute function public.tell_later();",
        without_triggers,
        told="public.parts",
    ),
    Route(
        "trigger of a row that a deletion takes along",
        TRIGGER.replace("insert or delete", "delete"),
        without_triggers,
        told="public.tenants",
    ),
    Route(
        "policy",
        "create policy tell on public.notes as restrictive using (public.tell(body) is not null);",
        without("policy"),
        is_read=True,
    ),
    Route(
        "operator in a policy",
        "create function public.same(a text, b text) returns boolean language sql immutable as"
        " $$ select public.tell(a) operator(pg_catalog.=) b $$;"
        "create operator public.=== (leftarg = text, rightarg = text, function = public.same);"
        "create policy tell on public.notes as restrictive using (body operator(public.===) body);",
        without("policy"),
        is_read=True,
    ),
    Route(
        "cast in a check",
        "create type public.mood as enum ('fine', 'sad');"
        "create function public.as_number(mood public.mood) returns int language sql immutable as"
        " $$ select length(public.tell('x')) $$;"
        "create cast (public.mood as int) with function public.as_number;"
        "alter table public.notes add mood public.mood not null default 'fine' check (mood::int > 0);",
        without("write"),
    ),
    Route(
        "function behind a function, two levels down",
        "create function public.middle(said text) returns text language plpgsql as"
        ' $$ begin return "public" . /* here */ TELL (said); end $$;'
        "create function public.top(said text) returns text language plpgsql as $$ begin return middle(said); end $$;"
        "alter table public.notes add said text not null default public.top('x');",
        without_names,
    ),
    Route(
        "function that writes a table with a trigger",
        "create table public.log (said text);"
        "create trigger tell before insert on public.log for each row execute function public.tell_later();"
        "create function public.write_log() returns trigger language plpgsql as"
        " $$ begin insert into public.log values ('x'); return new; end $$;"
        "create trigger log before insert on public.notes for each row execute function public.write_log();",
        without_written_tables,
    ),
    Route(
        "steps of an aggregate",
        "create function public.step(so_far text, said text) returns text language sql as"
        " $$ select public.tell(said) $$;"
        "create aggregate public.gather(text) (sfunc = public.step, stype = text);"
        "create view public.gathered as select tenant_id, public.gather(body) as said from public.notes group by 1;",
        without("routine"),
        told="public.gathered",
        is_read=True,
    ),
    Route(
        "view",
        "create view public.told as select id, tenant_id, public.tell(body) as said from public.notes;",
        without("read"),
        told="public.told",
        is_read=True,
    ),
    Route(
        "materialised view",
        "create materialized view public.told as select id, public.tell(body) as said from public.notes with no data;",
        without("read"),
        told="public.told",
        is_read=True,
    ),
)


@pytest.fixture
def made(fresh_database: Callable[..., Database]) -> Callable[[str], Database]:
    """Give what makes a database with a route in it."""

    def make(route: str) -> Database:
        database = fresh_database()
        # why: each is committed before the next, as the other connection must find the table
        for statements in (BASE.replace("{url}", database.url()), route, GRANTS + "delete from public.outside"):
            database.execute(statements)
        return database

    return make


def said(database: Database) -> int:
    """Count what was written over the other connection, and has stayed."""
    with database.connect() as connection:
        found = connection.execute("select count(*) from public.outside").fetchone()
    return found[0] if found else 0


def is_told(report: Report, title: str, *, is_read: bool) -> bool:
    """Say whether the report leaves the object open for the reason, and calls nothing of it safe."""
    cells = [one for one in report.matrix if one.relation == title and (is_read or one.verb in ("insert", "delete"))]
    wide = [one for one in (*report.skipped, *report.unproven) if title in one.what and "dblink" in one.why]
    reasons = [one for one in cells if "dblink" in one.evidence]
    return bool(wide or reasons) and all(one.verdict in ("unproven", "denied", "") for one in cells)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_what_reaches_outside_is_not_set_off_and_told(made: Callable[[str], Database], route: Route) -> None:
    database = made(route.made)

    report = report_on(database)

    assert said(database) == 0
    assert is_told(report, route.told, is_read=route.is_read)
    assert report.attacks_run > 0


@pytest.mark.parametrize("server", [15], indirect=True)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_what_reaches_outside_is_set_off_where_that_is_asked_for(made: Callable[[str], Database], route: Route) -> None:
    database = made(route.made)

    report_on(database, call_outside=True)

    assert said(database) > 0


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_that_is_not_followed_is_taken(
    made: Callable[[str], Database], route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage of the test above: each route would be taken if the verification did not look there."""
    database = made(route.made)
    route.sabotage(monkeypatch)

    report_on(database)

    assert said(database) > 0


def test_a_function_called_by_an_attack_is_left_alone_and_told(made: Callable[[str], Database]) -> None:
    database = made("create function public.ask(id uuid) returns text language sql as $$ select public.tell('x') $$;")

    report = report_on(database)
    assert said(database) == 0
    assert {"function public.ask(id uuid)", "function public.tell(said text)"} <= {one.what for one in report.skipped}

    report_on(database, call_outside=True)
    assert said(database) > 0


def test_a_called_function_that_fires_a_trigger_is_left_alone_and_told(made: Callable[[str], Database]) -> None:
    database = made(
        TRIGGER + "create function public.add_note(id uuid, tenant_id uuid) returns void language sql security definer"
        " as $$ insert into public.notes values (id, tenant_id, 'x') $$;"
    )

    report = report_on(database)

    assert said(database) == 0
    (why,) = [one.why for one in report.unproven if one.what == "function public.add_note(id uuid, tenant_id uuid)"]
    assert "sets off more: public.tell" in why


def test_a_function_that_takes_another_role_is_not_fired(made: Callable[[str], Database]) -> None:
    """SET ROLE in a function's head is checked against the session's own role: its body would be a superuser's."""
    database = made(
        "create function public.grow() returns trigger language plpgsql set role = 'postgres' as"
        " $$ begin execute 'insert into public.ran values (current_user)'; return new; end $$;"
        "create table public.ran (as_whom text);"
        "create trigger grow before insert on public.notes for each row execute function public.grow();"
    )

    report = report_on(database)

    cells = [one for one in report.matrix if (one.relation, one.verb) == ("public.notes", "insert")]
    assert cells
    assert all("changes the role it runs as" in one.evidence for one in cells)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Give a directory that the server's account may write into."""
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o777)
        yield Path(directory)


def test_a_program_behind_a_foreign_table_is_not_run(made: Callable[[str], Database], open_directory: Path) -> None:
    mark = open_directory / "ran"
    options = f"server files options (program 'echo 1,x >> {mark}')"
    database = made(
        "create extension file_fdw; create server files foreign data wrapper file_fdw;"
        f"create foreign table public.listing (line text) {options};"
        "create view public.told as select body, line from public.notes cross join public.listing;"
        "create table public.parts (id int, tenant_id uuid not null, body text) partition by list (id);"
        f"create foreign table public.parts_1 partition of public.parts for values in (1) {options};"
    )

    report = report_on(database)

    assert not mark.exists()
    assert {"relation public.listing", "relation public.told"} <= {one.what for one in report.skipped}
    cells = [one for one in report.matrix if one.relation == "public.parts"]
    assert cells
    assert all(one.verdict == "unproven" for one in cells if one.verb in ("select", "insert", "update", "delete"))

    report_on(database, call_outside=True)
    assert mark.exists()


def test_an_event_trigger_does_not_fire_where_sequences_are_held(made: Callable[[str], Database]) -> None:
    database = made(
        "alter table public.notes add number serial;"
        "create function public.tell_of_change() returns event_trigger language plpgsql as"
        " $$ begin perform public.tell('x'); end $$;"
        "create event trigger tell_of_change on ddl_command_end execute function public.tell_of_change();"
    )

    report = report_on(database)

    assert said(database) == 0
    assert "event trigger tell_of_change" in {one.what for one in report.skipped}


def test_a_cast_to_text_is_not_run_where_rows_are_read_with_full_rights(made: Callable[[str], Database]) -> None:
    """Whoever owns a type may make the cast; it runs where a statement says ``::text``."""
    database = made(
        "create type public.mood as enum ('fine', 'sad');"
        "create function public.as_text(mood public.mood) returns text language sql as $$ select public.tell('x') $$;"
        "create cast (public.mood as text) with function public.as_text;"
        "alter table public.tenants add mood public.mood not null default 'fine';"
        "insert into public.tenants select gen_random_uuid(), 'one' from generate_series(1, 2);"
    )

    report = report_on(database)

    assert said(database) == 0
    assert is_told(report, "public.tenants", is_read=True)


def test_a_cast_to_text_that_harms_nobody_changes_no_verdict(made: Callable[[str], Database]) -> None:
    database = made(
        "create type public.mood as enum ('fine', 'sad');"
        "create function public.as_text(mood public.mood) returns text language plpgsql as"
        " $$ begin if current_user = 'postgres' then raise 'planted'; end if; return 'fine'; end $$;"
        "create cast (public.mood as text) with function public.as_text;"
        "alter table public.notes add mood public.mood not null default 'fine';"
    )

    report = report_on(database)

    verdicts = {one.verdict for one in report.matrix if one.relation == "public.notes" and one.verb == "select"}
    assert verdicts
    assert verdicts <= {"own_rows", "denied"}


def test_a_check_that_reaches_outside_is_not_weighed_against_candidates(made: Callable[[str], Database]) -> None:
    """Asked for, it is set off by the row that is built, and not by every value that might go in."""
    database = made(
        "alter table public.notes add title text not null, add check (public.tell(body) is null and title > 'a');"
    )

    report_on(database, call_outside=True)

    assert 0 < said(database) < 20
