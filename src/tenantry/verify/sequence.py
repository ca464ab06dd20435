"""How a subject does several things in a row, where only the last one is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tenantry.errors import ConnectionLost
from tenantry.verify.stage import Outcome, Query, Stage
from tenantry.verify.subject import Asker

__all__ = ["Step", "after", "open_context"]


@dataclass(frozen=True)
class Step:
    """One statement with its values."""

    statement: Query
    values: tuple[object, ...] = ()


def after(
    stage: Stage,
    asker: Asker,
    steps: Sequence[Step],
    last: Step,
    *,
    meanwhile: Callable[[], Any] | None = None,
    look: Callable[[], Any] | None = None,
) -> Outcome:
    """Take the steps as the subject, who must be acting, then try the last; all of it is undone.

    ``meanwhile`` happens with full rights between the steps and the last. A step that is refused ends the
    scene: its refusal is the outcome.
    """

    def before() -> str:
        stage.resume(asker)
        for step in steps:
            stage.connection.execute(_text(step), step.values or None)
        left = stage.connection.execute("select pg_catalog.current_setting('search_path')").fetchone()
        stage.connection.execute("reset role; set local search_path = pg_catalog, pg_temp")
        if meanwhile:
            meanwhile()
        return str(left[0]) if left else ""

    try:
        return stage.attempt(last.statement, last.values, before=before, look=look)
    except psycopg.DatabaseError as error:
        if stage.connection.broken:
            raise ConnectionLost from error
        return Outcome(sqlstate=error.sqlstate or "?????", message=str(error).splitlines()[0] if str(error) else "")


def open_context(connection: psycopg.Connection, asker: Asker) -> None:
    """Make the subject's settings and statements with the connection's present rights; the role stays."""
    for name, value in asker.settings:
        connection.execute("select pg_catalog.set_config(%s, %s, true)", [name, value])
    for statement, values in asker.statements:
        connection.execute(statement.encode(), values or None)


def _text(step: Step) -> bytes | sql.Composed:
    return step.statement.encode() if isinstance(step.statement, str) else sql.Composed([step.statement])
