"""How a transaction on a psycopg connection of one's own is opened for a tenant.

For connections that ``Tenancy`` does not lend: a script, a test, a COPY of hours. Nothing is scrubbed here: a
connection that goes back to a pool must be scrubbed there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import psycopg

from tenantry.context.identity import Identity
from tenantry.context.opening import Opener
from tenantry.session.refused import UnitEnded
from tenantry.session.wire import Statement, sent_together

__all__ = ["acting", "acting_async"]


@contextmanager
def acting(connection: psycopg.Connection[Any], opener: Opener, identity: Identity) -> Iterator[None]:
    """Run one transaction for an identity; the connection must have none open. Errors are psycopg's."""
    statements = _statements(connection, opener, identity)
    try:
        connection.wait(sent_together(connection.pgconn, statements))
        yield
    except BaseException:
        with suppress(psycopg.Error):
            connection.rollback()
        raise
    connection.commit()


@asynccontextmanager
async def acting_async(
    connection: psycopg.AsyncConnection[Any], opener: Opener, identity: Identity
) -> AsyncIterator[None]:
    """Run one transaction for an identity, as ``acting``."""
    statements = _statements(connection, opener, identity)
    try:
        await connection.wait(sent_together(connection.pgconn, statements))
        yield
    except BaseException:
        with suppress(psycopg.Error):
            await connection.rollback()
        raise
    await connection.commit()


def _statements(connection: Any, opener: Opener, identity: Identity) -> tuple[Statement, ...]:
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise UnitEnded("A transaction is open on this connection already.")
    return ((b"begin", ()), *opener.statements(identity))
