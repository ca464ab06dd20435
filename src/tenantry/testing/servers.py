"""How a private PostgreSQL server is started from any set of binaries, and goes away with its process.

Everything of a server lies in one directory that only the account it runs as may enter: data, socket, log.
Within it the socket trusts every role; over TCP (127.0.0.1) a role needs a password, and only the
superuser ``postgres`` is born with one. Run by root, the server runs as another account, because
PostgreSQL refuses root. A guard process holds the other end of a pipe: when this process ends, in
whatever way, the pipe closes, and the guard stops the server and removes the directory.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg

from tenantry.errors import TenantryError

__all__ = [
    "Account",
    "Server",
    "ServerDidNotStart",
    "ServerNotInstalled",
    "account",
    "installed",
    "temporary_directory",
]

# why: a socket's path may be 107 bytes long, and the server adds its own file name
_LONGEST_DIRECTORY = 80

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}

# why: `read` returns when the starting process ends, however it ends, or when it asks for the end
_GUARD = """
directory=$1; pg_ctl=$2
read -r _
"$pg_ctl" --pgdata="$directory/data" --mode=immediate --silent stop
cd / && rm -rf -- "$directory"
"""

_ACCESS = """
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


class ServerNotInstalled(TenantryError):
    """The PostgreSQL server that was asked for is not installed."""

    code = "TN101"
    way_out = "Install the Debian package postgresql-<version>, or use the embedded server."


class ServerDidNotStart(TenantryError):
    """A private PostgreSQL server did not start."""

    code = "TN102"
    way_out = "Read the lines of the server's log above; nothing was left behind."


@dataclass(frozen=True)
class Account:
    """The operating-system account a server runs as."""

    name: str
    uid: int
    gid: int


class _RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass
class Server:
    """A PostgreSQL server of our own, made in ``directory``, which it owns and removes at its end."""

    bin_dir: Path
    directory: Path
    port: int = 0
    version_num: int = 0
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _guard: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def major(self) -> int:
        """Give the major version."""
        return self.version_num // 10_000

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """Give the URL of a database over the private socket, where every role is trusted."""
        host = quote(str(self.directory), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}&port={self.port}"

    def tcp_dsn(self, database: str = "postgres") -> str:
        """Give the superuser's URL of a database over TCP, password included."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def connect(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection:
        """Connect over the private socket, in autocommit."""
        return psycopg.connect(self.dsn(database, user), autocommit=True)

    def start(self) -> None:
        """Make the cluster and start it; raises ``ServerDidNotStart`` and leaves nothing when it does not."""
        self._guard = self._start_guard()
        try:
            self._make_cluster()
            self._run("pg_ctl", f"--pgdata={self._data}", f"--log={self._log}", "--wait", "--silent", "start")
            with self.connect() as connection:
                self.version_num = connection.info.server_version
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server at once and remove its directory; do nothing when it is stopped already."""
        if self._guard is None:
            return
        guard, self._guard = self._guard, None
        guard.communicate()

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _log(self) -> Path:
        return self.directory / "log"

    def _start_guard(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "tenantry-guard", str(self.directory), str(self.bin_dir / "pg_ctl")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=_environment(),
            **_as_account(),
        )

    def _make_cluster(self) -> None:
        password_file = self.directory / "password"
        self._write(password_file, self.password)
        self._run(
            "initdb",
            f"--pgdata={self._data}",
            f"--pwfile={password_file}",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
        )
        password_file.unlink()
        self.port = _free_port()
        self._write(self._data / "pg_hba.conf", _ACCESS)
        self._write(self._data / "postgresql.auto.conf", _lines({**_SETTINGS, **self._address()}))

    def _address(self) -> Mapping[str, str]:
        return {
            "listen_addresses": "'127.0.0.1'",
            "port": str(self.port),
            "unix_socket_directories": f"'{self.directory}'",
        }

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        if owner := account():
            os.chown(path, owner.uid, owner.gid)

    def _run(self, program: str, *arguments: str) -> None:
        # why: a file, not a pipe: the server keeps what pg_ctl was given open, and a pipe would never end
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self.bin_dir / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd=self.directory,
                env=_environment(),
                check=False,
                **_as_account(),
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        if done.returncode != 0:
            raise ServerDidNotStart(f"{program} failed.\n{said}\n{_tail(self._log)}")


@contextlib.contextmanager
def installed(version: int) -> Iterator[Server]:
    """Start a server from the binaries Debian's package ``postgresql-<version>`` installs."""
    bin_dir = Path(f"/usr/lib/postgresql/{version}/bin")
    if not (bin_dir / "postgres").exists():
        raise ServerNotInstalled(
            f"PostgreSQL {version} is not installed in {bin_dir} (Debian package postgresql-{version})."
        )
    with temporary_directory() as directory, Server(bin_dir, directory) as server:
        yield server


@contextlib.contextmanager
def temporary_directory() -> Iterator[Path]:
    """Give an empty directory only the server's account may enter, with a path short enough for a socket."""
    made = Path(tempfile.mkdtemp(prefix="tenantry-", dir=_parent_directory()))
    try:
        if owner := account():
            os.chown(made, owner.uid, owner.gid)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def account() -> Account | None:
    """Give the account a server must run as for root; a plain user needs none."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ServerDidNotStart("PostgreSQL refuses to run as root, and there is no account postgres or nobody.")


def _parent_directory() -> Path:
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 (mkdtemp makes it private)
    for candidate in candidates:
        if len(os.fsencode(candidate)) <= _LONGEST_DIRECTORY and _everybody_may_pass(candidate):
            return candidate
    raise ServerDidNotStart("No temporary directory has a short path and lets the server's account in.")


def _everybody_may_pass(directory: Path) -> bool:
    """Say whether other accounts can reach a directory; what a plain user starts never needs to."""
    if not directory.is_dir():
        return False
    steps = (directory.resolve(), *directory.resolve().parents)
    return account() is None or all(step.stat().st_mode & stat.S_IXOTH for step in steps)


def _as_account() -> _RunAs:
    owner = account()
    return {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}


def _environment() -> dict[str, str]:
    """Give the environment without what would point PostgreSQL's programs at another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
