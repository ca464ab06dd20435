"""What guard and shadow share of psycopg beneath SQLAlchemy: its connection, its BEGIN, its login."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Connection

from tenantry.session.begin import begin
from tenantry.session.login import POWERS
from tenantry.session.wire import Statement, sent_together

__all__ = ["OPENED", "begin_text", "begun_with", "driver_of", "powers_of"]

OPENED = "tenantry_opened_for"


def driver_of(connection: Connection) -> Any:
    """Give psycopg's own connection."""
    return connection.connection.driver_connection


def powers_of(connection: Any) -> tuple[str, ...]:
    """Say in words which powers a new connection's login has that none serving tenants may have."""
    cursor = connection.cursor()
    cursor.execute("set local search_path = pg_catalog, pg_temp")
    cursor.execute(POWERS)
    found = tuple(said for (said,) in cursor.fetchall())
    cursor.close()
    connection.rollback()
    return found


def begin_text(driver: Any) -> bytes:
    """Give the BEGIN that psycopg would send for what SQLAlchemy has set on its connection."""
    level = driver.isolation_level.name.lower().replace("_", " ") if driver.isolation_level else ""
    text = begin(level, read_only=bool(driver.read_only))
    return text + b" deferrable" if driver.deferrable else text


def begun_with(connection: Connection, statements: tuple[Statement, ...]) -> None:
    """Begin and run statements with bound values in one message; raises psycopg's error."""
    adapted, driver = connection.connection.dbapi_connection, driver_of(connection)
    together = ((begin_text(driver), ()), *statements)
    if isinstance(driver, psycopg.AsyncConnection):
        adapted.run_async(lambda it: it.wait(sent_together(it.pgconn, together)))  # type: ignore[union-attr]
    else:
        driver.wait(sent_together(driver.pgconn, together))
