"""What is the state of a database, to the last sequence, so that two moments can be compared?

Everything the catalogs hold is taken as text, row by row, without the columns that VACUUM and ANALYZE change
by themselves: so a role, a grant, a comment, a setting or a file node that is new shows, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import psycopg
from psycopg import sql

from tenantry.testing.databases import Database

Digest = Mapping[str, frozenset[str]]

# why: statistics, and what autovacuum writes; pg_largeobject's data are read like any catalog
LEFT_OUT = ("pg_statistic", "pg_statistic_ext_data")
VOLATILE = {
    "pg_class": ("relpages", "reltuples", "relallvisible", "relallfrozen", "relfrozenxid", "relminmxid"),
    "pg_database": ("datfrozenxid", "datminmxid"),
}

CATALOGS = """
select class.relname from pg_catalog.pg_class as class
where class.relnamespace = 'pg_catalog'::regnamespace and class.relkind = 'r' and class.relname <> all (%s)
"""
TABLES = """
select schema.nspname, class.relname, class.relkind::text from pg_catalog.pg_class as class
join pg_catalog.pg_namespace as schema on schema.oid = class.relnamespace
where class.relkind in ('r', 'm', 'S') and schema.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
"""
# why: count and sum do not depend on the order of rows
DATA = "select count(*)::text || ' rows, ' || coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) from {} as row"
LIVE = {
    "prepared transactions": "select gid from pg_catalog.pg_prepared_xacts",
    # why: autovacuum takes locks when it pleases; a prepared transaction holds its own without a process
    "locks of others": """
        select concat_ws(' ', locktype, relation::regclass, mode, pid) from pg_catalog.pg_locks
        where pid is distinct from pg_catalog.pg_backend_pid() and locktype <> 'virtualxid'
          and database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
          and (pid is null or pid in (
              select pid from pg_catalog.pg_stat_activity where backend_type = 'client backend'
          ))
    """,
    "sessions of tenantry": """
        select concat_ws(' ', pid, state, query) from pg_catalog.pg_stat_activity
        where starts_with(application_name, 'tenantry')
    """,
    "replication slots": "select slot_name::text from pg_catalog.pg_replication_slots",
    "settings of the server": "select concat_ws(' ', sourcefile, name, setting) from pg_catalog.pg_file_settings",
    "pending notifications": "select pg_catalog.pg_notification_queue_usage()::text",
}


def digest(database: Database) -> Digest:
    """Take the state of a database and of what its cluster shares."""
    with database.connect() as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        return {**dict(_catalogs(connection)), **dict(_data(connection)), **dict(_live(connection))}


def differences(before: Digest, after: Digest) -> list[str]:
    """Tell what came and what went; an empty list is what a test wants."""
    return [
        f"{sign} {kind}: {row[:300]}"
        for kind in sorted({*before, *after})
        for sign, rows in (("-", _less(before, after, kind)), ("+", _less(after, before, kind)))
        for row in sorted(rows)
    ]


def _less(one: Digest, other: Digest, kind: str) -> frozenset[str]:
    return one.get(kind, frozenset()) - other.get(kind, frozenset())


def _catalogs(connection: psycopg.Connection) -> Iterator[tuple[str, frozenset[str]]]:
    for (name,) in connection.execute(CATALOGS, [list(LEFT_OUT)]).fetchall():
        query = sql.SQL(
            "select case when length(line) > 300 then left(line, 200) || md5(line) else line end "
            "from (select (pg_catalog.to_jsonb(row) - %s::text[])::text as line from pg_catalog.{} as row) as lines"
        ).format(sql.Identifier(name))
        yield name, _texts(connection.execute(query, [list(VOLATILE.get(name, ()))]))


def _data(connection: psycopg.Connection) -> Iterator[tuple[str, frozenset[str]]]:
    for schema, name, kind in connection.execute(TABLES).fetchall():
        query = sql.SQL(DATA).format(sql.Identifier(schema, name))
        if kind == "S":
            query = sql.SQL("select concat_ws(' ', last_value, log_cnt, is_called) from {}")
            query = query.format(sql.Identifier(schema, name))
        yield f"{schema}.{name}", _texts(connection.execute(query))


def _live(connection: psycopg.Connection) -> Iterator[tuple[str, frozenset[str]]]:
    for kind, query in LIVE.items():
        yield kind, _texts(connection.execute(query.encode()))


def _texts(cursor: psycopg.Cursor[tuple[object, ...]]) -> frozenset[str]:
    return frozenset(str(row[0]) for row in cursor)
