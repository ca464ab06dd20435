"""Do SQLAlchemy's transactions keep their tenant, also after a commit in the middle, and hand nothing on?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from proxy import Proxy, proxy
from running import APP, MINTER, OURS, THEIRS
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from test_leaks import RESIDUE, prepared

from tenantry.adapters.sqlalchemy import guard
from tenantry.context.identity import Identity, acting_as
from tenantry.context.missing import Missing
from tenantry.context.opening import TokenOpener
from tenantry.session import scrub
from tenantry.session.refused import (
    ContextRefused,
    DatabaseUnavailable,
    LoginUnfit,
    TenancyUnset,
    TenantMissing,
    UnitAborted,
    UnitEnded,
)
from tenantry.testing.databases import Database

OPENER = TokenOpener(MINTER)
SEEN = text("select count(*), min(org_id::text), max(org_id::text) from public.booking")
FIVE_OF = {tenant: (5, tenant, tenant) for tenant in (OURS, THEIRS)}
FOREIGN_CONTEXT = ("select 1", f"tenantry.current_tenant() <> '{THEIRS}'")
OURSELVES, OTHERS = Identity(OURS), Identity(THEIRS)


def url(database: Database, user: str = APP) -> str:
    return database.url(user).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def engine(fenced: Database) -> Iterator[Engine]:
    """Give a guarded engine with one connection."""
    made = create_engine(url(fenced), pool_size=1, max_overflow=0)
    guard(made, OPENER)
    yield made
    made.dispose()


def test_a_second_commit_keeps_the_tenant(engine: Engine) -> None:
    with acting_as(OURSELVES), Session(engine) as session:
        for _ in range(3):
            assert session.execute(SEEN).one() == FIVE_OF[OURS]
            session.commit()
        session.rollback()
        assert session.execute(SEEN).one() == FIVE_OF[OURS]
        with session.begin_nested():
            assert session.execute(SEEN).one() == FIVE_OF[OURS]


def test_the_next_tenant_on_the_connection_sees_its_own(engine: Engine) -> None:
    for identity in (OURSELVES, OTHERS, OURSELVES):
        with acting_as(identity), engine.begin() as connection:
            assert connection.execute(SEEN).one() == FIVE_OF[identity.tenant]


def test_async_sessions_too(fenced: Database) -> None:
    async def work() -> None:
        made = create_async_engine(url(fenced), pool_size=1, max_overflow=0)
        guard(made, OPENER)
        for identity in (OURSELVES, OTHERS):
            with acting_as(identity):
                async with AsyncSession(made) as session:
                    for _ in range(2):
                        assert (await session.execute(SEEN)).one() == FIVE_OF[identity.tenant]
                        await session.commit()
        with pytest.raises(TenantMissing):
            async with made.connect() as connection:
                await connection.execute(SEEN)
        await made.dispose()

    asyncio.run(work())


def test_nobody_is_refused_each_time(engine: Engine) -> None:
    with engine.connect() as connection:
        for _ in range(3):
            with pytest.raises((TenantMissing, UnitEnded)):
                connection.execute(SEEN)
    with Session(engine) as session:
        for _ in range(3):
            with pytest.raises((TenantMissing, UnitEnded)):
                session.execute(SEEN)
    with acting_as(OURSELVES), engine.begin() as connection:
        assert connection.execute(SEEN).one() == FIVE_OF[OURS]


def test_nobody_may_see_nothing_instead(fenced: Database) -> None:
    made = create_engine(url(fenced))
    guard(made, OPENER, missing=Missing.EMPTY)
    with made.begin() as connection:
        assert connection.execute(SEEN).one() == (0, None, None)
    made.dispose()


def test_a_transaction_is_not_lent_to_another_tenant(engine: Engine) -> None:
    with Session(engine) as session:
        with acting_as(OURSELVES):
            session.execute(SEEN)
        with acting_as(OTHERS), pytest.raises(UnitEnded, match="begin another"):
            session.execute(SEEN)
        with pytest.raises(TenantMissing):
            session.execute(SEEN)


def test_autocommit_is_refused(engine: Engine) -> None:
    with (
        acting_as(OURSELVES),
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(UnitEnded),
    ):
        connection.execute(SEEN)


def test_a_login_that_could_look_past_the_fence_is_refused(fenced: Database) -> None:
    made = create_engine(url(fenced, "postgres"))
    guard(made, OPENER)
    with acting_as(OURSELVES), pytest.raises(LoginUnfit):
        made.connect()
    made.dispose()


def test_another_driver_is_refused() -> None:
    with pytest.raises(TenancyUnset, match="psycopg"):
        guard(create_engine("sqlite://"), OPENER)


def test_the_token_is_not_in_sqlalchemy_s_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "sqlalchemy.engine")
    with acting_as(OURSELVES), engine.begin() as connection:
        connection.execute(SEEN)
    assert "count(*)" in caplog.text
    assert "v1.runtime" not in caplog.text


def leaks(database: Database, *, end: str) -> list[str]:
    """Give what of one tenant's transaction the next one finds."""
    seen = []
    for residue, (leave, asked) in {**RESIDUE, "context": FOREIGN_CONTEXT}.items():
        made = create_engine(url(database), pool_size=1, max_overflow=0)
        guard(made, OPENER)
        with suppress(ZeroDivisionError), acting_as(OURSELVES), made.begin() as connection:
            connection.exec_driver_sql(leave)
            if end == "error":
                raise ZeroDivisionError
        with suppress(Exception), acting_as(OTHERS), made.begin() as connection:
            if connection.exec_driver_sql(f"select {asked}").scalar():
                seen.append(residue)
        made.dispose()
    return seen


@pytest.mark.parametrize("end", ["commit", "error"])
def test_nothing_leaks_through_its_pool(fenced: Database, end: str) -> None:
    assert leaks(prepared(fenced), end=end) == []


@pytest.mark.parametrize("server", [18], indirect=True)
def test_without_the_scrub_its_pool_leaks(fenced: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "PARTS", (b"select 1",))
    assert leaks(prepared(fenced), end="commit") == [residue for residue in RESIDUE if residue != "context"]


def trips(engine: Engine, between: Proxy) -> int:
    """Count the round trips of a transaction with one statement, its connection coming from the pool and going back."""
    for _ in range(2):
        before = between.round_trips
        with acting_as(OURSELVES), engine.begin() as connection:
            connection.exec_driver_sql("select 1")
    return between.round_trips - before


def test_a_transaction_costs_no_round_trip_more_than_a_bare_one(fenced: Database) -> None:
    with proxy(fenced) as between:
        engines = [create_engine(f"postgresql+psycopg://{between.url(fenced, APP)[13:]}") for _ in range(2)]
        guard(engines[1], OPENER)
        bare, guarded = (trips(made, between) for made in engines)
        for made in engines:
            made.dispose()
    assert guarded == bare == 3


def test_many_transactions_on_one_connection(engine: Engine) -> None:
    for number in range(30):
        identity = (OURSELVES, OTHERS)[number % 2]
        with acting_as(identity), engine.begin() as connection:
            assert connection.execute(SEEN).one() == FIVE_OF[identity.tenant]


def test_the_isolation_level_is_kept(fenced: Database) -> None:
    made = create_engine(url(fenced), isolation_level="SERIALIZABLE")
    guard(made, OPENER)
    with acting_as(OURSELVES), made.begin() as connection:
        assert connection.exec_driver_sql("show transaction_isolation").scalar() == "serializable"
    made.dispose()


def test_a_commit_that_fails_is_sqlalchemy_s_error_and_one_that_cannot_be_says_so(engine: Engine) -> None:
    add = "insert into public.booking (org_id, guest, room) values (%s, 'twice', 1)"
    with acting_as(OURSELVES):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.exec_driver_sql("set constraints all deferred")
            connection.exec_driver_sql(add, (OURS,))
        with pytest.raises(UnitAborted), engine.begin() as connection, pytest.raises(IntegrityError):
            connection.exec_driver_sql(add, (OURS,))
        with engine.begin() as connection:
            assert connection.execute(SEEN).one() == FIVE_OF[OURS]


def test_a_connection_that_died_in_the_pool_is_not_lent_for_ever(
    fenced: Database, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with acting_as(OURSELVES):
        with engine.begin() as connection:
            connection.execute(SEEN)
        fenced.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{APP}'")
        with pytest.raises(DatabaseUnavailable), engine.begin():
            pass
        assert "Exception during reset" not in caplog.text
        with engine.begin() as connection:
            assert connection.execute(SEEN).one() == FIVE_OF[OURS]


def test_another_key_is_refused(fenced: Database, engine: Engine) -> None:
    fenced.execute("select tenantry.revoke_key('runtime')")
    with acting_as(OURSELVES), pytest.raises(ContextRefused), engine.begin():
        pass


def test_a_transaction_of_two_phases_is_refused(engine: Engine) -> None:
    """SQLAlchemy begins it by another event, so that it had no context, and its residue was not scrubbed."""
    with acting_as(OURSELVES), engine.connect() as connection:
        connection.exec_driver_sql("select 1")
        connection.commit()
        with pytest.raises(TenancyUnset, match="two phases"):
            connection.begin_twophase()
