"""Does a guard in the shadow count what it would refuse, and let everything through as before?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from running import APP, MINTER, OURS, THEIRS
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from test_sqlalchemy import FIVE_OF, OPENER, SEEN, url

from tenantry.adapters.sqlalchemy import guard
from tenantry.context.identity import Identity, acting_as
from tenantry.context.opening import TokenOpener
from tenantry.context.rollout import Rollout, Tally
from tenantry.context.token import Minter
from tenantry.session.refused import TenantMissing
from tenantry.testing.databases import Database

OURSELVES, OTHERS = Identity(OURS), Identity(THEIRS)
OPEN = "create role shadow_app login; create table note (body text); grant all on note to shadow_app"
ADD, ALL = text("insert into note values ('x')"), text("select count(*) from note")


@pytest.fixture
def open_database(fresh_database: Callable[[str], Database]) -> Database:
    """Give a database that nothing fences yet."""
    return fresh_database(OPEN)


@contextmanager
def shadowed(
    database: Database, user: str = "shadow_app", opener: TokenOpener = OPENER, **options: str
) -> Iterator[tuple[Engine, Tally]]:
    made = create_engine(url(database, user), pool_size=1, max_overflow=0, **options)
    yield made, guard(made, opener, rollout=Rollout.SHADOW)
    made.dispose()


def test_work_of_nobody_is_counted_once_a_transaction_and_done(open_database: Database) -> None:
    with shadowed(open_database) as (engine, tally):
        for _ in range(3):
            with engine.begin() as connection:
                connection.execute(ADD)
                connection.execute(ADD)
        with acting_as(OURSELVES), engine.begin() as connection:
            assert connection.execute(ALL).scalar() == 6
    assert tally.counts == {"tenant_missing": 3}


def test_what_a_guard_refuses_is_what_its_shadow_counts(open_database: Database) -> None:
    with shadowed(open_database) as (engine, tally):
        with acting_as(OURSELVES), engine.begin() as connection:
            connection.execute(ADD)
            with acting_as(OTHERS):
                connection.execute(ADD)
        assert tally.counts == {"unit_ended": 1}
        with acting_as(OURSELVES), engine.begin() as connection, suppress(DBAPIError):
            connection.execute(text("select 1 / 0"))
        assert tally.counts == {"unit_ended": 1, "unit_aborted": 1}
        with acting_as(OURSELVES), engine.begin() as connection:
            assert connection.execute(ALL).scalar() == 2
    with shadowed(open_database, isolation_level="AUTOCOMMIT") as (engine, tally):
        with acting_as(OURSELVES), engine.connect() as connection:
            connection.execute(ADD)
        assert tally.counts == {"unit_ended": 1}
    with shadowed(open_database, "postgres") as (engine, tally):
        with acting_as(OURSELVES), engine.begin() as connection:
            connection.execute(ADD)
        assert tally.counts == {"login_unfit": 1}


def test_nothing_of_the_session_is_scrubbed(open_database: Database) -> None:
    with shadowed(open_database) as (engine, _), acting_as(OURSELVES):
        with engine.begin() as connection:
            connection.execute(text("set app.kept = 'kept'"))
        with engine.begin() as connection:
            assert connection.execute(text("show app.kept")).scalar() == "kept"


def test_a_database_that_is_fenced_already_is_read_by_whom_is_named(fenced: Database) -> None:
    with shadowed(fenced, APP) as (engine, tally):
        with acting_as(OURSELVES), engine.begin() as connection:
            assert connection.execute(SEEN).one() == FIVE_OF[OURS]
        with engine.begin() as connection:
            assert connection.execute(SEEN).one() == (0, None, None)
    assert tally.counts == {"tenant_missing": 1}


def test_a_key_that_opens_nothing_is_counted(fenced: Database) -> None:
    forged = TokenOpener(Minter("runtime", bytes(32)))
    with shadowed(fenced, APP, forged) as (engine, tally), acting_as(OURSELVES), engine.begin() as connection:
        assert connection.execute(SEEN).one() == (0, None, None)
    assert tally.counts == {"context_refused": 1}


def test_under_asyncio_too(open_database: Database) -> None:
    async def work() -> Tally:
        made = create_async_engine(url(open_database, "shadow_app"))
        tally = guard(made, TokenOpener(MINTER), rollout=Rollout.SHADOW)
        for identity in (OURSELVES, None):
            async with made.connect() as connection:
                if identity:
                    with acting_as(identity):
                        await connection.execute(ADD)
                        await connection.commit()
                else:
                    assert (await connection.execute(ALL)).scalar() == 1
        await made.dispose()
        return tally

    assert asyncio.run(work()).counts == {"tenant_missing": 1}


def test_off_does_nothing_and_enforce_refuses(open_database: Database) -> None:
    for rollout in Rollout:
        made = create_engine(url(open_database, "shadow_app"))
        tally = guard(made, OPENER, rollout=rollout)
        if rollout is Rollout.ENFORCE:
            with pytest.raises(TenantMissing), made.begin() as connection:
                connection.execute(ADD)
        else:
            with made.begin() as connection:
                connection.execute(ADD)
            assert tally.counts == ({} if rollout is Rollout.OFF else {"tenant_missing": 1})
        made.dispose()


def test_the_log_is_told_of_the_first_of_each(open_database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="tenantry"), shadowed(open_database) as (engine, _):
        for _ in range(3):
            with engine.begin() as connection:
                connection.execute(ADD)
    assert [record.message for record in caplog.records if record.name == "tenantry"] == [
        "shadow: this would be refused: No tenant is named for this work, so no SQL was sent. [TN304]"
    ]
