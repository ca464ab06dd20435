"""How sequences are kept from moving: restarted where they stand, so that a rollback takes back every nextval."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from tenantry.sql.name import qualified
from tenantry.sql.parameters import fetch
from tenantry.sql.refusal import told
from tenantry.verify.model import Skipped

__all__ = ["hold_sequences"]

_SEQUENCES = """
select schema.nspname as schema, class.relname as name, class.oid::regclass::text as title,
    sequence.seqincrement as step, sequence.seqmin as lowest, sequence.seqmax as highest, sequence.seqcycle as cycles
from pg_catalog.pg_sequence as sequence
join pg_catalog.pg_class as class on class.oid = sequence.seqrelid
join pg_catalog.pg_namespace as schema on schema.oid = class.relnamespace
where schema.nspname !~ '^pg_'
order by class.oid
"""


def hold_sequences(connection: psycopg.Connection) -> list[Skipped]:
    """Make every sequence part of this transaction; other sessions wait for it to draw numbers.

    Gives those that could not be held, for want of rights or because somebody else holds them: an attack may
    move these, and no rollback moves them back.
    """
    unheld = []
    for sequence in fetch(connection, _SEQUENCES, {}):
        try:
            with connection.transaction(), _without_event_triggers(connection):
                _hold(connection, sequence)
        except psycopg.DatabaseError as error:
            if connection.broken:
                raise
            unheld.append(Skipped(f"keeping the sequence {sequence.title} where it stands", _reason(error)))
    return unheld


@contextmanager
def _without_event_triggers(connection: psycopg.Connection) -> Iterator[None]:
    """Keep still what fires on ALTER SEQUENCE, but for what is enabled always; needs the right to be a replica."""
    held = connection.execute(
        "select pg_catalog.set_config('session_replication_role', 'replica', true) from pg_catalog.pg_roles "
        "where rolname = current_user and rolsuper"
    ).fetchone()
    yield
    if held:
        connection.execute("select pg_catalog.set_config('session_replication_role', 'origin', true)")


def _hold(connection: psycopg.Connection, sequence: Any) -> None:
    # why: ALTER SEQUENCE RESTART gives the sequence new storage inside the transaction (PostgreSQL, ALTER SEQUENCE,
    # "Notes"): numbers drawn from then on come from that storage, which a rollback throws away.
    name = qualified(sequence.schema, sequence.name)
    found = connection.execute(sql.SQL("select last_value, is_called from {}").format(name)).fetchone()
    following = _following(sequence, *found) if found else None
    if following is not None:
        connection.execute(sql.SQL("alter sequence {} restart with {}").format(name, sql.Literal(following)))


def _following(sequence: Any, last_value: int, is_called: bool) -> int | None:
    """Give the number the sequence would give next; none where it is used up, and so cannot move."""
    following = last_value + (sequence.step if is_called else 0)
    if sequence.lowest <= following <= sequence.highest:
        return following
    if not sequence.cycles:
        return None
    return int(sequence.lowest if sequence.step > 0 else sequence.highest)


def _reason(error: psycopg.Error) -> str:
    return f"{told(error)}; attacks may draw numbers from it"
