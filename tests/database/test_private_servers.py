"""Does a private server go away with its process, keep strangers out, and clean up what tests leave?"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tenantry.testing import embedded as embedded_module
from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import EmbeddedNotInstalled, embedded
from tenantry.testing.servers import (
    Server,
    ServerDidNotStart,
    ServerNotInstalled,
    installed,
    temporary_directory,
)

HOLDER = """
import signal
from tenantry.testing.embedded import embedded
# why: a run that was started in the background of a script hands down an interrupt that is ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
with embedded() as server:
    print(server.directory, (server.directory / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    signal.pause()
"""


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.chaos
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_server_ends_with_its_process_however_that_ends(server: Server, ending: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        directory, pid = holder.stdout.readline().split()
        assert is_running(int(pid))
        holder.send_signal(ending)
        holder.wait(timeout=60)
    wait_until(lambda: not is_running(int(pid)) and not Path(directory).exists())


def test_only_the_servers_account_may_enter_its_directory(server: Server) -> None:
    assert server.directory.stat().st_mode & 0o077 == 0


def test_tcp_refuses_who_has_no_password(server: Server) -> None:
    with psycopg.connect(server.tcp_dsn()) as connection:
        assert connection.info.host == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(server.tcp_dsn().replace(server.password, ""))


def test_the_lock_table_has_the_size_a_server_ships_with(scratch: psycopg.Connection) -> None:
    row = scratch.execute("select boot_val, setting from pg_settings where name = 'max_locks_per_transaction'")
    assert row.fetchone() == ("64", "64")


@pytest.mark.parametrize("server", [18], indirect=True)
def test_the_embedded_server_starts_where_its_files_are_out_of_reach(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "_is_within_reach", lambda program: False)
    with embedded() as copied:
        assert copied.bin_dir.is_relative_to(copied.directory)
        assert copied.major == 18
    assert not copied.directory.exists()


def test_a_missing_embedded_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_module, "_PACKAGE", "no_such_package")
    with pytest.raises(EmbeddedNotInstalled) as missing, embedded():
        pass
    assert "tenantry[embedded]" in missing.value.sentence()


def test_a_missing_server_names_the_debian_package() -> None:
    with pytest.raises(ServerNotInstalled, match="postgresql-9"), installed(9):
        pass


def test_a_server_that_cannot_start_says_why_and_leaves_nothing() -> None:
    with temporary_directory() as programs, temporary_directory() as directory:
        initdb = programs / "initdb"
        initdb.write_text("#!/bin/sh\necho the disk is full >&2\nexit 1\n")
        initdb.chmod(0o755)
        with pytest.raises(ServerDidNotStart, match="the disk is full"):
            Server(programs, directory).start()
        assert not directory.exists()


def test_the_databases_and_roles_of_a_test_go_with_it(workshop: Workshop) -> None:
    with workshop.database() as made:
        made.execute("create role test_visitor; create table note (id int); grant select on note to test_visitor")
    with workshop.server.connect() as connection:
        left = connection.execute(
            """
            select datname from pg_database where datname = %s
            union all select rolname from pg_roles where rolname = 'test_visitor'
            """,
            (made.name,),
        ).fetchall()
    assert left == []


def test_a_template_is_loaded_once_and_cloned_with_its_rows(
    template_database: Callable[..., str], clone: Callable[[str], Database]
) -> None:
    loads = []

    def load(connection: psycopg.Connection) -> None:
        loads.append(connection)
        connection.execute("create table note as select 1 as id")

    for _ in range(2):
        with clone(template_database("notes", load)).connect() as connection:
            assert connection.execute("select id from note").fetchone() == (1,)
    assert len(loads) == 1


def test_a_fresh_database_holds_the_given_sql(database: Database, fresh_database: Callable[..., Database]) -> None:
    fresh_database("create table note (id int)").execute("insert into note values (1)")
    with database.connect() as connection:
        assert connection.execute("select to_regclass('note')").fetchone() == (None,)
