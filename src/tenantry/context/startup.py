"""May anybody be served over this login? Asked once, before the first unit of work."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import psycopg

from tenantry.context.identity import Identity
from tenantry.context.opening import Opener, TokenOpener
from tenantry.context.seal import require_seal
from tenantry.session.connect import unreachable
from tenantry.session.deadline import Deadlines
from tenantry.session.login import demand_ordinary
from tenantry.session.pooler import stands_between
from tenantry.session.refused import DatabaseUnavailable, DeadlinePassed
from tenantry.session.thread import Connection

__all__ = ["Ground", "examined"]

_LOG = logging.getLogger("tenantry")
_SEAL_TENANT = "00000000-0000-0000-0000-000000000000"
_NOUNS = r"""
select pg_catalog.substring(routine.proname, '^require_(.+)_context$') from pg_catalog.pg_proc as routine
join pg_catalog.pg_namespace as namespace on namespace.oid = routine.pronamespace
where namespace.nspname = 'tenantry' and routine.proname ~ '^require_.+_context$' order by 1
"""


@dataclass(frozen=True)
class Ground:
    """What stands behind a connection string: whether a pooler does, and the application's word for a tenant."""

    behind_pooler: bool
    noun: str


def examined(dsn: str, opener: Opener, deadlines: Deadlines) -> Ground:
    """Look at login, pooler and seal on a connection of its own.

    Raises ``LoginUnfit``, ``PoolerUnfit``, ``SealBroken``, or ``DatabaseUnavailable`` where there is no connection.
    """
    try:
        connection = Connection.connect(
            dsn, autocommit=True, prepare_threshold=None, connect_timeout=max(2, round(deadlines.connect_s))
        )
    except psycopg.Error as error:
        raise DatabaseUnavailable(unreachable(dsn, error)) from None
    try:
        connection.deadline_s = deadlines.begin_s
        return _examined(connection, opener)
    except (DeadlinePassed, psycopg.OperationalError):
        raise DatabaseUnavailable from None
    finally:
        connection.close()


def _examined(connection: Connection, opener: Opener) -> Ground:
    ground = _found(connection)
    demand_ordinary(connection)
    if isinstance(opener, TokenOpener):
        require_seal(connection, opener.token(Identity(_SEAL_TENANT)))
    else:
        _LOG.warning("the tenant context is plain: any SQL of the application can forge it")
    if ground.behind_pooler:
        _LOG.info("a pooler stands in front: statements are not prepared, sessions are scrubbed at both ends")
    return ground


def _found(connection: Connection) -> Ground:
    behind_pooler = stands_between(connection)
    row = connection.execute(_NOUNS).fetchone()
    return Ground(behind_pooler=behind_pooler, noun=str(row[0]) if row else "")
