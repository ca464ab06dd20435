"""A server of a test's own that can be stopped, started again, and made to hang."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tenantry.testing.databases import Database
from tenantry.testing.servers import Server

LONGEST_S = 20


@dataclass(frozen=True)
class Outage:
    """What can befall the server under a database."""

    database: Database

    def hung(self) -> AbstractContextManager[None]:
        """Stop every process of the server where it stands: it takes connections, and says nothing."""
        return _halted(_processes(self.database.server))

    def sessions_hung(self, role: str) -> AbstractContextManager[None]:
        """Stop the sessions that a role has now, and no others."""
        with self.database.connect() as connection:
            found = connection.execute("select pid from pg_stat_activity where usename = %s", [role]).fetchall()
        return _halted([pid for (pid,) in found])

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Stop the server as a crash does, and start it again."""
        server = self.database.server
        data = f"--pgdata={server._data}"
        server._run("pg_ctl", data, "--mode=immediate", "--wait", "--silent", "stop")
        try:
            yield
        finally:
            server._run("pg_ctl", data, f"--log={server._log}", "--wait", "--silent", "start")
            _wait_for(self.database)


@contextmanager
def _halted(pids: list[int]) -> Iterator[None]:
    assert pids
    try:
        _signalled(pids, signal.SIGSTOP)
        yield
    finally:
        _signalled(pids, signal.SIGCONT)


def _signalled(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # why: a process of the server may have ended meanwhile
            os.kill(pid, number)


def _processes(server: Server) -> list[int]:
    """Give the server's processes, the first of which makes no more of them."""
    postmaster = int((server._data / "postmaster.pid").read_text().splitlines()[0])
    _signalled([postmaster], signal.SIGSTOP)
    return [postmaster, *(pid for pid in _all_processes() if _parent(pid) == postmaster)]


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _wait_for(database: Database) -> None:
    ends = time.monotonic() + LONGEST_S
    while True:
        try:
            database.connect().close()
        except psycopg.OperationalError:
            assert time.monotonic() < ends, "the server did not come back"
            time.sleep(0.02)
        else:
            return
