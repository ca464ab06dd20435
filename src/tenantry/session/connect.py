"""How a command connects to the database it was pointed at, and what is said when it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tenantry.errors import ConnectionFailed, ConnectionLost, NotPostgres
from tenantry.session.cursor import NameSafeCursor
from tenantry.session.password import blotted, without_password

__all__ = ["connect", "pin", "unreachable"]

_CONNECT_TIMEOUT_S = 10
# why: even reading the catalog waits for a table that is being altered (pg_get_indexdef locks it)
_BOUNDED = """
select pg_catalog.set_config('lock_timeout', '5s', false) where pg_catalog.current_setting('lock_timeout') = '0'
"""
_PREAMBLE = re.compile(r"^connection (failed|is bad): (connection to server .* failed: )?(FATAL:\s+)?")


@contextmanager
def connect(url: str) -> Iterator[psycopg.Connection]:
    """Open a connection in autocommit mode and close it at the end, whatever happens.

    Raises ``NotPostgres`` for what is no URL of PostgreSQL, ``ConnectionFailed`` when there is no server, no
    database or no entry, and ``ConnectionLost`` when the connection breaks later. No message carries the password.
    """
    if not url.strip():
        # why: libpq would take an unset variable for "the server on this machine"
        raise ConnectionFailed("No database was named: give its URL as the argument or in DATABASE_URL.")
    _demand_postgres(url)
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_TIMEOUT_S,
            application_name="tenantry",
            # why: names are sent as UTF-8, whatever the database's own encoding is
            client_encoding="utf8",
            prepare_threshold=None,
            cursor_factory=NameSafeCursor,
        )
    except psycopg.Error as error:
        raise ConnectionFailed(unreachable(url, error)) from None
    with connection:
        try:
            pin(connection)
            connection.execute(_BOUNDED)
            yield connection
        except psycopg.OperationalError as error:
            # why: asked before it is closed; a timeout is an operational error too, and loses nothing
            if connection.broken:
                raise ConnectionLost from error
            raise


def unreachable(url: str, error: psycopg.Error) -> str:
    """Say why there is no connection, without the password."""
    return f"No connection to {without_password(url)}: {blotted(_reason(error), url)}"


def _demand_postgres(url: str) -> None:
    """Refuse what libpq would take for a connection string that lacks an equals sign."""
    scheme = re.match(r"\s*([A-Za-z][\w+.-]*)://", url)
    if scheme is None and "=" in url:
        return
    if scheme is None:
        raise NotPostgres(f"{without_password(url)} is no URL of a database.")
    if scheme[1] not in ("postgresql", "postgres"):
        driver = " Leave out the driver's name." if scheme[1].startswith(("postgresql+", "postgres+")) else ""
        raise NotPostgres(f"{_shown(url)} is no URL of a PostgreSQL database: it starts with {scheme[1]}://.{driver}")


def _shown(url: str) -> str:
    """Show another product's URL without its password; its own rules may hide one where ours would not look."""
    return re.sub(r"://[^/]*@", "://***@", without_password(url))


def pin(connection: psycopg.Connection) -> None:
    """Let names and operators of tenantry's own statements mean the server's own, whatever the database set.

    Without it an operator planted in a schema of the search path would run with the connection's rights.
    """
    connection.execute("select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)")


def _reason(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = _PREAMBLE.sub("", lines[0]) if lines else type(error).__name__
    return f"{reason.rstrip('.')}."
