"""What makes a connection fit for the next tenant, whatever the last one's SQL did to its session.

No DEALLOCATE: the client still counts on the statements it prepared (DISCARD ALL breaks psycopg on the seventh loan).
The parts are those of DISCARD ALL (PostgreSQL, reference page DISCARD) without that one.
"""

from __future__ import annotations

__all__ = ["PARTS", "commit_and_scrub", "rollback_and_scrub", "scrub"]

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


def scrub() -> bytes:
    """Give the scrub as one message."""
    return b"; ".join(PARTS)


def commit_and_scrub() -> bytes:
    """Give commit and scrub as one message, so that also a pooler scrubs the very session that was used."""
    return b"commit; " + scrub()


def rollback_and_scrub() -> bytes:
    """Give rollback and scrub as one message."""
    return b"rollback; " + scrub()
