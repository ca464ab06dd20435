"""Can one tenant's SQL put a statement of its own in the place of one that the client has prepared for everybody?

Statements stay prepared on a connection from one unit to the next, and each is known to the server by its name alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from running import APP, MINTER, OURS, THEIRS, tenancy_sync
from sqlalchemy import Engine, create_engine

from tenantry.adapters.sqlalchemy import guard
from tenantry.context.identity import Identity, acting_as
from tenantry.context.opening import TokenOpener
from tenantry.session import scrub
from tenantry.session.refused import Refusal, UnitEnded
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database

OFTEN = 8
ASKED = "select guest from public.booking where room >= %s"
TAKEN_AWAY = """
    do $$ declare client text; begin
        for client in select name from pg_prepared_statements where not from_sql loop
            execute 'deallocate ' || quote_ident(client);
        end loop;
    end $$
"""
PLANTED = """
    do $$ declare client text; begin
        for client in select name from pg_prepared_statements where not from_sql and strpos(statement, 'guest') > 0 loop
            execute 'deallocate ' || quote_ident(client);
            execute 'prepare ' || quote_ident(client) || ' (smallint) as with gone as ('
                'delete from public.booking returning guest) select ''planted'' from gone';
        end loop;
    end $$
"""


@pytest.fixture
def made(fenced: Database) -> Iterator[TenancySync]:
    """Give a handle with one connection, on which the client has prepared what everybody asks."""
    with tenancy_sync(fenced) as tenancy:
        for _ in range(OFTEN):
            assert guests(tenancy) == {"guest"}
        yield tenancy


def guests(tenancy: TenancySync) -> set[str]:
    with tenancy.acting_for(THEIRS) as tx:
        return {guest for (guest,) in tx.execute(ASKED, [0])}


@pytest.mark.parametrize("end", ["commit", "error"])
def test_a_planted_statement_is_not_run_for_the_next_tenant(made: TenancySync, end: str) -> None:
    plant(made, end)
    assert guests(made) == {"guest"}


def plant(made: TenancySync, end: str) -> None:
    with suppress(Refusal), made.acting_for(OURS) as tx:
        tx.execute(PLANTED)
        tx.execute("select 1" if end == "commit" else "select 1 / 0")


def test_were_the_session_not_asked_it_would_be_run(made: TenancySync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "is_planted", lambda _: False)
    plant(made, "commit")
    assert guests(made) == {"planted"}


def test_a_statement_taken_away_fails_once_and_not_for_ever(made: TenancySync) -> None:
    with made.acting_for(OURS) as tx:
        tx.execute(TAKEN_AWAY)
    with pytest.raises(Refusal):
        guests(made)
    assert guests(made) == {"guest"}


# -- SQLAlchemy -------------------------------------------------------------------------------------------


@pytest.fixture
def engine(fenced: Database) -> Iterator[Engine]:
    """Give a guarded engine with one connection, on which the driver has prepared what everybody asks."""
    url = fenced.url(APP).replace("postgresql://", "postgresql+psycopg://")
    made = create_engine(url, pool_size=1, max_overflow=0)
    guard(made, TokenOpener(MINTER))
    for _ in range(OFTEN):
        assert guests_of(made) == {"guest"}
    yield made
    made.dispose()


def guests_of(engine: Engine) -> set[str]:
    with acting_as(Identity(THEIRS)), engine.begin() as connection:
        return {guest for (guest,) in connection.exec_driver_sql(ASKED, (0,))}


@pytest.mark.parametrize("end", ["commit", "error"])
def test_sqlalchemy_s_pool_does_not_lend_such_a_session_again(engine: Engine, end: str) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(Identity(OURS)), engine.connect() as connection:
        connection.exec_driver_sql(PLANTED)
        if end == "commit":
            connection.commit()
        raise ZeroDivisionError
    assert guests_of(engine) == {"guest"}


def test_nor_does_the_same_connection_serve_another_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        with acting_as(Identity(OURS)):
            connection.exec_driver_sql(PLANTED)
            connection.commit()
        with pytest.raises(UnitEnded), acting_as(Identity(THEIRS)):
            connection.exec_driver_sql(ASKED, (0,))
    assert guests_of(engine) == {"guest"}


def test_were_the_session_not_asked_sqlalchemy_would_run_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "PLANTED", b"select 0")
    with acting_as(Identity(OURS)), engine.begin() as connection:
        connection.exec_driver_sql(PLANTED)
    assert guests_of(engine) == {"planted"}
