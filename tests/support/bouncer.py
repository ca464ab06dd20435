"""A PgBouncer of a test's own, in front of a database."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tenantry.testing.databases import Database
from tenantry.testing.servers import account, temporary_directory

_PORT = 6432
_STARTS_WITHIN_S = 10
_SETTINGS = """
[databases]
{name} = host={host} port={port} dbname={name}
[pgbouncer]
listen_addr =
listen_port = {own_port}
unix_socket_dir = {directory}
auth_type = trust
auth_file = {directory}/users
pool_mode = {mode}
default_pool_size = {sessions}
max_client_conn = 200
logfile = {directory}/log
pidfile = {directory}/pid
server_reset_query =
"""


@dataclass(frozen=True)
class Bouncer:
    """A running pooler."""

    directory: Path
    database: Database
    users: tuple[str, ...] = ("runtime_app",)

    def url(self, user: str) -> str:
        """Give the database's URL by way of the pooler."""
        return f"postgresql://{user}@/{self.database.name}?host={quote(str(self.directory), safe='')}&port={_PORT}"


@contextlib.contextmanager
def bouncer(database: Database, mode: str = "transaction", sessions: int = 1) -> Iterator[Bouncer]:
    """Start a PgBouncer with so many sessions, or skip the test where it is not installed."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian package pgbouncer)")
    with temporary_directory() as directory:
        made = Bouncer(directory, database)
        process = subprocess.Popen(
            _command(program, made, mode, sessions), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(made)
            yield made
        finally:
            process.terminate()
            process.wait(10)


def _command(program: str, made: Bouncer, mode: str, sessions: int) -> list[str]:
    server, settings = made.database.server, made.directory / "pgbouncer.ini"
    users = made.directory / "users"
    users.write_text("".join(f'"{role}" ""\n' for role in made.users))
    settings.write_text(
        _SETTINGS.format(
            name=made.database.name,
            host=server.directory,
            port=server.port,
            own_port=_PORT,
            directory=made.directory,
            mode=mode,
            sessions=sessions,
        )
    )
    owner = account()
    for file in (users, settings):
        file.chmod(0o644)
    return [program, "--quiet", *(["--user", owner.name] if owner else []), str(settings)]


def _wait_for(made: Bouncer) -> None:
    ends = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(made.directory / f".s.PGSQL.{_PORT}"))
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
