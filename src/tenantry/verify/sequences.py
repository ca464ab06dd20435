"""How sequences are kept from moving: restarted where they stand, so that a rollback takes back every nextval."""

from __future__ import annotations

import psycopg

__all__ = ["hold_sequences"]

# why: ALTER SEQUENCE RESTART gives the sequence new storage inside the transaction (PostgreSQL, ALTER SEQUENCE,
# "Notes"): numbers drawn from then on come from that storage, which a rollback throws away.
_HOLD = """
do $$
declare
    kept record;
    stand bigint;
begin
    for kept in
        select class.oid::regclass as name, sequence.seqincrement as step
        from pg_catalog.pg_sequence as sequence
        join pg_catalog.pg_class as class on class.oid = sequence.seqrelid
        where class.relnamespace::regnamespace::text !~ '^pg_'
    loop
        begin
            execute pg_catalog.format('select last_value + case when is_called then %s else 0 end from %s', kept.step, kept.name)
                into stand;
            execute pg_catalog.format('alter sequence %s restart with %s', kept.name, stand);
        exception when others then
            null; -- held by somebody else, used up, or not ours: it stays as it is
        end;
    end loop;
end
$$
"""


def hold_sequences(connection: psycopg.Connection) -> None:
    """Make every sequence of the database part of this transaction; other sessions wait for it to draw numbers."""
    connection.execute(_HOLD)
