"""Is the tenant context of a database the one that tenantry ships?

The server compares: each function is made anew as shipped, in a transaction that is rolled back, and one whose
definition, owner or rights became others was changed by hand. What PostgreSQL writes back for a body that is stored
parsed differs between its versions, so no text of ours is compared.
"""

from __future__ import annotations

from typing import NamedTuple

import psycopg

from tenantry.context.model import Context, Profile
from tenantry.context.objects import objects
from tenantry.plan.object import Kind, Object

__all__ = ["Changed", "context_there", "restore"]

_PROFILE = """
    select case
        when pg_catalog.to_regclass('tenantry.key_ring') is null then 'plain'
        when opener.prosecdef then 'sealed'
        else 'signed'
    end
    from pg_catalog.pg_proc as checker
    left join pg_catalog.pg_proc as opener on opener.oid = pg_catalog.to_regprocedure('tenantry.open(text)')
    where checker.oid = pg_catalog.to_regprocedure('tenantry.check_seal()')
"""
_READER = """
    select substr(reader.proname, 9, length(reader.proname) - 11), space.nspname, type.typname
    from pg_catalog.pg_proc as reader
    join pg_catalog.pg_type as type on type.oid = reader.prorettype
    join pg_catalog.pg_namespace as space on space.oid = type.typnamespace
    where reader.pronamespace = pg_catalog.to_regnamespace('tenantry') and reader.pronargs = 0
        and reader.proname ~ '^current_.+_id$'
"""
_DEFINED = """
    select pg_catalog.pg_get_functiondef(oid), proowner,
        array(select grants::text from pg_catalog.unnest(proacl) as grants order by 1)
    from pg_catalog.pg_proc where oid = pg_catalog.to_regprocedure(%s)
"""


class Changed(NamedTuple):
    """A function that is not as shipped, and the statements that make it so."""

    name: str
    fix: str


def context_there(connection: psycopg.Connection) -> Context | None:
    """Give the context a database has, as far as its functions tell; nothing where none is built in."""
    profile = connection.execute(_PROFILE.encode()).fetchone()
    readers = connection.execute(_READER.encode()).fetchall()
    if profile is None or len(readers) != 1:
        return None
    noun, schema, name = readers[0]
    quoted = ".".join('"{}"'.format(part.replace('"', '""')) for part in (schema, name))
    if profile[0] == Profile.PLAIN:
        return None
    return Context(noun=noun, key_type=quoted, profile=Profile(profile[0]))


def restore(connection: psycopg.Connection, context: Context) -> list[Changed]:
    """Make every function of the context as shipped, and give those that were not. Meant to be rolled back.

    The guard is left alone: which roles work for no tenant is the team's own to say.
    """
    guard = f"require_{context.noun}_context"
    shipped = [one for one in objects(context) if one.kind is Kind.FUNCTION and guard not in one.id]
    grants = [one for one in objects(context) if one.kind is Kind.GRANTS]
    before = {one.id: _defined(connection, one) for one in shipped}
    odd = {one.id for one in shipped if not _made(connection, one)}
    for one in grants:
        _made(connection, one)
    return [
        Changed(_name(one), _fix(one, grants, is_odd=one.id in odd))
        for one in shipped
        if one.id in odd or _defined(connection, one) != before[one.id]
    ]


def _made(connection: psycopg.Connection, wanted: Object) -> bool:
    try:
        with connection.transaction():
            for statement in wanted.create:
                connection.execute(statement.encode())
    except (psycopg.errors.InvalidFunctionDefinition, psycopg.errors.DatatypeMismatch, psycopg.errors.UndefinedObject):
        # why: what has another shape cannot be replaced, and stands on what cannot be made
        return False
    return True


def _defined(connection: psycopg.Connection, wanted: Object) -> object:
    return connection.execute(_DEFINED.encode(), [_name(wanted)]).fetchone()


def _name(wanted: Object) -> str:
    return wanted.id.removeprefix("function ")


def _fix(wanted: Object, grants: list[Object], *, is_odd: bool) -> str:
    name = _name(wanted)
    made = [*wanted.create, *(text for one in grants if one.id.startswith(f"grants {name} ") for text in one.create)]
    texts = [f"drop function {name}"] * is_odd + [text.rstrip().rstrip(";") for text in made]
    return "\n".join(f"{text};" for text in texts)
