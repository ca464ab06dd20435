"""Can the owner of a managed database, who is no superuser, apply and take back the signed profile?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from command import run
from planning import schema_dump

from tenantry.context.token import Minter
from tenantry.testing.databases import Database

SECRET = bytes(range(32))
INSTALLER, APP, READER = "managed_installer", "managed_app", "managed_reader"
ROLES = f"""
create role {INSTALLER} login createrole;
create role {APP} login;
create role {READER} login;
"""
TABLES = f"""
create table public.shops (id bigint primary key);
create table public.sales (id bigint primary key, shop_id bigint not null references public.shops);
create table public.lines (id bigint primary key, sale_id bigint not null references public.sales);
insert into public.shops values (1), (2);
insert into public.sales values (10, 1), (20, 2);
insert into public.lines values (100, 10), (200, 20);
grant select, insert, update, delete on public.sales, public.lines, public.shops to {APP};
"""
BLUEPRINT = f"""
[tenant]
table = "shops"
[roles]
attack = ["{APP}"]
[context]
profile = "signed"
"""


@pytest.fixture
def managed(fresh_database: Callable[[str], Database]) -> Database:
    """Give a database as a hosting company hands it over: owned by a role that makes roles and is no superuser."""
    database = fresh_database(ROLES)
    database.execute(f'alter database "{database.name}" owner to {INSTALLER}')
    database.execute(f"alter schema public owner to {INSTALLER}")
    with database.connect(INSTALLER) as connection:
        connection.execute(TABLES)
    return database


@contextmanager
def opened(database: Database, token: str) -> Iterator[psycopg.Connection]:
    with database.connect(APP) as connection, connection.transaction():
        connection.execute("select tenantry.open(%s)", [token])
        yield connection


def declared(directory: Path, text: str = BLUEPRINT) -> Path:
    (directory / "tenantry.toml").write_text(text, encoding="utf-8")
    return directory


def test_the_owner_applies_and_takes_back_the_signed_profile(managed: Database, tmp_path: Path) -> None:
    before, url = schema_dump(managed), managed.url(INSTALLER)
    done = run("apply", url, "--yes", cwd=declared(tmp_path))
    assert done.status == 0, done.stderr
    again = run("plan", url, cwd=tmp_path)
    assert "Nothing to do" in again.stdout, again.stdout
    with managed.connect(INSTALLER) as connection:
        connection.execute("select tenantry.add_key('k1', %s)", [SECRET])
    with opened(managed, Minter("k1", SECRET).mint("1")) as connection:
        assert connection.execute("select id from public.lines").fetchall() == [(100,)]
    with managed.connect(APP) as connection:
        assert connection.execute("select id from public.lines").fetchall() == []
    undone = run("undo", url, "--yes", cwd=tmp_path)
    assert undone.status == 0, undone.stderr
    assert schema_dump(managed) == before


def test_init_chooses_the_profile_that_its_caller_can_apply(managed: Database, tmp_path: Path) -> None:
    assert run("init", managed.url(INSTALLER), cwd=tmp_path).status == 0
    assert 'profile = "signed"\n' in (tmp_path / "tenantry.toml").read_text(encoding="utf-8").replace("# ", "#")


def test_sealing_without_a_superuser_is_refused_before_the_first_step(managed: Database, tmp_path: Path) -> None:
    before = schema_dump(managed)
    done = run("apply", managed.url(INSTALLER), "--yes", cwd=declared(tmp_path, BLUEPRINT.replace("signed", "sealed")))
    assert (done.status, "TN067" in done.stderr) == (2, True), done.stderr
    assert "Only a superuser" in done.stderr
    assert schema_dump(managed) == before


def test_what_else_is_lacking_is_named(managed: Database, tmp_path: Path) -> None:
    done = run("apply", managed.url(READER), "--yes", cwd=declared(tmp_path))
    assert (done.status, "TN067" in done.stderr) == (2, True), done.stderr
    for words in ("CREATEROLE", "CREATE on the database", "does not own the database", "public.lines, public.sales"):
        assert words in done.stderr


def test_rows_that_a_policy_hides_from_the_owner_are_not_passed_over(managed: Database, tmp_path: Path) -> None:
    """Filling under forced row security would find no row to fill and call that done."""
    with managed.connect(INSTALLER) as connection:
        connection.execute("alter table public.sales enable row level security")
        connection.execute("alter table public.sales force row level security")
    done = run("apply", managed.url(INSTALLER), "--yes", cwd=declared(tmp_path))
    assert done.status == 2
    assert "row-level security" in done.stderr, done.stderr


def test_whoever_serves_tenants_does_not_apply(managed: Database, tmp_path: Path) -> None:
    """It would be a member of the roles behind the context, and could open that of any tenant."""
    before = schema_dump(managed)
    said = BLUEPRINT.replace(f'"{APP}"', f'"{APP}", "{INSTALLER}"')
    done = run("apply", managed.url(INSTALLER), "--yes", cwd=declared(tmp_path, said))
    assert (done.status, "TN067" in done.stderr) == (2, True), done.stderr
    assert f"{INSTALLER} is to serve tenants" in done.stderr
    assert schema_dump(managed) == before


def test_drift_tells_of_other_members_and_not_of_who_applied(managed: Database, tmp_path: Path) -> None:
    url = managed.url(INSTALLER)
    assert run("apply", url, "--yes", cwd=declared(tmp_path)).status == 0
    assert run("drift", url, cwd=tmp_path).stdout.count("! ") == 0
    managed.execute(f"grant tenantry_context to {READER}")
    told = run("drift", url, cwd=tmp_path).stdout
    assert f"! membership tenantry_context to {READER}" in told
    assert f"to {INSTALLER}" not in told
