"""What makes a connection fit for the next tenant, whatever the last one's SQL did to its session.

No DEALLOCATE: the client still counts on the statements it prepared (DISCARD ALL breaks psycopg on the seventh loan).
The parts are those of DISCARD ALL (PostgreSQL, reference page DISCARD) without that one. In its place the session is
asked for statements that SQL prepared: one may stand under the name of the client's own, and the next tenant would run
it. Such a session is not lent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

__all__ = ["PARTS", "PLANTED", "commit_and_scrub", "is_planted", "rollback_and_scrub", "scrub"]

PARTS: tuple[bytes, ...] = (
    b"close all",
    b"unlisten *",
    b"select pg_catalog.pg_advisory_unlock_all()",
    # why: RESET ALL leaves the role
    b"reset session authorization",
    b"reset all",
    b"discard temp",
    b"discard sequences",
)
PLANTED = b"select pg_catalog.count(*) from pg_catalog.pg_prepared_statements as one where one.from_sql"


def scrub() -> bytes:
    """Give the scrub as one message; ``is_planted`` reads its last answer."""
    return b"; ".join((*PARTS, PLANTED))


def is_planted(last: PGresult) -> bool:
    """Say of the scrub's last answer whether SQL left prepared statements."""
    return last.get_value(0, 0) != b"0"


def commit_and_scrub() -> bytes:
    """Give commit and scrub as one message, so that also a pooler scrubs the very session that was used."""
    return b"commit; " + scrub()


def rollback_and_scrub() -> bytes:
    """Give rollback and scrub as one message."""
    return b"rollback; " + scrub()
