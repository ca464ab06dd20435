"""Look whether a context outlives its transaction: the next client of a pooled connection would inherit it.

The subject is opened on a second connection in a transaction that may not write, which commits. What then still
names its tenant is residue: settings, cursors WITH HOLD, prepared statements, channels listened to; and a role that
is not the one the connection began with. Temporary tables count as writes there, so they are looked for on the
first connection, and taken for residue where nothing in the opener says that they go at commit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import psycopg
from psycopg import sql

from tenantry.blueprint.context import custom_settings, routines_behind
from tenantry.catalog.model import Routine
from tenantry.sql.name import identifier
from tenantry.sql.refusal import told
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role, other_keys
from tenantry.verify.model import Finding, Kind, Level, Proof, Skipped
from tenantry.verify.outside import Firing, fired_outside, reaches_outside
from tenantry.verify.report.wording import listed
from tenantry.verify.sequence import open_context
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side

_MOST_ROWS = 1_000
_SURE = 8  # a key this long is no part of another word by chance
_COMPUTING = frozenset({"citext", "hstore", "ltree", "pgcrypto", "pgjwt", "uuid-ossp"})  # extensions that only compute
_LOOKED_AT = "changes the role it runs as"  # on a connection of its own it does no harm, and is what is looked for
_HERE = "the rows and settings of this run are not on a second connection, or it may only read there"

Tells = Callable[[str], bool]


def _run(stage: Stage) -> Iterator[Finding | Skipped]:
    for asker in one_per_role(stage, "sql"):
        if asker.settings or asker.statements:
            yield from _opened_once(stage, asker)


def _opened_once(stage: Stage, asker: Asker) -> Iterator[Finding | Skipped]:
    made = _tables_made(stage, asker)
    if made:
        yield _finding(asker, made)
    reason = "" if stage.call_outside else _fired(stage, asker)
    if stage.second is None:
        yield _untried(asker, "no second connection was given")
    elif reason:
        yield _untried(asker, f"{reason}; --call-outside tries it all the same")
    else:
        try:
            with stage.second() as connection:
                left = _left_behind(stage, connection, asker)
        except psycopg.DatabaseError as error:
            yield _untried(asker, f"{told(error)} ({_HERE})")
        else:
            yield from [_finding(asker, left)] if left else []


def _untried(asker: Asker, reason: str) -> Skipped:
    return Skipped(f"attack {ATTACK.code} as {asker.title}", reason)


# -- before: what opening would set off -----------------------------------------------------------------


def _fired(stage: Stage, asker: Asker) -> str:
    """Say what the opener would set off on a connection of its own, which commits; empty when nothing."""
    called = _called(stage, asker)
    behind = {one.oid: one for one in [*called, *routines_behind(stage.catalog, [one.oid for one in called])]}
    for routine in behind.values():
        reason = "" if routine.extension in _COMPUTING else reaches_outside(routine)
        if reason and not reason.startswith(_LOOKED_AT):
            return f"its opener calls {routine.title}, which {reason}"
    read = {word for text in _texts(stage, asker) for word in re.findall(r"\w+", text)}
    found = (
        fired_outside(stage.catalog, one, Firing.READ) for one in stage.catalog.relations.values() if one.name in read
    )
    return next((f"its opener reads a table: {reason}" for reason in found if reason), "")


def _called(stage: Stage, asker: Asker) -> list[Routine]:
    words = {name for text, _ in asker.statements for name in re.findall(r"\b(\w+)\"?\s*\(", text)}
    return [one for name in sorted(words) for one in stage.catalog.routines_named.get(name, ())]


def _texts(stage: Stage, asker: Asker) -> list[str]:
    """Give the opener's statements, and the bodies of what they call."""
    bodies = routines_behind(stage.catalog, [one.oid for one in _called(stage, asker)])
    return [*(text for text, _ in asker.statements), *(one.source for one in bodies)]


# -- after: what is left --------------------------------------------------------------------------------


def _left_behind(stage: Stage, connection: psycopg.Connection, asker: Asker) -> list[str]:
    """Open the subject and commit, then look at what the connection still holds."""
    connection.autocommit = True
    connection.prepare_threshold = None  # why: the driver's own statements would be taken for the opener's
    began_as = _who(connection)
    try:
        _begin(connection)
        stage.take_path(connection, asker)
        open_context(connection, asker)
        connection.execute(sql.SQL("set local role {}").format(identifier(asker.role.name)))
        connection.execute("commit")
        roles = [f"the role {name}" for name in _who(connection) if name not in began_as]
        connection.execute("reset session authorization; reset role")
        _begin(connection)
        return [*roles, *_naming(stage, connection, asker)]
    finally:
        if not connection.broken:
            if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
                connection.execute("rollback")
            connection.execute("discard all")


def _begin(connection: psycopg.Connection) -> None:
    connection.execute("begin read only")
    # why: the first connection holds locks until it ends, and waits for this one
    connection.execute("set local lock_timeout = '500ms'; set local statement_timeout = '5s'")


def _who(connection: psycopg.Connection) -> tuple[str, str]:
    found = connection.execute("select current_user::text, session_user::text").fetchone()
    return (str(found[0]), str(found[1])) if found else ("", "")


def _naming(stage: Stage, connection: psycopg.Connection, asker: Asker) -> Iterator[str]:
    """Give what names the tenant still, each with its kind."""
    tells = _teller(other_keys(stage, asker.side or Side.MINE))
    connection.execute("set local search_path = pg_catalog, pg_temp")
    for name in sorted({*custom_settings(stage.catalog), *(name for name, _ in asker.settings)}):
        if _any(connection, tells, "select pg_catalog.current_setting(%s, true)", [name]):
            yield name
    for name, text in connection.execute("select name, statement from pg_catalog.pg_prepared_statements").fetchall():
        if tells(text):
            yield f"the prepared statement {name}"
    for name in _names(connection, "select name from pg_catalog.pg_cursors where is_holdable"):
        if _any(connection, tells, sql.SQL("fetch {} from {}").format(sql.Literal(_MOST_ROWS), identifier(name))):
            yield f"the cursor {name}"
    if _any(connection, tells, "select pg_catalog.pg_listening_channels()"):
        yield "a channel it listens to"


def _tables_made(stage: Stage, asker: Asker) -> list[str]:
    """Give temporary tables that opening the subject makes, that name its tenant, and that stay."""
    if any(_GOES.search(text) for text in _texts(stage, asker)):
        return []
    tells = _teller(other_keys(stage, asker.side or Side.MINE))
    before = set(_names(stage.connection, _TEMPORARY_TABLES))

    def look() -> list[str]:
        made = [name for name in _names(stage.connection, _TEMPORARY_TABLES) if name not in before]
        return [f"the temporary table {name}" for name in made if _any(stage.connection, tells, _rows_of(name))]

    with stage.acting(asker):
        return list(stage.attempt("select 1", look=look).seen or ())


def _rows_of(table: str) -> sql.Composed:
    return sql.SQL("select held::text from {} as held limit {}").format(
        identifier("pg_temp", table), sql.Literal(_MOST_ROWS)
    )


_GOES = re.compile(r"\bon\s+commit\s+(drop|delete\s+rows)\b", re.IGNORECASE)
_TEMPORARY_TABLES = (
    "select relname from pg_catalog.pg_class where relnamespace = pg_catalog.pg_my_temp_schema() "
    "and relkind in ('r', 'p', 'm') order by relname"
)


def _names(connection: psycopg.Connection, query: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(query.encode()).fetchall()]


def _any(
    connection: psycopg.Connection, tells: Tells, query: str | sql.Composed, values: list[str] | None = None
) -> bool:
    rows = connection.execute(query.encode() if isinstance(query, str) else query, values).fetchall()
    return any(tells(str(value)) for row in rows for value in row if value)


def _teller(keys: Iterable[str]) -> Tells:
    """Give the function that says whether a text names the tenant; short keys count only where they stand alone."""
    forms = {form for key in keys for form in (key, key.replace("-", "") if len(key) == 36 else key)}
    words = [re.escape(form) if len(form) >= _SURE else rf"(?<!\w){re.escape(form)}(?!\w)" for form in sorted(forms)]
    pattern = re.compile("|".join(words)) if words else None
    return lambda text: pattern is not None and pattern.search(text) is not None


def _finding(asker: Asker, left: list[str]) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"After the transaction of {asker.title} has ended, its context is still on the connection: "
        f"{listed(left)}.",
        meaning="The next client on the same pooled connection asks as this tenant, or finds what it left, unless "
        "everything is set anew.",
        fix="-- set the context for the transaction only: set_config(name, value, true), set local role;\n"
        "-- and make nothing that lasts longer: temporary tables on commit drop, no cursor with hold",
        role=asker.role.name,
        subject=asker.name,
        statement="; ".join(statement for statement, _ in asker.statements),
        objects=tuple(left),
    )


ATTACK = DatabaseAttack(
    code="B11",
    name="context_outlives_transaction",
    claim="After commit nothing of the context is left on the connection.",
    expect="no setting, temporary table, cursor or prepared statement names the tenant, and the role is the old one",
    sabotage="create or replace function app.enter(tenant uuid, actor uuid) returns void language sql security definer "
    "set search_path = pg_catalog, pg_temp as $$ select set_config('app.tenant_id', tenant::text, false) $$",
    run=_run,
    needs="a second connection to the same database, and a subject that is opened by settings or statements",
)
