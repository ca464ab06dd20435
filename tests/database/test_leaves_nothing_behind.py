"""Is a database, to the last sequence, the same after a verification, however that ended?"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from busy import load_busy
from command import ended, run, start, wait_until
from digest import Digest, differences, digest

from tenantry.testing.databases import Database, Loader

KILLS = 60 if os.environ.get("TENANTRY_CHAOS") == "1" else 6  # on each of two servers
# why: connecting and reading the catalog; the attacks on this database take three to ten times as long
LONGEST_DELAY_S = 3.0
# why: errors are what attacks are answered with; these are what a server says of itself
WORRYING = re.compile(r" (PANIC|WARNING|FATAL):  (?!terminating connection|connection to client lost)")


SESSIONS = """
    select pid from pg_catalog.pg_stat_activity
    where starts_with(application_name, 'tenantry') and datname = pg_catalog.current_database()
"""


@dataclass
class Watched:
    """A database, its state at first, and how far its server's log had come."""

    database: Database
    before: Digest = field(init=False)
    log_size: int = field(init=False)

    def __post_init__(self) -> None:
        self.before = digest(self.database)
        self.log_size = self._log.stat().st_size

    @property
    def _log(self) -> Path:
        return self.database.server.directory / "log"

    def log_lines(self) -> list[str]:
        """Give what the server has logged since."""
        with self._log.open("rb") as log:
            log.seek(self.log_size)
            return log.read().decode(errors="replace").splitlines()

    def sessions(self) -> list[int]:
        """Give the processes that serve tenantry now."""
        with self.database.connect() as connection:
            return [pid for (pid,) in connection.execute(SESSIONS)]

    def assert_unchanged(self, how: str) -> None:
        """Wait until the server is done with tenantry, then compare."""
        wait_until(lambda: not self.sessions(), f"the server's end of the session, {how}")
        assert differences(self.before, digest(self.database)) == [], how
        worrying = [line for line in self.log_lines() if WORRYING.search(line)]
        assert worrying == [], how


@pytest.fixture
def watched(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Watched:
    """Give a copy of the busy database under watch."""
    return Watched(clone(template_database("busy", load_busy)))


@contextmanager
def verifying(watched: Watched, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a verification and wait until it has connected; it ends with the block."""
    with start("verify", watched.database.url(), cwd=cwd) as process:
        try:
            wait_until(lambda: bool(watched.sessions()) or process.poll() is not None, "a connection")
            yield process
        finally:
            process.kill()


def wait_for_writing(watched: Watched) -> None:
    """Wait until the verification has written something, which it will have to take back."""

    def has_written() -> bool:
        with watched.database.connect() as connection:
            return connection.execute(SESSIONS + " and backend_xid is not null").fetchone() is not None

    wait_until(has_written, "a first write")


def test_a_verification_changes_nothing_and_notifies_nobody(watched: Watched, tmp_path: Path) -> None:
    with watched.database.connect() as listener:
        listener.execute("listen kitchen")
        done = run("verify", watched.database.url(), "--format", "json", cwd=tmp_path)
        heard = list(listener.notifies(timeout=0))
    assert done.status == 1, done.stderr
    assert heard == []
    assert list(tmp_path.iterdir()) == []
    watched.assert_unchanged("after a whole verification")


@pytest.mark.parametrize("verb", ["lint", "init"])
def test_reading_verbs_do_not_even_take_a_transaction_number(watched: Watched, tmp_path: Path, verb: str) -> None:
    query = "select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text"
    taken = set()
    with watched.database.connect() as connection:
        # why: the server's own workers take numbers now and then, but not each time
        for attempt in range(3):
            before = connection.execute(query).fetchone()
            (tmp_path / str(attempt)).mkdir()
            done = run(verb, watched.database.url(), cwd=tmp_path / str(attempt))
            assert done.status == (1 if verb == "lint" else 0), done.stderr
            taken.add(connection.execute(query).fetchone() != before)
    assert False in taken
    watched.assert_unchanged(f"after {verb}")


@pytest.mark.chaos
def test_killed_at_any_moment_it_leaves_nothing(watched: Watched, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)
    for number in range(KILLS):
        delay_s = LONGEST_DELAY_S * (number + chance.random()) / KILLS
        with verifying(watched, tmp_path) as process, suppress(subprocess.TimeoutExpired):
            process.wait(delay_s)
        watched.assert_unchanged(f"killed {delay_s:.2f} s after it connected (seed {seed})")


@pytest.mark.parametrize(("number", "status", "code"), [(signal.SIGINT, 130, "TN016"), (signal.SIGTERM, 143, "TN017")])
def test_a_signal_ends_it_with_a_sentence_and_leaves_nothing(
    watched: Watched, tmp_path: Path, number: signal.Signals, status: int, code: str
) -> None:
    with verifying(watched, tmp_path) as process:
        wait_for_writing(watched)
        process.send_signal(number)
        done = ended(process)
    assert (done.status, done.stdout) == (status, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(
        "The server rolls back what was under way; of apply and undo, the steps before it stand. "
        f"Run the command again. [{code}]\n"
    )
    watched.assert_unchanged(f"after {number.name}")


def test_a_lost_connection_ends_it_with_a_sentence_and_leaves_nothing(watched: Watched, tmp_path: Path) -> None:
    with verifying(watched, tmp_path) as process, watched.database.connect() as connection:
        wait_for_writing(watched)
        for pid in watched.sessions():
            connection.execute("select pg_catalog.pg_terminate_backend(%s)", [pid])
        done = ended(process)
    assert (done.status, done.stdout) == (2, "")
    assert "The connection to the database broke" in done.stderr
    assert done.stderr.count("\n") == 1
    watched.assert_unchanged("after its backend was terminated")


OUTSIDE = """
    create extension dblink;
    create table public.tenants (id uuid primary key, name text not null);
    create table public.notes (
        id uuid primary key, tenant_id uuid not null references public.tenants, body text not null
    );
    create table public.outside (said text);
    create function public.tell() returns text language plpgsql security definer as $$
    begin
        return dblink_exec('{url}', 'insert into public.outside values (now())');
    end
    $$;
    create function public.tell_of_row() returns trigger language plpgsql as $$
    begin
        perform public.tell();
        return coalesce(new, old);
    end
    $$;
    do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;
    grant select, insert, update, delete on public.notes to case_client;
    alter table public.notes enable row level security;
    create policy own on public.notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
"""


@pytest.mark.parametrize(
    "caller",
    [
        "create trigger tell before insert on public.notes for each row execute function public.tell_of_row()",
        "create policy tell on public.notes as restrictive using (public.tell() is not null)",
    ],
    ids=["trigger", "policy"],
)
def test_what_reaches_outside_is_not_fired_by_attacks_on_rows(
    fresh_database: Callable[..., Database], tmp_path: Path, caller: str
) -> None:
    database = fresh_database()
    database.execute(OUTSIDE.replace("{url}", database.url()) + caller)
    done = run("verify", "--statement-timeout", "1", "--format", "json", database.url(), cwd=tmp_path)
    assert done.status in (1, 2), done.stderr
    with database.connect() as connection:
        assert connection.execute("select count(*) from public.outside").fetchone() == (0,)
