"""Does anything of one tenant's unit reach the next one on the same connection? Would this test see it if it did?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from bouncer import bouncer
from running import APP, OURS, THEIRS, tenancy

from tenantry.session import scrub
from tenantry.tenancy import Tenancy
from tenantry.testing.databases import Database

# what one unit does, and what the next must not find
RESIDUE = {
    "setting": ("select set_config('app.residue', 'left', false)", "current_setting('app.residue', true) <> ''"),
    "built-in setting": ("set work_mem = '1MB'", "current_setting('work_mem') = '1MB'"),
    "search path": ("set search_path = pg_temp", "current_setting('search_path') = 'pg_temp'"),
    "role": ("set role runtime_other", "current_user <> session_user"),
    "session role": ("set session role runtime_other", "current_user <> session_user"),
    "temporary table": ("create temp table residue (id int)", "to_regclass('pg_temp.residue') is not null"),
    "held cursor": (
        "declare residue cursor with hold for select * from public.booking",
        "exists (select from pg_cursors where name = 'residue')",
    ),
    "advisory lock": (
        "select pg_advisory_lock(4711)",
        "exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())",
    ),
    "listen": ("listen residue", "exists (select from pg_listening_channels())"),
    "sequence": ("select nextval('public.runtime_counter')", "(select lastval()) is not null"),
    "context": ("select 1", "tenantry.current_tenant() is not null"),
}
ENDS = ("commit", "error", "aborted", "failed commit", "cancelled", "timeout")
SETUP = f"""
    do $$ begin create role runtime_other; exception when duplicate_object then null; end $$;
    grant runtime_other to {APP};
    grant usage on schema tenantry to runtime_other;
    grant execute on function tenantry.open(text) to runtime_other;
    create sequence public.runtime_counter;
    grant usage on sequence public.runtime_counter to {APP};
    grant temporary on database %s to {APP};
"""


class _StoppedError(Exception):
    """What an application's own code raises."""


def prepared(database: Database) -> Database:
    database.execute(SETUP % database.name)
    return database


async def leave(made: Tenancy, residue: str, end: str) -> None:
    """Run a unit that leaves something, and end it in one of the ways a unit ends."""
    with suppress(Exception, asyncio.CancelledError):
        async with made.acting_for(OURS) as tx:
            await tx.execute(RESIDUE[residue][0])
            await _end(tx, end)


async def _end(tx: Any, end: str) -> None:
    if end == "error":
        raise _StoppedError
    if end == "aborted":
        await tx.execute("select 1 / 0")
    if end == "failed commit":
        await tx.execute("set constraints all deferred")
        await tx.execute("insert into public.booking (org_id, guest, room) values (%s, 'twice', 1)", [OURS])
    if end == "cancelled":
        task = asyncio.create_task(tx.execute("select pg_sleep(30)"))
        await asyncio.sleep(0.05)
        task.cancel()
        await task
    if end == "timeout":
        async with asyncio.timeout(0.05):
            await tx.execute("select pg_sleep(30)")


async def found(made: Tenancy, residue: str) -> bool:
    """Say whether the next tenant's unit finds it."""
    asked = RESIDUE[residue][1]
    if residue == "context":
        async with made.connection(missing="empty") as tx:
            return bool((await (await tx.execute(f"select {asked}")).fetchone())[0])
    try:
        async with made.acting_for(THEIRS) as tx:
            return bool((await (await tx.execute(f"select {asked}")).fetchone())[0])
    except Exception as error:
        if getattr(error, "sqlstate", "") == "55000":  # lastval is not yet defined
            return False
        raise


def leaks(made: Tenancy, ends: tuple[str, ...] = ENDS, only: tuple[str, ...] = tuple(RESIDUE)) -> list[str]:
    """Give every cell of the matrix in which something was found."""

    async def matrix() -> list[str]:
        async with made:
            seen = []
            for end in ends:
                for residue in only:
                    await leave(made, residue, end)
                    if await found(made, residue):
                        seen.append(f"{residue} after {end}")
            return seen

    return asyncio.run(matrix())


def test_nothing_leaks_to_the_next_tenant(fenced: Database) -> None:
    assert leaks(tenancy(prepared(fenced))) == []


@pytest.mark.parametrize("server", [18], indirect=True)
def test_without_the_scrub_everything_but_the_context_leaks(fenced: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "PARTS", (b"select 1",))
    prepared(fenced)
    seen = [leak for residue in RESIDUE for leak in leaks(tenancy(fenced), ("commit",), (residue,))]
    assert seen == [f"{residue} after commit" for residue in RESIDUE if residue != "context"]


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize("part", scrub.PARTS, ids=bytes.decode)
def test_each_part_of_the_scrub_is_needed(fenced: Database, monkeypatch: pytest.MonkeyPatch, part: bytes) -> None:
    monkeypatch.setattr(scrub, "PARTS", tuple(other for other in scrub.PARTS if other != part))
    prepared(fenced)
    assert any(leaks(tenancy(fenced), ("commit",), (residue,)) for residue in RESIDUE)


def test_nothing_leaks_through_a_pooler(fenced: Database) -> None:
    with bouncer(prepared(fenced)) as pooler:
        made = tenancy(pooler.url(APP))
        assert leaks(made, ends=("commit", "error", "aborted", "failed commit", "cancelled")) == []


def test_statements_stay_prepared_and_work_through_many_units(fenced: Database) -> None:
    async def work() -> int:
        async with tenancy(fenced) as made:
            for _ in range(20):
                async with made.acting_for(OURS) as tx:
                    await tx.execute("select count(*) from public.booking where room > %s", [0])
            async with made.acting_for(OURS) as tx:
                row = await (await tx.execute("select count(*) from pg_prepared_statements")).fetchone()
        return int(row[0])

    assert asyncio.run(work()) > 0


def test_discard_all_in_place_of_the_scrub_would_break_them(fenced: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "PARTS", (*scrub.PARTS, b"deallocate all"))

    async def work() -> None:
        async with tenancy(fenced) as made:
            for _ in range(20):
                async with made.acting_for(OURS) as tx:
                    await tx.execute("select count(*) from public.booking where room > %s", [0])

    with pytest.raises(Exception, match="26000"):
        asyncio.run(work())
