"""Does an apply whose server crashed, at any step, go on to the same end once the server is back?

The server is this test's own: a backend that is killed takes every session of its server along.
"""

from __future__ import annotations

import os
import random
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command import wait_until
from examples.restaurant import data, mend
from planning import apply_to, guessed, plan_of, schema_dump, undo_on

from tenantry.blueprint.model import Blueprint
from tenantry.errors import ConnectionFailed, ConnectionLost
from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import embedded

EVERY_STEP = os.environ.get("TENANTRY_CHAOS") == "1"
SCHEMA = Path(mend.__file__).parent / "schema" / "before"
STEP = re.compile(r"step (\d+) of")
OURS = "select pid from pg_catalog.pg_stat_activity where application_name = 'tenantry' order by pid limit 1"


@pytest.fixture
def alone() -> Iterator[Database]:
    """Give the restaurants on a server that nobody else uses."""
    with embedded() as server, Workshop(server).database() as database:
        with database.connect() as connection:
            for file in sorted(SCHEMA.glob("*.sql")):
                connection.execute(file.read_bytes())
            data.load(connection, tenants=3)
        yield database


def _crash(database: Database) -> None:
    """Kill one of the server's processes: it ends all others and starts again from its log."""
    with database.connect() as connection:
        found = connection.execute(OURS).fetchone()
    if found:
        os.kill(found[0], signal.SIGKILL)


def _is_back(database: Database) -> bool:
    try:
        with database.connect():
            return True
    except psycopg.OperationalError:
        return False


def _crashed_at(step: int, database: Database, blueprint: Blueprint) -> bool:
    """Apply, or go on, and crash the server somewhere within the step, or after it; say whether that ended it."""
    crashes: list[threading.Thread] = []

    def tell(line: str) -> None:
        told = STEP.match(line)
        # why: the crash before may have come a step later than it was meant to
        if told and int(told[1]) >= step and not crashes:
            crashes.append(threading.Timer(random.uniform(0, 0.03), _crash, [database]))
            crashes[0].start()

    was_lost = False
    try:
        apply_to(database, blueprint, tell)
    except (ConnectionLost, ConnectionFailed):
        was_lost = True
    for crash in crashes:
        crash.join()
    wait_until(lambda: _is_back(database), "the server's recovery")
    return was_lost


@pytest.mark.chaos
def test_apply_goes_on_after_the_server_crashed_at_a_step(alone: Database) -> None:
    blueprint, before = guessed(alone), schema_dump(alone)
    last = len(apply_to(alone, blueprint).steps)
    tight = schema_dump(alone)
    undo_on(alone)
    steps = range(1, last + 1) if EVERY_STEP else sorted(random.sample(range(1, last + 1), 6))
    ended = [step for step in steps if _crashed_at(step, alone, blueprint)]
    assert len(ended) > len(steps) // 2
    apply_to(alone, blueprint)
    assert schema_dump(alone) == tight
    assert plan_of(alone, blueprint).steps == ()
    undo_on(alone)
    assert schema_dump(alone) == before
