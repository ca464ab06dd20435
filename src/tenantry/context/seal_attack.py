"""Try the seal of tenantry's own context: as every role of the application, with the self-test that tenantry ships."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tenantry.context.shipped import Changed, context_there, restore
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.stage import Stage

__all__ = ["ATTACK"]

_LET_ASK = (
    "grant usage on schema tenantry to {}",
    "grant execute on function tenantry.check_seal(), tenantry.open(text) to {}",
)
_PROBES = "select condition from tenantry.check_seal() where not holds"
_KEY = (
    "select tenantry.add_key('tenantry_seal', "
    "pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid())), pg_catalog.clock_timestamp())"
)
_TENANT = "00000000-0000-4000-8000-000000000001"
_OPENED = "select tenantry.current_tenant() is not distinct from %s"
_MINT = "tenantry.mint(text, text, text, text, integer)"
_ADD_KEY = "tenantry.add_key(text, bytea, timestamptz, timestamptz, integer)"
_FIXES = {
    "carrier_": "revoke set on parameter backtrace_functions from public, {role};",
    "carrier_is_clean": "alter role {role} reset backtrace_functions;",
    "key_ring_": "revoke all on table tenantry.key_ring from public, {role};",
    "keys_are_not_added": f"revoke all on function {_ADD_KEY} from public, {{role}};",
    "mint_is_closed": f"revoke all on function {_MINT} from public, {{role}};",
    "role_is_ordinary": "alter role {role} nosuperuser nocreaterole;\n"
    "revoke tenantry_owner, tenantry_context from {role};",
}


def _run(stage: Stage) -> Iterator[Finding]:
    context = context_there(stage.connection)
    if context is None:
        return
    broken: dict[str, list[str]] = {}
    with stage.undone():
        changed = restore(stage.connection, context)
        for asker in one_per_role(stage):
            broken[asker.role.name] = _broken(stage, asker.role.name)
    if changed:
        yield _not_shipped(changed)
    for role, conditions in broken.items():
        if conditions:
            yield _seal_broken(role, conditions)


def _broken(stage: Stage, role: str) -> list[str]:
    """Give the conditions that do not hold for a role: of the self-test as shipped, and of a context it opens."""
    connection, name = stage.connection, identifier(role)
    with stage.undone():
        for statement in _LET_ASK:
            connection.execute(sql.SQL(statement).format(name))
        token = _token(connection)
        connection.execute(sql.SQL("set local role {}").format(name))
        found = _asked(connection, _PROBES)
        if found is None:
            return ["seal_can_be_asked"]
        _asked(connection, "select tenantry.open(%s)", token)
        opens = _asked(connection, _OPENED, _TENANT) == [True]
    return [str(condition) for condition in found] + ([] if opens else ["context_opens"])


def _asked(connection: psycopg.Connection, query: str, *values: str) -> list[object] | None:
    """Give the first column of a query; nothing where the server refuses it."""
    try:
        with connection.transaction():
            return [value for (value,) in connection.execute(query.encode(), values or None).fetchall()]
    except psycopg.DatabaseError:
        if connection.broken:
            raise
        return None


def _token(connection: psycopg.Connection) -> str:
    connection.execute(_KEY)
    row = connection.execute("select tenantry.mint(%s)", [_TENANT]).fetchone()
    return str(row[0]) if row else ""


def _not_shipped(changed: list[Changed]) -> Finding:
    names = tuple(one.name for one in changed)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"The tenant context is not the one tenantry ships: {', '.join(names)}.",
        meaning="Whoever changed these functions decides who asks. After an upgrade of tenantry, `tenantry plan` shows "
        "what it changes; otherwise find out who did.",
        fix="\n".join(one.fix for one in changed),
        statement="create or replace function …",
        objects=names,
    )


def _seal_broken(role: str, conditions: list[str]) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"The seal of the tenant context does not hold for {role}: {', '.join(conditions)}.",
        meaning="Each of these is a way to act for a tenant without proof, or to lose the context that was proved.",
        fix="\n".join(dict.fromkeys(_fix(condition).format(role=quoted(role)) for condition in conditions)).strip(),
        role=role,
        statement="select * from tenantry.check_seal() where not holds",
        objects=tuple(conditions),
    )


def _fix(condition: str) -> str:
    by_prefix = (fix for prefix, fix in _FIXES.items() if prefix.endswith("_") and condition.startswith(prefix))
    return _FIXES.get(condition) or next(by_prefix, "")


ATTACK = DatabaseAttack(
    code="B29",
    name="seal_broken",
    claim="Nobody can act for a tenant without the proof that tenantry's own context demands.",
    expect="every condition of the self-test holds, and the functions are those that tenantry ships",
    sabotage="grant set on parameter backtrace_functions to app_role",
    run=_run,
    needs="tenantry's own context, sealed or signed",
)
