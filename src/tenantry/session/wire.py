"""How several statements travel in one message: generators over libpq that any way of waiting can run.

Values are bound, never written into the text: a token in a literal would be shown to other sessions of the same role in
pg_stat_activity. So a context opens in one pipelined message with BEGIN. What carries no values ends a unit in one
simple message.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from psycopg import errors, generators
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn, PGresult

__all__ = ["Statement", "hang_up", "has_failed", "sent_as_one", "sent_together"]

Statement = tuple[bytes, tuple[bytes, ...]]


def sent_together(pgconn: PGconn, statements: Sequence[Statement]) -> PQGen[None]:
    """Send statements with bound values in one message; raise the database's error for the first that fails."""
    pgconn.enter_pipeline_mode()
    for text, values in statements:
        pgconn.send_query_params(text, values or None)
    pgconn.pipeline_sync()
    yield from generators.send(pgconn)
    results: list[PGresult] = []
    for _ in (*statements, "sync"):
        results.extend((yield from generators.fetch_many(pgconn)))
    pgconn.exit_pipeline_mode()
    for result in results:
        _demand_done(result)


def sent_as_one(pgconn: PGconn, text: bytes) -> PQGen[list[PGresult]]:
    """Send several statements without values as one message; give their results, up to the first that failed."""
    pgconn.send_query(text)
    yield from generators.send(pgconn)
    results: list[PGresult] = yield from generators.fetch_many(pgconn)
    return results


def has_failed(result: PGresult) -> bool:
    """Say whether a statement failed."""
    return result.status == ExecStatus.FATAL_ERROR


def hang_up(pgconn: PGconn) -> None:
    """Shut the socket down both ways without closing it: whoever waits on it reads its end.

    Closed, its number would go to the next socket of the process, and who waits would wait on that one.
    """
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(pgconn.socket)) as shut:
        shut.shutdown(socket.SHUT_RDWR)


def _demand_done(result: PGresult) -> None:
    """Raise the database's error where a statement failed."""
    if has_failed(result):
        raise errors.error_from_result(result)
