"""Ends a statement that does not end when the server is told to end it.

A function of the database can catch every cancel in a loop, or switch ``statement_timeout`` off; the server then
never answers. The bound kept here is the client's own: first the statement is cancelled, then the connection is cut,
and the server ends the session within ``client_connection_check_interval``, rolling everything back.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg

from tenantry.errors import StatementStuck
from tenantry.session.cursor import NameSafeCursor

__all__ = ["watched"]

_GRACE_S = 2.0
_LOOK_EVERY_S = 0.25


@contextmanager
def watched(connection: psycopg.Connection, seconds: float) -> Iterator[None]:
    """Bound every statement of the connection: cancelled after ``seconds``, cut off 2 s later.

    Raises ``StatementStuck`` in place of the statement that was cut off.
    """
    before = connection.cursor_factory
    watch = _Watch(connection, seconds)

    class WatchedCursor(NameSafeCursor):
        """A cursor whose statements are watched."""

        def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
            with watch:
                return super().execute(query, params, **options)

    connection.cursor_factory = WatchedCursor
    watch.start()
    try:
        yield
    finally:
        watch.stop()
        connection.cursor_factory = before


class _Watch:
    """One thread that looks at the clock, and the moment at which the statement under way began."""

    def __init__(self, connection: psycopg.Connection, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._began: float | None = None
        self._cut = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="tenantry-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._began = None
        if self._cut and isinstance(error, psycopg.Error):
            raise StatementStuck from error

    def _look(self) -> None:
        cancelled: float | None = None
        while not self._ended.wait(_LOOK_EVERY_S):
            began = self._began
            if began is None or time.monotonic() - began < self._seconds:
                continue
            if began != cancelled:
                cancelled = began
                with contextlib.suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=_GRACE_S)
            elif time.monotonic() - began >= self._seconds + _GRACE_S:
                self._cut_off()
                return

    def _cut_off(self) -> None:
        """Shut the socket down both ways: whoever waits on it reads its end."""
        self._cut = True
        with contextlib.suppress(OSError, psycopg.Error):
            shut = socket.socket(fileno=os.dup(self._connection.fileno()))
            with shut:
                shut.shutdown(socket.SHUT_RDWR)
