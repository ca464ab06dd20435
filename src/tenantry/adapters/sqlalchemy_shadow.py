"""What would a guard of SQLAlchemy refuse? Counted while the application goes on as it did.

Where the database knows ``tenantry.open``, whoever is named gets a context, so that a database which is fenced
already can be read. Nothing is scrubbed, and no statement is stopped.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

from tenantry.adapters.sqlalchemy_driver import OPENED, begun_with, driver_of, powers_of
from tenantry.context.identity import Identity, current_identity
from tenantry.context.missing import Missing
from tenantry.context.opening import Opener
from tenantry.context.rollout import Tally
from tenantry.session.refused import ContextRefused, LoginUnfit, TenantMissing, UnitAborted, UnitEnded

__all__ = ["Shadow"]

# Undefined function, undefined schema: a database that is not fenced yet.
_NOT_BUILT = ("42883", "3F000")
_NOBODY = Identity("nobody")


class Shadow:
    """What is counted at each of SQLAlchemy's events."""

    def __init__(self, opener: Opener, missing: Missing, tally: Tally) -> None:
        self._opener = opener
        self._missing = missing
        self._tally = tally

    def connected(self, connection: Any, _: object) -> None:
        """Count a login with powers."""
        if found := powers_of(connection):
            self._tally.note(LoginUnfit(f"The login {', and '.join(found)}."))

    def begun(self, connection: Connection) -> None:
        """Count a transaction of nobody; open the context of whom the work is done for, if that can be."""
        identity = current_identity()
        connection.info[OPENED] = identity or _NOBODY
        if identity is None:
            if self._missing is Missing.REFUSE:
                self._tally.note(TenantMissing())
        elif driver_of(connection).autocommit:
            self._tally.note(UnitEnded("Under AUTOCOMMIT no context lasts from one statement to the next."))
        else:
            self._try_to_open(connection, identity)

    def asked(self, connection: Connection, *_: object) -> None:
        """Count a statement of another tenant than the transaction's."""
        if connection.info.get(OPENED) != (current_identity() or _NOBODY):
            self._tally.note(UnitEnded())

    def committing(self, connection: Connection) -> None:
        """Count a commit that the server answers by rolling back."""
        if driver_of(connection).info.transaction_status == TransactionStatus.INERROR:
            self._tally.note(UnitAborted())

    def _try_to_open(self, connection: Connection, identity: Identity) -> None:
        try:
            begun_with(connection, self._opener.statements(identity))
        except psycopg.Error as error:
            if driver_of(connection).closed:
                return
            # why: psycopg then begins by itself, as it did before there was a guard
            connection.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
            if error.sqlstate not in _NOT_BUILT:
                self._tally.note(ContextRefused(sqlstate=error.sqlstate or ""))
