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

from tenantry.adapters.sqlalchemy_driver import OPENED, begun_with, driver_of, powers_of
from tenantry.adapters.sqlalchemy_shadow import Shadow
from tenantry.context.identity import Identity, current_identity
from tenantry.context.missing import Missing
from tenantry.context.opening import Opener
from tenantry.context.rollout import Rollout, Tally
from tenantry.session import scrub
from tenantry.session.login import demand_none
from tenantry.session.refused import (
    ContextRefused,
    DatabaseUnavailable,
    Refusal,
    TenancyUnset,
    TenantMissing,
    UnitAborted,
    UnitEnded,
)

__all__ = ["guard"]

_SCRUBBED, _PLANTED = "tenantry_scrubbed", "tenantry_planted"
_NOBODY = Identity("nobody")


def guard(
    engine: Engine | AsyncEngine,
    opener: Opener,
    *,
    missing: Missing = Missing.REFUSE,
    rollout: Rollout = Rollout.ENFORCE,
) -> Tally:
    """Open the context at each BEGIN of the engine, and let no statement run without one.

    ``missing`` says what happens where ``acting_as`` names nobody: refuse before SQL, or a transaction of nobody.
    Logins that could look past the fence are refused at each new connection. Under ``Rollout.SHADOW`` all that is
    counted in the tally this gives, and nothing is refused; under ``Rollout.OFF`` nothing is done.
    """
    sync_engine = engine.sync_engine if isinstance(engine, AsyncEngine) else engine
    if sync_engine.dialect.driver not in ("psycopg", "psycopg_async"):
        raise TenancyUnset(f"The driver {sync_engine.dialect.driver} is not served; use postgresql+psycopg.")
    if missing is Missing.RAISE:
        raise TenancyUnset("Under SQLAlchemy, missing is REFUSE or EMPTY.")
    tally = Tally()
    if rollout is Rollout.SHADOW:
        _listen(sync_engine, Shadow(opener, missing, tally))
    elif rollout is Rollout.ENFORCE:
        guarded = _Guard(opener, missing)
        _listen(sync_engine, guarded)
        event.listen(sync_engine, "begin_twophase", guarded.prepared)
        event.listen(sync_engine, "reset", guarded.returned)
    return tally


def _listen(engine: Engine, to: _Guard | Shadow) -> None:
    event.listen(engine, "connect", to.connected)
    event.listen(engine, "begin", to.begun)
    event.listen(engine, "commit", to.committing)
    event.listen(engine, "before_cursor_execute", to.asked)


class _Guard:
    """What is done at each of SQLAlchemy's events."""

    def __init__(self, opener: Opener, missing: Missing) -> None:
        self._opener = opener
        self._missing = missing

    def connected(self, connection: Any, _: object) -> None:
        """Refuse a login with powers."""
        demand_none(powers_of(connection))

    def begun(self, connection: Connection) -> None:
        """Begin, and open the context of whom the work is done for, in one message."""
        connection.info.pop(OPENED, None)
        connection.info.pop(_SCRUBBED, None)
        identity = self._named()
        if connection.info.get(_PLANTED):
            raise UnitEnded("SQL prepared statements on this connection: close it, and begin on another.")
        if driver_of(connection).autocommit:
            raise UnitEnded("Under AUTOCOMMIT no context lasts from one statement to the next.")
        opening = () if identity is _NOBODY else self._opener.statements(identity)
        try:
            begun_with(connection, opening)
        except psycopg.Error as error:
            raise _not_begun(connection, error) from None
        connection.info[OPENED] = identity

    def prepared(self, *_: object) -> None:
        """Refuse a transaction of two phases: its BEGIN is sent elsewhere, without a context, and nothing scrubs it."""
        raise TenancyUnset("Transactions of two phases are not served: begin an ordinary one.")

    def committing(self, connection: Connection) -> None:
        """Commit and scrub in one message; SQLAlchemy's own COMMIT then has nothing to do."""
        if driver_of(connection).info.transaction_status == TransactionStatus.INERROR:
            raise UnitAborted
        if connection.info.get(OPENED) is not None:
            planted = connection.exec_driver_sql(f"{scrub.PLANTED.decode()}; {scrub.commit_and_scrub().decode()}")
            connection.info[_PLANTED] = bool(planted.scalar())
            connection.info[_SCRUBBED] = not connection.info[_PLANTED]

    def asked(self, connection: Connection, *_: object) -> None:
        """Refuse a statement outside of any context, or of another tenant than the transaction's."""
        if connection.info.get(OPENED) != self._named():
            raise UnitEnded("No transaction was begun here for whom the work is done: end this one and begin another.")

    def returned(self, connection: Any, record: Any, state: PoolResetState) -> None:
        """Scrub what goes back to the pool; what is refused here is thrown away by SQLAlchemy."""
        record.info.pop(OPENED, None)
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


def _not_begun(connection: Connection, error: psycopg.Error) -> Refusal:
    if driver_of(connection).closed:
        # why: what broke while it lay in the pool would be lent again
        connection.invalidate()
        return DatabaseUnavailable()
    return ContextRefused(sqlstate=error.sqlstate or "")
