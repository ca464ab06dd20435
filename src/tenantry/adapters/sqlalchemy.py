"""How SQLAlchemy's transactions, Core and ORM, sync and async, are opened for whom ``acting_as`` names.

    engine = create_engine("postgresql+psycopg://app@host/db")
    guard(engine, tenancy.opener)
    with acting_as(Identity(tenant)), Session(engine) as session: ...

The context travels with each BEGIN, so also after a commit in the middle, and the scrub with each COMMIT; what was
rolled back is scrubbed when it goes back to SQLAlchemy's pool. For the driver psycopg. The token is sent past
SQLAlchemy's own logging, which shows parameters.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolResetState

from tenantry.context.identity import Identity, current_identity
from tenantry.context.missing import Missing
from tenantry.context.opening import Opener
from tenantry.session import scrub
from tenantry.session.begin import begin
from tenantry.session.login import POWERS, demand_none
from tenantry.session.refused import (
    ContextRefused,
    DatabaseUnavailable,
    Refusal,
    TenancyUnset,
    TenantMissing,
    UnitAborted,
    UnitEnded,
)
from tenantry.session.wire import Statement, sent_together

__all__ = ["guard"]

_OPENED, _SCRUBBED, _PLANTED = "tenantry_opened_for", "tenantry_scrubbed", "tenantry_planted"
_NOBODY = Identity("nobody")


def guard(engine: Engine | AsyncEngine, opener: Opener, *, missing: Missing = Missing.REFUSE) -> None:
    """Open the context at each BEGIN of the engine, and let no statement run without one.

    ``missing`` says what happens where ``acting_as`` names nobody: refuse before SQL, or a transaction of nobody.
    Logins that could look past the fence are refused at each new connection.
    """
    sync_engine = engine.sync_engine if isinstance(engine, AsyncEngine) else engine
    if sync_engine.dialect.driver not in ("psycopg", "psycopg_async"):
        raise TenancyUnset(f"The driver {sync_engine.dialect.driver} is not served; use postgresql+psycopg.")
    if missing is Missing.RAISE:
        raise TenancyUnset("Under SQLAlchemy, missing is REFUSE or EMPTY.")
    guarded = _Guard(opener, missing)
    event.listen(sync_engine, "connect", guarded.connected)
    event.listen(sync_engine, "begin", guarded.begun)
    event.listen(sync_engine, "begin_twophase", guarded.prepared)
    event.listen(sync_engine, "commit", guarded.committing)
    event.listen(sync_engine, "before_cursor_execute", guarded.asked)
    event.listen(sync_engine, "reset", guarded.returned)


class _Guard:
    """What is done at each of SQLAlchemy's events."""

    def __init__(self, opener: Opener, missing: Missing) -> None:
        self._opener = opener
        self._missing = missing

    def connected(self, connection: Any, _: object) -> None:
        """Refuse a login with powers."""
        cursor = connection.cursor()
        cursor.execute("set local search_path = pg_catalog, pg_temp")
        cursor.execute(POWERS)
        found = tuple(said for (said,) in cursor.fetchall())
        cursor.close()
        connection.rollback()
        demand_none(found)

    def begun(self, connection: Connection) -> None:
        """Begin, and open the context of whom the work is done for, in one message."""
        connection.info.pop(_OPENED, None)
        connection.info.pop(_SCRUBBED, None)
        identity = self._named()
        if connection.info.get(_PLANTED):
            raise UnitEnded("SQL prepared statements on this connection: close it, and begin on another.")
        if _driver(connection).autocommit:
            raise UnitEnded("Under AUTOCOMMIT no context lasts from one statement to the next.")
        opening = () if identity is _NOBODY else self._opener.statements(identity)
        _begin(connection, ((_begin_text(_driver(connection)), ()), *opening))
        connection.info[_OPENED] = identity

    def prepared(self, *_: object) -> None:
        """Refuse a transaction of two phases: its BEGIN is sent elsewhere, without a context, and nothing scrubs it."""
        raise TenancyUnset("Transactions of two phases are not served: begin an ordinary one.")

    def committing(self, connection: Connection) -> None:
        """Commit and scrub in one message; SQLAlchemy's own COMMIT then has nothing to do."""
        if _driver(connection).info.transaction_status == TransactionStatus.INERROR:
            raise UnitAborted
        if connection.info.get(_OPENED) is not None:
            planted = connection.exec_driver_sql(f"{scrub.PLANTED.decode()}; {scrub.commit_and_scrub().decode()}")
            connection.info[_PLANTED] = bool(planted.scalar())
            connection.info[_SCRUBBED] = not connection.info[_PLANTED]

    def asked(self, connection: Connection, *_: object) -> None:
        """Refuse a statement outside of any context, or of another tenant than the transaction's."""
        if connection.info.get(_OPENED) != self._named():
            raise UnitEnded("No transaction was begun here for whom the work is done: end this one and begin another.")

    def returned(self, connection: Any, record: Any, state: PoolResetState) -> None:
        """Scrub what goes back to the pool; what is refused here is thrown away by SQLAlchemy."""
        record.info.pop(_OPENED, None)
        is_scrubbed = record.info.pop(_SCRUBBED, False)
        if state.terminate_only or not state.asyncio_safe:
            return
        if is_scrubbed and record.driver_connection.info.transaction_status == TransactionStatus.IDLE:
            return
        connection.rollback()
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"{scrub.PLANTED.decode()}; {scrub.scrub().decode()}")
        is_planted = bool(cursor.fetchone()[0])
        cursor.close()
        if is_planted:
            raise UnitEnded("SQL prepared statements on a connection: it is not lent again.")
        connection.autocommit = False

    def _named(self) -> Identity:
        identity = current_identity()
        if identity is None and self._missing is Missing.REFUSE:
            raise TenantMissing
        return identity or _NOBODY


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _begin_text(driver: Any) -> bytes:
    """Give the BEGIN that psycopg would send for what SQLAlchemy has set on its connection."""
    level = driver.isolation_level.name.lower().replace("_", " ") if driver.isolation_level else ""
    text = begin(level, read_only=bool(driver.read_only))
    return text + b" deferrable" if driver.deferrable else text


def _begin(connection: Connection, statements: tuple[Statement, ...]) -> None:
    adapted, driver = connection.connection.dbapi_connection, _driver(connection)
    try:
        if isinstance(driver, psycopg.AsyncConnection):
            adapted.run_async(lambda it: it.wait(sent_together(it.pgconn, statements)))  # type: ignore[union-attr]
        else:
            driver.wait(sent_together(driver.pgconn, statements))
    except psycopg.Error as error:
        raise _not_begun(connection, error) from None


def _not_begun(connection: Connection, error: psycopg.Error) -> Refusal:
    if _driver(connection).closed:
        # why: what broke while it lay in the pool would be lent again
        connection.invalidate()
        return DatabaseUnavailable()
    return ContextRefused(sqlstate=error.sqlstate or "")
