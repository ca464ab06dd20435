# Generated from checkout.py by tools/sync.py; change that file instead.
"""How a connection is lent for one unit of work, and comes back clean or not at all.

BEGIN and the context travel in one message; so do COMMIT and the scrub. What cannot be told to be clean is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import psycopg_pool
from psycopg import errors
from psycopg.pq import TransactionStatus

from tenantry.session import scrub
from tenantry.session.breaker import Breaker
from tenantry.session.deadline import Deadlines
from tenantry.session.refused import (
    ContextRefused,
    DatabaseUnavailable,
    DeadlinePassed,
    OutcomeUnknown,
    PoolExhausted,
    Refusal,
    UnitAborted,
    UnitEnded,
    refused,
)
from tenantry.session.thread import Aside, Connection, ConnectionPool, Returns, sleep
from tenantry.session.unit_sync import Unit
from tenantry.session.wire import Statement, has_failed, sent_as_one, sent_together

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

__all__ = ["Pool", "Size"]

_NO_RIGHT = "42501"
_NOT_PREPARED = "26000"
_LOST = ("08", "57P")
_PREPARE_AFTER = 5
_AT_REST = (TransactionStatus.IDLE, TransactionStatus.INTRANS, TransactionStatus.INERROR)


@dataclass(frozen=True)
class Size:
    """How many connections a pool keeps at least and at most."""

    least: int = 1
    most: int = 10


class Pool:
    """Connections to one database, reached through units of work alone."""

    def __init__(
        self,
        dsn: str,
        size: Size,
        deadlines: Deadlines,
        *,
        behind_pooler: bool = False,
        breaker: Breaker | None = None,
    ) -> None:
        self._dsn = dsn
        self._size = size
        self._breaker = breaker or Breaker()
        self._recovery = Aside(self._recovered)
        self._is_closed = False
        self._deadlines = deadlines
        self._behind_pooler = behind_pooler
        self._connections = _made(dsn, size, deadlines, behind_pooler=behind_pooler)
        self._returns = Returns()
        self._lent_out: set[Connection] = set()

    def open(self) -> None:
        """Connect; raises ``DatabaseUnavailable`` when that takes longer than it may."""
        try:
            self._connections.open(wait=True, timeout=self._deadlines.connect_s)
        except psycopg_pool.PoolTimeout:
            self._connections.close()
            raise DatabaseUnavailable from None

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        self._recovery.stop()
        self._returns.settle()
        self._connections.close()

    @contextmanager
    def unit(self, opening: Callable[[], tuple[Statement, ...]], begin: bytes = b"begin") -> Iterator[Unit]:
        """Lend one transaction, its context open; commit at the end, roll back on an error.

        Database errors leave as refusals. Cancelled, or interrupted, the connection is thrown away.
        """
        connection = self._begun(opening, begin)
        unit = Unit(connection)
        try:
            yield unit
        except psycopg.Error as error:
            if _is_lost(error):
                self._recovery.start()
            if error.sqlstate == _NOT_PREPARED:
                # why: the client counts on a statement that somebody took away, and would do so for every tenant
                self._discarded(connection, unit)
            else:
                self._undone(connection, unit)
            raise refused(error) from None
        except Exception:
            self._undone(connection, unit)
            raise
        except BaseException:
            self._discarded(connection, unit)
            raise
        self._committed(connection, unit)

    def _begun(self, opening: Callable[[], tuple[Statement, ...]], begin: bytes) -> Connection:
        """Begin on a connection that answers; while none did, refuse at once and let one look aside."""
        if self._breaker.is_open:
            self._recovery.start()
            raise DatabaseUnavailable.until(self._breaker.pause_s)
        try:
            connection = self._begun_on_one(opening, begin)
        except DatabaseUnavailable:
            self._breaker.failed()
            self._recovery.start()
            raise
        except PoolExhausted:
            # why: who holds them all may be waiting for a server that hangs
            self._recovery.start()
            raise
        self._breaker.answered()
        return connection

    def _recovered(self) -> None:
        """Ask on a connection of its own until the database answers, and nobody is kept from it any more."""
        self._drained()
        while not self._is_closed:
            try:
                _asked(self._dsn, self._deadlines)
            except (psycopg.Error, DeadlinePassed, OSError):
                self._breaker.failed()
                sleep(self._breaker.pause_s)
            else:
                self._breaker.answered()
                return

    def _drained(self) -> None:
        """Throw away what lies in the pool, where a connection just hung: the others would hang one by one."""
        if self._breaker.is_open:
            self._connections.drain()

    def _begun_on_one(self, opening: Callable[[], tuple[Statement, ...]], begin: bytes) -> Connection:
        for _ in range(self._size.most + 1):
            statements = self._start(begin, opening())
            connection = self._lent()
            try:
                connection.wait(sent_together(connection.pgconn, statements))
            except psycopg.Error as error:
                if _is_lost(error):
                    # why again: it broke while it lay in the pool, and nothing was done yet
                    self._discarded(connection)
                    continue
                self._undone(connection)
                raise _not_opened(error) from None
            except DeadlinePassed:
                self._discarded(connection)
                raise DatabaseUnavailable from None
            except BaseException:
                self._discarded(connection)
                raise
            connection.deadline_s = self._deadlines.statement_s
            return connection
        raise DatabaseUnavailable

    def _start(self, begin: bytes, opening: tuple[Statement, ...]) -> tuple[Statement, ...]:
        # why: behind a pooler the session may be one that another program has used
        before = scrub.PARTS if self._behind_pooler else ()
        return (*((part, ()) for part in before), (begin, ()), *opening)

    def _lent(self) -> Connection:
        while True:
            try:
                connection = self._connections.getconn(timeout=self._deadlines.checkout_s)
            except psycopg_pool.PoolTimeout:
                is_exhausted = len(self._lent_out) >= self._size.most
                raise (PoolExhausted if is_exhausted else DatabaseUnavailable) from None
            except psycopg_pool.PoolClosed:
                raise UnitEnded("The runtime was closed.") from None
            if connection.is_clean and connection.pgconn.transaction_status == TransactionStatus.IDLE:
                connection.is_clean = False
                self._lent_out.add(connection)
                connection.deadline_s = self._deadlines.begin_s
                return connection
            self._discarded(connection)

    def _committed(self, connection: Connection, unit: Unit) -> None:
        self._demand_open(connection, unit)
        unit.end()
        results = self._answers(connection, scrub.commit_and_scrub(), self._deadlines.commit_s)
        if not results:
            raise OutcomeUnknown
        if has_failed(results[0]):
            self._undone(connection, unit)
            raise _not_committed(errors.error_from_result(results[0]))
        self._taken_back(connection, results)
        if results[0].command_status == b"ROLLBACK":
            raise UnitAborted

    def _demand_open(self, connection: Connection, unit: Unit) -> None:
        """Refuse to commit what is no transaction any more, or what somebody still uses."""
        state = connection.pgconn.transaction_status
        if state not in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            is_closed = connection.closed
            self._discarded(connection, unit)
            raise DatabaseUnavailable if is_closed else UnitEnded
        if state == TransactionStatus.INERROR:
            self._undone(connection, unit)
            raise UnitAborted

    def _undone(self, connection: Connection, unit: Unit | None = None) -> None:
        """Roll back and scrub; throw away what does not answer, or is still in use."""
        if connection.pgconn.transaction_status not in _AT_REST:
            self._discarded(connection, unit)
            return
        if unit:
            unit.end()
        is_idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
        text = scrub.scrub() if is_idle else scrub.rollback_and_scrub()
        if results := self._answers(connection, text, self._deadlines.begin_s):
            self._taken_back(connection, results)

    def _answers(self, connection: Connection, text: bytes, deadline_s: float) -> list[PGresult]:
        """Give what the server answers at the end of a unit; nothing where it does not, and the connection goes."""
        connection.deadline_s = deadline_s
        try:
            # why the lock: a thread that still holds it must not send into the middle of this
            with connection.lock:
                return connection.wait(sent_as_one(connection.pgconn, text))
        except (psycopg.Error, DeadlinePassed):
            self._discarded(connection)
            return []
        except BaseException:
            self._discarded(connection)
            raise

    def _taken_back(self, connection: Connection, results: list[PGresult]) -> None:
        is_idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
        if not is_idle or any(map(has_failed, results)) or scrub.is_planted(results[-1]):
            self._discarded(connection)
            return
        connection.is_clean = True
        self._lent_out.discard(connection)
        self._returns.give_back(connection, self._connections)

    def _discarded(self, connection: Connection, unit: Unit | None = None) -> None:
        if unit:
            unit.end()
        self._lent_out.discard(connection)
        self._returns.discard(connection, self._connections)


def _made(dsn: str, size: Size, deadlines: Deadlines, *, behind_pooler: bool) -> ConnectionPool:
    return ConnectionPool(
        dsn,
        connection_class=Connection,
        min_size=size.least,
        max_size=size.most,
        timeout=deadlines.checkout_s,
        configure=_configured,
        open=False,
        # why: no pauses of the pool's own that double for minutes; whoever needs a connection makes it try again
        reconnect_timeout=0,
        kwargs={
            "autocommit": True,
            "client_encoding": "utf8",
            # why: behind a pooler the next transaction may meet a session that knows of no statement
            "prepare_threshold": None if behind_pooler else _PREPARE_AFTER,
            "connect_timeout": _connect_timeout(deadlines),
        },
    )


def _connect_timeout(deadlines: Deadlines) -> int:
    return max(2, round(deadlines.connect_s))


def _asked(dsn: str, deadlines: Deadlines) -> None:
    """Connect and run a statement; raises where that fails or takes too long."""
    connection = Connection.connect(
        dsn, autocommit=True, prepare_threshold=None, connect_timeout=_connect_timeout(deadlines)
    )
    try:
        connection.deadline_s = deadlines.begin_s
        connection.execute("select 1")
    finally:
        connection.close()


def _configured(connection: Connection) -> None:
    connection.is_clean = True


def _is_lost(error: psycopg.Error) -> bool:
    return error.sqlstate.startswith(_LOST) if error.sqlstate else isinstance(error, psycopg.OperationalError)


def _not_opened(error: psycopg.Error) -> Refusal:
    return ContextRefused(sqlstate=_NO_RIGHT) if error.sqlstate == _NO_RIGHT else refused(error)


def _not_committed(error: psycopg.Error) -> Refusal:
    return OutcomeUnknown(sqlstate=error.sqlstate or "") if _is_lost(error) else refused(error)
