"""How a lock is taken without a queue forming behind it: look first, then ask for 50 ms, then try again.

Whoever waits for a strong lock makes everyone after him wait. Looking at pg_locks from another connection before
asking cut the time writers were blocked by an 8 s reader from 7.5 s to none (measured; docs/decisions/0006).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache
from importlib import resources

import psycopg

from tenantry.errors import LockNotGranted, OperatorBusy
from tenantry.plan.model import Step
from tenantry.plan.object import Lock
from tenantry.sql import library
from tenantry.sql.parameters import fetch

__all__ = ["ASK_MS", "BLOCKING", "await_turn", "exclusively", "pause"]

ASK_MS = 50
# Locks that writers wait for.
BLOCKING = (Lock.SHARE_ROW_EXCLUSIVE, Lock.ACCESS_EXCLUSIVE)
_LOOK_EVERY_S = 0.05
_HANG_UP_S = 0.5
_WEAK = ("AccessShareLock", "RowShareLock")
_WRITES = ("RowExclusiveLock",)
_STRONG = ("ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
# Which modes each lock conflicts with (PostgreSQL, table "Conflicting Lock Modes").
_CONFLICTS = {
    Lock.NONE: (),
    Lock.ACCESS_SHARE: ("AccessExclusiveLock",),
    Lock.SHARE_UPDATE_EXCLUSIVE: _STRONG,
    Lock.SHARE_ROW_EXCLUSIVE: (*_WRITES, *_STRONG),
    Lock.ACCESS_EXCLUSIVE: (*_WEAK, *_WRITES, *_STRONG),
}
_KEY = 0x7E9A97  # "tenant" in hexadecimal speech; any fixed number serves


def exclusively(connection: psycopg.Connection) -> None:
    """Refuse a second operator; the lock goes with the connection. Raises ``OperatorBusy``.

    Never by waiting in the server: whoever waits there deadlocks with an index that the first builds concurrently.
    """
    # why: the server needs a moment to notice that the first operator has hung up
    until = time.monotonic() + _HANG_UP_S
    while not _is_granted(connection):
        if time.monotonic() > until:
            raise OperatorBusy
        time.sleep(_LOOK_EVERY_S)


def _is_granted(connection: psycopg.Connection) -> bool:
    found = connection.execute("select pg_catalog.pg_try_advisory_lock(%s)", [_KEY]).fetchone()
    return bool(found and found[0])


def await_turn(look: psycopg.Connection, step: Step, *, until: float, tell: Callable[[str], None]) -> None:
    """Wait, without queueing, until nobody holds the step's relation. Raises ``LockNotGranted`` after ``until``."""
    told = False
    while step.relation and (holders := _holders(look, step)):
        if time.monotonic() > until:
            raise LockNotGranted(f"{step.relation} was never free: {holders}.")
        if not told:
            tell(f"waiting for {step.relation}: {holders}")
            told = True
        time.sleep(_LOOK_EVERY_S)


def pause(attempt: int) -> None:
    """Wait a moment that grows with each attempt, up to a second, and differs each time."""
    time.sleep(min(1.0, 0.05 * 2 ** min(attempt, 5)) * random.uniform(0.5, 1.0))  # noqa: S311


def _holders(look: psycopg.Connection, step: Step) -> str:
    """Say who would keep the lock from being had within the time it is asked for; short transactions do not."""
    asked = {"relation": step.relation, "modes": list(_CONFLICTS[step.lock]), "asked_s": ASK_MS / 1000}
    found = fetch(look, _query(), asked)
    return "; ".join(f"process {one.process}, {one.application}, for {one.seconds} s" for one in found)


@cache
def _query() -> str:
    return library.read(resources.files("tenantry.plan") / "sql" / "holders.query.sql").body
