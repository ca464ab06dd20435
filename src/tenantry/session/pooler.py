"""Does a pooler stand between this client and the server?

A pooler tells its clients a process id of its own making, to know whom a cancel is for; the server tells its true one.
Transactions of one client may then run on several sessions, so statements prepared by one are not known to the next.
"""

from __future__ import annotations

import psycopg

from tenantry.session.refused import PoolerUnfit

__all__ = ["stands_between"]

_PROTOCOL_VIOLATION = "08P01"


def stands_between(connection: psycopg.Connection) -> bool:
    """Say whether a pooler stands between; raises ``PoolerUnfit`` where it pools statements."""
    try:
        with connection.transaction():
            row = connection.execute("select pg_catalog.pg_backend_pid()").fetchone()
    except psycopg.Error as error:
        if error.sqlstate == _PROTOCOL_VIOLATION:
            raise PoolerUnfit from None
        raise
    return row is None or row[0] != connection.info.backend_pid
