"""What does the command line say, and with which exit status, when it is given what it cannot use?"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import hostile
import jsonschema
import psycopg
import pytest
from command import Ended, run

from tenantry.testing.databases import Database, Loader
from tenantry.testing.servers import Server
from tenantry.verify.report import json_schema

ROLE = "do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;"
OWN = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
SAAS = f"""
    {ROLE}
    create table public.tenants (id uuid primary key, name text not null);
    create table public.notes (
        id uuid primary key, tenant_id uuid not null references public.tenants, body text not null
    );
    alter table public.tenants enable row level security;
    alter table public.notes enable row level security;
    grant select on public.tenants to case_client;
    grant select, insert, update, delete on public.notes to case_client;
    create policy own on public.tenants using (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
    create policy own on public.notes using ({OWN});
"""
LEAK = "create policy leak on public.notes for select using (true);"
SECRET = "s3cr3t-horse"

# why: what is said does not depend on the server's version; what does is asked of both, and says so
on_18 = pytest.mark.parametrize("server", [18], indirect=True)
MANY = [300, 1_000] if os.environ.get("TENANTRY_CHAOS") == "1" else [120]
Verify = Callable[..., Ended]


@pytest.fixture
def tenantry(tmp_path: Path) -> Verify:
    """Give the function that runs the command line in an empty directory."""
    return lambda *arguments, **more: run(*arguments, cwd=tmp_path, **more)


@pytest.fixture
def saas(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give a small database whose fence holds."""
    return clone(template_database("saas", lambda connection: connection.execute(SAAS.encode())))


def assert_one_sentence(done: Ended, code: str, *words: str, status: int = 2) -> None:
    """Check that a command ended with one line that says what happened and what to do, and nothing else."""
    assert done.status == status, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert re.fullmatch(rf"tenantry: \S.*[.;:] .*\. \[{code}\]\n", done.stderr), done.stderr
    assert [word for word in words if word not in done.stderr] == []


def report(done: Ended) -> dict:
    """Give the report on standard output, which must keep its contract."""
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    jsonschema.validate(found, json_schema())
    return found


def verdicts(found: dict, relation: str, verb: str) -> set[str]:
    """Give what was found for one verb on one relation, over all subjects."""
    return {cell["verdict"] for cell in found["matrix"] if cell["relation"] == relation and cell["verb"] == verb}


def with_setting(url: str, name: str, value: str) -> str:
    """Give the URL with a setting for its sessions."""
    return f"{url}&options={quote(f'-c {name}={value}', safe='')}"


# -- the way to the server ------------------------------------------------------------------------------


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_refused_port_is_said(tenantry: Verify) -> None:
    done = tenantry("verify", f"postgresql://someone:{SECRET}@127.0.0.1:{unused_port()}/shop")
    assert_one_sentence(done, "TN001", "someone:***@127.0.0.1", "Connection refused", "Check host, port")
    assert SECRET not in done.stderr


@pytest.mark.parametrize("arguments", [("verify",), ("lint", " ")])
def test_no_url_is_said_and_no_database_is_guessed(tenantry: Verify, arguments: tuple[str, ...]) -> None:
    assert_one_sentence(tenantry(*arguments), "TN001", "DATABASE_URL")


@on_18
def test_the_url_may_come_from_the_environment(tenantry: Verify, saas: Database) -> None:
    done = tenantry("lint", "--format", "json", env={"DATABASE_URL": saas.url()})
    assert report(done)["server"]["database"] == saas.name


@on_18
def test_a_wrong_password_is_said_and_never_shown(tenantry: Verify, server: Server, saas: Database) -> None:
    done = tenantry("verify", server.tcp_dsn(saas.name).replace(server.password, SECRET))
    assert_one_sentence(done, "TN001", "password authentication failed")
    assert SECRET not in done.stderr


@on_18
def test_the_right_password_is_never_shown_either(tenantry: Verify, server: Server, saas: Database) -> None:
    done = tenantry("verify", "--verbose", server.tcp_dsn(saas.name))
    assert saas.name in done.stdout
    assert server.password not in done.stdout + done.stderr


@on_18
def test_a_missing_database_is_said(tenantry: Verify, server: Server) -> None:
    assert_one_sentence(tenantry("verify", server.dsn("nowhere")), "TN001", 'database "nowhere" does not exist')


# -- what the role may do -------------------------------------------------------------------------------


def with_role(database: Database, name: str, options: str = "", grants: str = "") -> str:
    """Make a role and give its URL."""
    database.execute(f"create role {name} login {options}; {grants}")
    return database.url(name)


@on_18
def test_an_ordinary_role_may_lint_and_not_attack(tenantry: Verify, saas: Database) -> None:
    url = with_role(saas, "case_plain")
    assert_one_sentence(tenantry("verify", url), "TN003", "case_plain", "row security", "tenantry lint")
    assert report(tenantry("lint", "--format", "json", url))["server"]["connected_as"] == "case_plain"


@on_18
def test_a_bypassing_role_that_may_act_as_nobody_learns_which_grant_it_needs(tenantry: Verify, saas: Database) -> None:
    done = tenantry("verify", with_role(saas, "case_bypass", "bypassrls"))
    assert_one_sentence(done, "TN003", "case_bypass", 'GRANT "case_client" TO "case_bypass"')


def test_a_bypassing_role_that_may_act_as_the_others_finds_the_leak(tenantry: Verify, saas: Database) -> None:
    saas.execute(LEAK)
    rights = "grant case_client, pg_read_all_data, pg_write_all_data to case_bypass;"
    found = report(tenantry("verify", "--format", "json", with_role(saas, "case_bypass", "bypassrls", rights)))
    assert "leak" in verdicts(found, "public.notes", "select")


@on_18
def test_a_read_only_connection_may_lint_and_not_attack(tenantry: Verify, saas: Database) -> None:
    url = with_setting(saas.url(), "default_transaction_read_only", "on")
    assert_one_sentence(tenantry("verify", url), "TN012", "may not write", "default_transaction_read_only")
    assert report(tenantry("lint", "--format", "json", url))["findings"] is not None


# -- what the database holds ----------------------------------------------------------------------------


@on_18
@pytest.mark.parametrize("verb", ["verify", "lint", "init"])
def test_an_empty_database_is_said(tenantry: Verify, fresh_database: Callable[..., Database], verb: str) -> None:
    done = tenantry(verb, fresh_database().url())
    assert_one_sentence(done, "TN004", "no table of an application", "load your migrations")


@on_18
def test_a_database_without_tenants_is_said(tenantry: Verify, fresh_database: Callable[..., Database]) -> None:
    database = fresh_database("create table public.stars (name text primary key, magnitude real);")
    assert_one_sentence(tenantry("verify", database.url()), "TN005", "[tenant] table")
    linted = tenantry("lint", database.url())
    assert linted.status in (1, 2)
    assert "No table could be recognised" in " ".join(linted.stdout.split())


@on_18
def test_a_production_server_is_linted_and_not_attacked_unless_told(
    tenantry: Verify, server: Server, saas: Database
) -> None:
    name = f"{saas.name}_production"
    with server.connect() as connection:
        connection.execute(f"alter database {saas.name} rename to {name}".encode())
    try:
        refused = tenantry("verify", "--format", "json", server.dsn(name))
        assert refused.status == 2
        assert "--i-may-write" in refused.stderr
        assert report(refused)["matrix"] == []
        assert report(tenantry("verify", "--i-may-write", "--format", "json", server.dsn(name)))["matrix"] != []
    finally:
        with server.connect() as connection:
            connection.execute(f"alter database {name} rename to {saas.name}".encode())


SLOW = """
    create function public.is_slow() returns boolean language plpgsql as $$
    begin
        perform pg_sleep(60);
        return true;
    end
    $$;
    create policy slow on public.notes as restrictive using (public.is_slow());
"""


@on_18
def test_a_statement_timeout_is_unproven_and_says_so(tenantry: Verify, saas: Database) -> None:
    saas.execute(SLOW)
    done = tenantry("verify", "--statement-timeout", "0.1", "--fail-at", "error", "--format", "json", saas.url())
    found = report(done)
    assert done.status == 2
    assert "unproven" in verdicts(found, "public.notes", "select")
    assert "own_rows" not in verdicts(found, "public.notes", "select")
    assert any("statement timeout" in one["why"] for one in found["unproven"])


def test_rows_locked_by_another_session_are_unproven_and_say_so(tenantry: Verify, saas: Database) -> None:
    with saas.connect() as other, other.transaction():
        other.execute("lock table public.notes in share mode")
        done = tenantry("verify", "--fail-at", "error", "--format", "json", saas.url())
    found = report(done)
    assert done.status == 2
    assert verdicts(found, "public.notes", "insert") == {"unproven"}
    assert any("lock timeout" in one["why"] for one in found["unproven"])


@on_18
def test_a_table_being_altered_is_waited_for_in_vain_and_not_for_ever(tenantry: Verify, saas: Database) -> None:
    with saas.connect() as other, other.transaction():
        other.execute("lock table public.notes in access exclusive mode")
        done = tenantry("verify", saas.url())
    assert_one_sentence(done, "TN019", "Another session holds a lock", "Run the command again")


@on_18
def test_the_servers_own_time_limit_is_not_called_a_lost_connection(tenantry: Verify, saas: Database) -> None:
    url = with_setting(saas.url(), "statement_timeout", "1ms")
    assert_one_sentence(tenantry("verify", url), "TN014", "statement_timeout")


# -- many tables, and no room for their locks ------------------------------------------------------------


def many_tables(number: int) -> str:
    """Give SQL for tables that all hold a tenant's rows behind a fence that stands."""
    return f"""
        do $$ begin
        for number in 1..{number} loop
            execute format('create table public.t%s (
                id bigint generated always as identity primary key,
                tenant_id uuid not null references public.tenants, body text not null)', number);
            execute format('alter table public.t%s enable row level security', number);
            execute format('create policy own on public.t%s using ({OWN.replace("'", "''")})', number);
            execute format('grant select, insert, update, delete on public.t%s to case_client', number);
        end loop;
        end $$;
    """


@on_18
@pytest.mark.parametrize("number", MANY)
def test_many_tables_are_all_judged_with_the_locks_a_server_has_by_default(
    tenantry: Verify, saas: Database, number: int
) -> None:
    saas.execute(many_tables(number))
    found = report(tenantry("verify", "--format", "json", saas.url()))
    assert found["unproven"] == []
    assert {cell["verdict"] for cell in found["matrix"] if cell["verb"] == "select"} <= {"own_rows", "denied"}
    assert len({cell["relation"] for cell in found["matrix"]}) == number + 2


@on_18
def test_a_full_lock_table_names_the_setting_to_raise(tenantry: Verify, saas: Database) -> None:
    with saas.connect() as hoarder:
        with pytest.raises(psycopg.errors.OutOfMemory):
            hoarder.execute("select count(pg_advisory_lock(number)) from generate_series(1, 1000000) as number")
        # why: enough to connect, too little to read the catalog
        hoarder.execute("select count(pg_advisory_unlock(number)) from generate_series(1, 12) as number")
        assert_one_sentence(tenantry("verify", saas.url()), "TN013", "max_locks_per_transaction")


# -- a database in another encoding ---------------------------------------------------------------------


@on_18
def test_names_in_another_encoding_are_attacked_under_their_own_name(tenantry: Verify, server: Server) -> None:
    with server.connect() as connection:
        connection.execute("create database test_latin template template0 encoding 'LATIN1'")
    try:
        with psycopg.connect(server.dsn("test_latin"), autocommit=True, client_encoding="utf8") as connection:
            foreign = (SAAS + LEAK).replace("public.notes", 'public."nötes"').replace("case_client", "case_latin")
            connection.execute(foreign.encode())
        found = report(tenantry("verify", "--format", "json", server.dsn("test_latin")))
        assert "leak" in verdicts(found, 'public."nötes"', "select")
    finally:
        with server.connect() as connection:
            connection.execute("drop database test_latin with (force)")
            connection.execute("drop role case_latin")


# -- hostile names --------------------------------------------------------------------------------------


@pytest.fixture
def hostile_database(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give a database with a planted leak under every hostile name."""
    load = hostile.leaking_schema().encode()
    return clone(template_database("hostile", lambda connection: connection.execute(load)))


def test_the_planted_leaks_are_found_under_hostile_names(tenantry: Verify, hostile_database: Database) -> None:
    found = report(tenantry("verify", "--format", "json", hostile_database.url()))
    assert [title for title in hostile.titles() if "leak" not in verdicts(found, title, "select")] == []
    assert [title for title in hostile.titles() if "leak" in verdicts(found, title, "insert")] == []
    assert hostile.ROLE in {cell["role"] for cell in found["matrix"]}


@on_18
@pytest.mark.parametrize("written_as", ["text", "sarif", "junit", "markdown", "html"])
def test_every_format_stays_whole_under_hostile_names(
    tenantry: Verify, hostile_database: Database, written_as: str
) -> None:
    done = tenantry("lint", "--format", written_as, hostile_database.url())
    assert (done.status, done.stderr) == (1, "")
    controls = {char for char in done.stdout if not char.isprintable()} - {"\n"}
    assert controls == set()
    if written_as == "sarif":
        assert json.loads(done.stdout)["version"] == "2.1.0"
    if written_as == "junit":
        assert ElementTree.fromstring(done.stdout).tag == "testsuites"
    if written_as == "html":
        assert "<script>alert" not in done.stdout


@on_18
def test_a_blueprint_with_hostile_names_is_accepted(tenantry: Verify, hostile_database: Database) -> None:
    assert tenantry("init", hostile_database.url()).status == 0
    found = report(tenantry("verify", "--format", "json", hostile_database.url()))
    assert [title for title in hostile.titles() if "leak" not in verdicts(found, title, "select")] == []


# -- the blueprint --------------------------------------------------------------------------------------


@on_18
@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[tenant\n", "TN008", ("tenantry.toml:1: This is not TOML",)),
        ("colour = 1\n", "TN008", ("tenantry.toml", "colour")),
        ("[tenant]\ntabel = 'public.tenants'\n", "TN008", ("tenantry.toml:2: [tenant] tabel",)),
        ("[tenant]\ntable = 'public.nowhere'\n", "TN008", ("public.nowhere",)),
        ("[tenant]\ntable = 'public.tenants'\nkey = 'nokey'\n", "TN008", ("nokey",)),
        ("[roles]\nattack = ['nobody_here']\n", "TN008", ("nobody_here",)),
        ("[tables.'public.nowhere']\nskip = 'old'\n", "TN008", ("public.nowhere",)),
        (
            "[[dismiss]]\ncode = 'A01'\nrelation = 'public.notes'\nreason = 'known'\nuntil = 2020-01-01\n",
            "TN010",
            ("A01", "2020-01-01"),
        ),
    ],
)
def test_a_fault_of_the_blueprint_is_named(
    tenantry: Verify, saas: Database, tmp_path: Path, text: str, code: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "tenantry.toml").write_text(text, encoding="utf-8")
    assert_one_sentence(tenantry("verify", saas.url()), code, *words)


@on_18
def test_a_blueprint_that_is_not_there_is_said(tenantry: Verify, saas: Database) -> None:
    done = tenantry("verify", "--blueprint", "elsewhere.toml", saas.url())
    assert_one_sentence(done, "TN008", "elsewhere.toml cannot be read")


@on_18
def test_init_writes_what_verify_accepts_and_reads_the_same_from(
    tenantry: Verify, saas: Database, tmp_path: Path
) -> None:
    saas.execute(LEAK)
    guessed = report(tenantry("verify", "--format", "json", saas.url()))
    assert tenantry("init", saas.url()).status == 0
    declared = report(tenantry("verify", "--format", "json", saas.url()))
    assert declared["matrix"] == guessed["matrix"]

    before = (tmp_path / "tenantry.toml").read_bytes()
    assert_one_sentence(tenantry("init", saas.url()), "TN020", "tenantry.toml is there already", "--force")
    assert (tmp_path / "tenantry.toml").read_bytes() == before


@on_18
def test_init_says_when_it_cannot_write(tenantry: Verify, saas: Database) -> None:
    done = tenantry("init", "--blueprint", "no/such/folder.toml", saas.url())
    assert_one_sentence(done, "TN025", "no/such/folder.toml cannot be written")


@on_18
@pytest.mark.parametrize("arguments", [("--format", "yaml"), ("--nonsense",)])
def test_wrong_usage_ends_with_status_2(tenantry: Verify, saas: Database, arguments: tuple[str, ...]) -> None:
    done = tenantry("verify", saas.url(), *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert arguments[0] in done.stderr
