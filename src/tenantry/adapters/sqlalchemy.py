"""How SQLAlchemy's transactions, Core and ORM, sync and async, are opened for whom ``acting_as`` names.

    engine = create_engine("postgresql+psycopg://app@host/db")
    guard(engine, tenancy.opener)
    with acting_as(Identity(tenant)), Session(engine) as session: ...

The context is opened at each BEGIN, so also after a commit in the middle. A connection that goes back to SQLAlchemy's
pool is scrubbed. For the driver psycopg; the token is sent past SQLAlchemy's own logging, which shows parameters.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolResetState

from tenantry.context.identity import Identity, current_identity
from tenantry.context.missing import Missing
from tenantry.context.opening import Opener
from tenantry.session import scrub
from tenantry.session.login import POWERS, demand_none
from tenantry.session.refused import TenancyUnset, TenantMissing, UnitEnded

__all__ = ["guard"]

_OPENED = "tenantry_opened_for"
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
        """Open the context of whom the work is done for."""
        connection.info.pop(_OPENED, None)
        identity = self._named()
        if connection.connection.dbapi_connection.autocommit:  # type: ignore[union-attr]
            raise UnitEnded("Under AUTOCOMMIT no context lasts from one statement to the next.")
        if identity is not _NOBODY:
            self._open(connection.connection.cursor(), identity)
        connection.info[_OPENED] = identity

    def asked(self, connection: Connection, *_: object) -> None:
        """Refuse a statement outside of any context, or of another tenant than the transaction's."""
        opened = connection.info.get(_OPENED)
        if opened is None:
            self._named()
            raise UnitEnded("This connection has no transaction with a context; begin a new one.")
        if opened != self._named():
            raise UnitEnded("This transaction was begun for somebody else; end it first.")

    def returned(self, connection: Any, record: Any, state: PoolResetState) -> None:
        """Scrub what goes back to the pool."""
        record.info.pop(_OPENED, None)
        if state.terminate_only or not state.asyncio_safe:
            return
        connection.rollback()
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(scrub.scrub().decode())
        cursor.close()
        connection.autocommit = False

    def _named(self) -> Identity:
        identity = current_identity()
        if identity is None and self._missing is Missing.REFUSE:
            raise TenantMissing
        return identity or _NOBODY

    def _open(self, cursor: Any, identity: Identity) -> None:
        for text, values in self._opener.statements(identity):
            cursor.execute(re.sub(r"\$\d", "%s", text.decode()), tuple(value.decode() for value in values))
        cursor.close()
