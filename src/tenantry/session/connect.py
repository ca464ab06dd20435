"""How a command connects to the database it was pointed at, and what is said when it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tenantry.errors import ConnectionFailed, ConnectionLost

__all__ = ["connect", "without_password"]

_CONNECT_TIMEOUT_S = 10


@contextmanager
def connect(url: str) -> Iterator[psycopg.Connection]:
    """Open a connection in autocommit mode and close it at the end, whatever happens.

    Raises ``ConnectionFailed`` when there is no server, no database or no entry, and ``ConnectionLost``
    when the connection breaks later. Neither message carries the password.
    """
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_TIMEOUT_S,
            application_name="tenantry",
            prepare_threshold=None,
        )
    except psycopg.Error as error:
        raise ConnectionFailed(f"No connection to {without_password(url)}: {_reason(error)}") from error
    try:
        with connection:
            yield connection
    except psycopg.OperationalError as error:
        if connection.broken or connection.closed:
            raise ConnectionLost from error
        raise


def without_password(url: str) -> str:
    """Give the URL or connection string with its password, if any, blotted out."""
    hidden = re.sub(r"(://[^/@:]*):[^@]*@", r"\1:***@", url)
    return re.sub(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", r"\1***", hidden, flags=re.IGNORECASE)


def _reason(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{lines[0] if lines else type(error).__name__}."
