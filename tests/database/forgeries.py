"""The matrix: attacks on a context, how each must end under each profile, and which defence stops it.

What leaks under the plain profile is expected to: that is what its standing finding says.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from grounds import APP, MINTER, SETTING, THEIRS, Ground, rows, value, weaken
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from tenantry.context.model import Profile
from tenantry.context.token import Minter

SEALED, SIGNED, PLAIN = Profile
CARRIER = {SEALED: "backtrace_functions", SIGNED: "tenantry.token", PLAIN: SETTING}
REFUSED, NOTHING, LEAKS, ABSENT = "refused", "nothing", "leaks", "absent"

PLANTED = (
    "current_setting(text)",
    "current_setting(text, boolean)",
    "split_part(text, text, integer)",
    "substr(text, integer)",
    "convert_from(bytea, name)",
    "accept(text)",
    "carrier()",
)

# The databases whose application writes its token into the statement.
LITERALS: set[str] = set()

Attack = Callable[[Ground], int]
Sabotage = Callable[[Ground], None]


def forged(profile: Profile) -> str:
    """Give what an attacker who knows the source, and has no key, would put into the carrier."""
    return {
        SEALED: f"u{THEIRS.replace('-', '')}u,,,,{'0' * 32}",
        SIGNED: Minter("first", b"a guess of thirty-two bytes or so").mint(THEIRS),
        PLAIN: THEIRS,
    }[profile]


def set_local(at: Ground) -> int:
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        setting, text = sql.SQL(CARRIER[at.profile]), sql.Literal(forged(at.profile))
        connection.execute(sql.SQL("set local {} = {}").format(setting, text))
        return rows(connection, THEIRS)


def set_session(at: Ground) -> int:
    with at.connect() as connection:
        setting, text = sql.SQL(CARRIER[at.profile]), sql.Literal(forged(at.profile))
        connection.execute(sql.SQL("set {} = {}").format(setting, text))
        return rows(connection, THEIRS)


def by_function(at: Ground) -> int:
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        connection.execute("select set_config(%s, %s, true)", [CARRIER[at.profile], forged(at.profile)])
        return rows(connection, THEIRS)


def at_connecting(at: Ground) -> int:
    text = forged(at.profile).replace("\\", "\\\\").replace(" ", "\\ ")
    try:
        with psycopg.connect(at.database.url(APP), options=f"-c {CARRIER[at.profile]}={text}") as connection:
            return rows(connection, THEIRS)
    except psycopg.OperationalError as error:
        if "permission denied to set parameter" not in str(error):
            raise
        raise InsufficientPrivilege from error


def union(at: Ground) -> int:
    """Forge in the first branch of one SELECT and read in the second: no stacked statement is needed."""
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        query = sql.SQL(
            "select count(*) from (select set_config({}, {}, true) as body union all select body from public.note) as x"
        )
        row = connection.execute(query.format(CARRIER[at.profile], forged(at.profile))).fetchone()
        assert row is not None
        return (row[0] > 1) * rows(connection, THEIRS)


def by_xml(at: Ground) -> int:
    """Run a statement within an expression; a server built without libxml has another function for that."""
    try:
        return within(at, "select query_to_xml(%s, true, false, '') is not null")
    except psycopg.errors.FeatureNotSupported:
        return by_statistics(at)


def by_statistics(at: Ground) -> int:
    return within(at, "select count(*) from ts_stat(%s)", "select to_tsvector({})")


def within(at: Ground, outer: str, inner: str = "select {}") -> int:
    call = sql.SQL("set_config({}, {}, true)").format(CARRIER[at.profile], forged(at.profile)).as_string(None)
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        connection.execute(outer.encode(), [inner.format(call)])
        return rows(connection, THEIRS)


def reset_and_reopen(at: Ground) -> int:
    """RESET ALL empties the carrier for anyone; opening again then needs a token."""
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        connection.execute("reset all")
        if at.profile is PLAIN:
            at.open(connection, THEIRS)
        else:
            connection.execute("select tenantry.open(%s)", [forged(SIGNED)])
        return rows(connection, THEIRS)


def persisted(at: Ground) -> int:
    with at.connect() as connection:
        statement = sql.SQL("alter role {} set {} = {}")
        setting, text = sql.SQL(CARRIER[at.profile]), sql.Literal(forged(at.profile))
        connection.execute(statement.format(sql.Identifier(APP), setting, text))
    with at.connect() as connection:
        return rows(connection, THEIRS)


def stale_after_commit(at: Ground) -> int:
    """The pool gives a connection on whose last client opened its context for the transaction, as it should."""
    with at.connect() as connection:
        with connection.transaction():
            at.open(connection, THEIRS)
            assert rows(connection, THEIRS) == 50
        return rows(connection, THEIRS)


def stale_after_chain(at: Ground) -> int:
    with at.connect() as connection:
        connection.execute("begin")
        at.open(connection, THEIRS)
        connection.execute("commit and chain")
        return rows(connection, THEIRS)


def stale_after_rollback(at: Ground) -> int:
    with at.connect() as connection:
        with connection.transaction(force_rollback=True):
            at.open(connection, THEIRS)
        return rows(connection, THEIRS)


def stale_of_session(at: Ground) -> int:
    """The last client opened its context for the whole session, where its profile lets it."""
    with at.connect() as connection:
        if at.profile is SEALED:
            at.open(connection, THEIRS)
        else:
            text = THEIRS if at.profile is PLAIN else MINTER.mint(THEIRS)
            connection.execute("select set_config(%s, %s, false)", [CARRIER[at.profile], text])
        return rows(connection, THEIRS)


def hijacked(at: Ground) -> int:
    """Plant functions of the names the readers call in front of the server's own."""
    at.database.execute(f"grant create on database {at.database.name} to {APP}")
    fake = THEIRS if at.profile is SIGNED else forged(at.profile)
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        connection.execute("create schema own")
        for name in PLANTED:
            planted = f"create function own.{name} returns text language sql stable as $$ select '{fake}' $$"
            connection.execute(planted.encode())
        connection.execute("set local search_path = own, tenantry, pg_catalog")
        return rows(connection, THEIRS)


def switched(at: Ground) -> int:
    """Become the role that may write the carrier, inside one SELECT; roles switch by a setting like any other."""
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        query = sql.SQL(
            "select count(*) from (select set_config('role', 'tenantry_context', true) as done union all "
            "select set_config({}, {}, true)) as x"
        )
        connection.execute(query.format(CARRIER[at.profile], forged(at.profile)))
        return rows(connection, THEIRS)


def reset_by_function(at: Ground) -> int:
    """Empty the carrier through a setting's own default, inside one SELECT, and open again."""
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        connection.execute("select set_config(%s, null, true)", [CARRIER[at.profile]])
        if at.profile is PLAIN:
            at.open(connection, THEIRS)
        else:
            connection.execute("select tenantry.open(%s)", [forged(SIGNED)])
        return rows(connection, THEIRS)


def in_parallel(at: Ground) -> int:
    """Read in parallel workers after forging in the leader."""
    with at.connect() as connection, connection.transaction():
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            connection.execute("select set_config(%s, '0', true)", [setting])
        connection.execute("select set_config(%s, %s, true)", [CARRIER[at.profile], forged(at.profile)])
        query = "select count(*) from public.note where tenant_id = tenantry.current_org_id()"
        return int(str(value(connection, query))) * rows(connection, THEIRS)


def persisted_for_database(at: Ground) -> int:
    """Let every session of the database, or this role's in it, begin with a forged carrier."""
    setting, text = sql.SQL(CARRIER[at.profile]), sql.Literal(forged(at.profile))
    with at.connect() as connection:
        statement = sql.SQL("alter role {} in database {} set {} = {}")
        connection.execute(statement.format(sql.Identifier(APP), sql.Identifier(at.database.name), setting, text))
    with at.connect() as connection:
        return rows(connection, THEIRS)


def by_function_clause(at: Ground) -> int:
    """Carry a forged setting in a function of one's own, whose set clause the server applies."""
    at.database.execute(f"grant create on schema public to {APP}")
    setting, text = sql.SQL(CARRIER[at.profile]), sql.Literal(forged(at.profile))
    with at.connect() as connection, connection.transaction():
        made = sql.SQL(
            "create function public.theirs() returns bigint language sql set {} = {} "
            "as $$ select count(*) from public.note where tenant_id = {}::uuid $$"
        )
        connection.execute(made.format(setting, text, THEIRS))
        return int(str(value(connection, "select public.theirs()")))


def reads_token_of_another(at: Ground) -> int:
    """Read another session's opening statement while it runs, and open what it said."""
    if at.profile is PLAIN:
        return 0
    seen = _said_by_another(at, as_literal=at.database.name in LITERALS)
    found = re.search(r"v1\.[a-z0-9_.,-]+", seen)
    if found is None:
        return 0
    with at.connect() as connection, connection.transaction():
        connection.execute("select tenantry.open(%s)", [found[0]])
        return rows(connection, THEIRS)


def _said_by_another(at: Ground, *, as_literal: bool) -> str:
    token = MINTER.mint(THEIRS)
    waiting = "select tenantry.open({}), pg_advisory_xact_lock(7)"
    with at.connect() as other, at.connect() as looking, at.connect() as holder, holder.transaction():
        holder.execute("select pg_advisory_xact_lock(7)")
        query = waiting.format(f"'{token}'" if as_literal else "%s")
        working = threading.Thread(target=lambda: other.execute(query.encode(), None if as_literal else [token]))
        working.start()
        said, until = "", time.monotonic() + 10
        while "pg_advisory" not in said and time.monotonic() < until:
            said = str(value(looking, "select query from pg_stat_activity where pid = %s", other.info.backend_pid))
    working.join()
    return said


def reads_key(at: Ground) -> int:
    with at.connect() as connection, connection.transaction():
        return int(str(value(connection, "select count(*) from tenantry.key_ring")))


def mints(at: Ground) -> int:
    with at.connect() as connection, connection.transaction():
        connection.execute("select tenantry.open(tenantry.mint(%s))", [THEIRS])
        return rows(connection, THEIRS)


def let_set(at: Ground) -> None:
    at.database.execute(f"grant set on parameter {CARRIER[at.profile]} to {APP}")


def accept_anything(at: Ground) -> None:
    weaken(at.database, "tenantry.proved(text)", " = sha256(decode", " > ''::bytea and ''::bytea < sha256(decode")


def let_set_and_accept_anything(at: Ground) -> None:
    let_set(at)
    accept_anything(at)


def keep_for_session(at: Ground) -> None:
    settings = {SEALED: "proved.carrier, true", SIGNED: "token, true"}
    old = settings[at.profile]
    weaken(at.database, "tenantry.open(text)", old, old.replace("true", "false"))


def unpin(at: Ground) -> None:
    """Store the carrier's reader as text again, for the caller's search path to bend."""
    body = {
        SEALED: "current_setting('backtrace_functions')",
        SIGNED: "'u' || replace(accept(current_setting('tenantry.token')), '-', '') || 'u'",
        PLAIN: f"'x' || encode(convert_to(current_setting('{SETTING}'), 'UTF8'), 'hex') || 'x'",
    }
    at.database.execute(f"""
        set check_function_bodies = off;
        create or replace function tenantry.carrier() returns text language sql stable parallel safe
        as $$ select {body[at.profile]} $$
    """)


def let_switch(at: Ground) -> None:
    at.database.execute(f"grant tenantry_context to {APP}; grant select on public.note to tenantry_context")


def let_switch_and_accept_anything(at: Ground) -> None:
    let_switch(at)
    accept_anything(at)


def say_literally(at: Ground) -> None:
    """Take away what keeps a token out of sight: that the application binds it."""
    LITERALS.add(at.database.name)


def show_keys(at: Ground) -> None:
    at.database.execute(f"grant select on tenantry.key_ring to {APP}")


def let_mint(at: Ground) -> None:
    at.database.execute(f"grant execute on function tenantry.mint(text, text, text, text, integer) to {APP}")


@dataclass(frozen=True)
class Row:
    """An attack, how it must end under each profile, and what must be taken away for it to get through."""

    attack: Attack
    sealed: str
    signed: str
    plain: str
    sabotages: dict[Profile, Sabotage] = field(default_factory=dict)


FORGERY = {SEALED: let_set, SIGNED: accept_anything}
STAY = {SEALED: keep_for_session, SIGNED: keep_for_session}
SET_ANYWHERE = {SEALED: let_set, SIGNED: let_set_and_accept_anything, PLAIN: let_set}
SWITCH = {SEALED: let_switch, SIGNED: let_switch_and_accept_anything, PLAIN: let_switch}
MATRIX = (
    Row(set_local, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(set_session, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(by_function, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(at_connecting, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(union, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(by_xml, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(by_statistics, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(reset_and_reopen, REFUSED, REFUSED, LEAKS, {SEALED: accept_anything, SIGNED: accept_anything}),
    Row(persisted, REFUSED, REFUSED, REFUSED, SET_ANYWHERE),
    Row(stale_after_commit, NOTHING, NOTHING, NOTHING, STAY),
    Row(stale_after_chain, NOTHING, NOTHING, NOTHING, STAY),
    Row(stale_after_rollback, NOTHING, NOTHING, NOTHING),
    Row(stale_of_session, NOTHING, LEAKS, LEAKS, {SEALED: keep_for_session}),
    Row(hijacked, NOTHING, NOTHING, NOTHING, {SEALED: unpin, SIGNED: unpin, PLAIN: unpin}),
    Row(switched, REFUSED, REFUSED, REFUSED, SWITCH),
    Row(reset_by_function, REFUSED, REFUSED, LEAKS, {SEALED: let_set_and_accept_anything, SIGNED: accept_anything}),
    Row(in_parallel, REFUSED, REFUSED, LEAKS, FORGERY),
    Row(persisted_for_database, REFUSED, REFUSED, REFUSED, SET_ANYWHERE),
    Row(by_function_clause, REFUSED, REFUSED, REFUSED, SET_ANYWHERE),
    Row(reads_token_of_another, NOTHING, NOTHING, NOTHING, {SEALED: say_literally, SIGNED: say_literally}),
    Row(reads_key, REFUSED, REFUSED, ABSENT, {SEALED: show_keys, SIGNED: show_keys}),
    Row(mints, REFUSED, REFUSED, ABSENT, {SEALED: let_mint, SIGNED: let_mint}),
)


def outcome(attack: Attack, at: Ground) -> str:
    try:
        return LEAKS if attack(at) else NOTHING
    except InsufficientPrivilege:
        return REFUSED
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction):
        return ABSENT
