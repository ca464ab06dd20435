"""Who is a member of the tenant that a context claims, asked by policies once a statement.

What is looked up is the claim itself: the function takes no tenant and no actor, so that nobody can ask it about
others. It is PL/pgSQL, whose plan a session keeps. Where the table it names is gone, every statement is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from psycopg import sql

from tenantry.context.lookup import LOOKUP, reading
from tenantry.plan.object import Object, Phase
from tenantry.sql.name import identifier, qualified, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["Member", "Membership", "membership_objects"]


@dataclass(frozen=True)
class Member:
    """A column of the membership table and its type, as the server spells it."""

    column: str
    type_name: str


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Where memberships are listed, and which of them count.

    ``title`` is the table's name as the server quotes it. ``active`` columns must be true, ``ended`` ones null,
    ``states`` have one of the values. With ``role``, each role a context claims must be one the member has.
    ``without_actor`` are database roles whose contexts need no actor.
    """

    schema: str
    table: str
    title: str
    tenant: Member
    user: Member
    role: str = ""
    active: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without_actor: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns that are read."""
        named = (self.tenant.column, self.user.column, self.role, *self.active, *self.ended, *self.states)
        return tuple(dict.fromkeys(filter(None, named)))


def membership_objects(membership: Membership, key_type: tuple[str, str]) -> Iterator[Object]:
    """Give the functions and what they may read; the role that owns them comes with the context."""
    yield _admitted(membership, key_type)
    yield _member_roles(membership)
    yield from reading(membership.schema, membership.table, membership.title, membership.columns)


def _admitted(membership: Membership, key_type: tuple[str, str]) -> Object:
    table = qualified(membership.schema, membership.table)
    names = listed(map(identifier, membership.columns))
    body = sql.SQL(_BODY).format(key_type=qualified(*key_type), check=_check(membership, table))
    return Object(
        id="function tenantry.admitted(boolean)",
        # why so early: the reader's body is stored parsed and names it
        phase=Phase.TABLES,
        why="Gives the claimed tenant to an actor who is a member of it. Security definer, because the list of members "
        "is itself behind the fence that asks this function.",
        create=(
            # why here as well: from the moment the function is asked, it must be able to read
            statement("grant select ({}) on {} to {}", names, table, identifier(LOOKUP)),
            statement(_FUNCTION, key_type=qualified(*key_type), body=sql.Literal(body.as_string(None))),
            statement("alter function tenantry.admitted(boolean) owner to {}", identifier(LOOKUP)),
            "grant execute on function tenantry.admitted(boolean) to public",
            "comment on function tenantry.admitted(boolean) is 'The claimed tenant, to a member of it.'",
        ),
        drop=("drop function tenantry.admitted(boolean)",),
    )


def _member_roles(membership: Membership) -> Object:
    table = qualified(membership.schema, membership.table)
    names = listed(map(identifier, membership.columns))
    rows = sql.SQL("from {} as member where {}").format(table, _conditions(membership))
    body = sql.SQL(_ROLES_BODY).format(rows=rows, roles=_roles(membership, rows))
    return Object(
        id="function tenantry.member_roles()",
        phase=Phase.TABLES,
        why="Tells a request, before its work begins, whether its actor is a member of the tenant it names, and in "
        "which roles. Security definer, because the list of members is behind the fence.",
        create=(
            statement("grant select ({}) on {} to {}", names, table, identifier(LOOKUP)),
            statement(_ROLES_FUNCTION, body=sql.Literal(body.as_string(None))),
            statement("alter function tenantry.member_roles() owner to {}", identifier(LOOKUP)),
            "grant execute on function tenantry.member_roles() to public",
            "comment on function tenantry.member_roles() is 'The roles of the claimed actor; null to no member.'",
        ),
        drop=("drop function tenantry.member_roles()",),
    )


def _roles(membership: Membership, rows: sql.Composable) -> sql.Composable:
    if not membership.role:
        return sql.SQL("'{}'::text[]")
    role = identifier(membership.role)
    return sql.SQL("array(select distinct member.{}::text {} and member.{} is not null order by 1)").format(
        role, rows, role
    )


def _check(membership: Membership, table: sql.Composable) -> sql.Composable:
    """Give the condition for a member; with a role, each that is claimed has to be held."""
    rows = sql.SQL("from {} as member where {}").format(table, _conditions(membership))
    if not membership.role:
        return sql.SQL("exists (select {})").format(rows)
    held = sql.SQL("array(select member.{}::text {})").format(identifier(membership.role), rows)
    return sql.SQL("(exists (select {}) and (claimed.roles is null or claimed.roles <@ {}))").format(rows, held)


def _conditions(membership: Membership) -> sql.Composable:
    parts: list[sql.Composable] = [
        _compared(membership.tenant, "tenant"),
        _compared(membership.user, "actor"),
        *(sql.SQL("member.{}").format(identifier(name)) for name in membership.active),
        *(sql.SQL("member.{} is null").format(identifier(name)) for name in membership.ended),
        *(
            sql.SQL("member.{}::text = any ({}::text[])").format(identifier(name), sql.Literal(list(values)))
            for name, values in membership.states.items()
        ),
    ]
    return sql.Composed(parts).join(" and ")


def _compared(member: Member, claim: str) -> sql.Composable:
    return sql.SQL("member.{} = {}::{}").format(
        identifier(member.column), identifier("claimed", claim), spelled(member.type_name)
    )


_FUNCTION = """
create or replace function tenantry.admitted(needs_actor boolean) returns {key_type}
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as {body}
"""
_BODY = """
<<claimed>>
declare
    carrier constant text := tenantry.carrier();
    tenant constant text := tenantry.tenant_of(carrier);
    actor constant text := tenantry.carried(carrier, 2);
    roles constant text[] := string_to_array(tenantry.carried(carrier, 3), ',');
begin
    if claimed.tenant is null or (claimed.actor is null and needs_actor is not false) then
        return null;
    elsif claimed.actor is null or {check} then
        return claimed.tenant::{key_type};
    end if;
    return null;
end
"""
_ROLES_FUNCTION = """
create or replace function tenantry.member_roles() returns text[]
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as {body}
"""
_ROLES_BODY = """
<<claimed>>
declare
    carrier constant text := tenantry.carrier();
    tenant constant text := tenantry.tenant_of(carrier);
    actor constant text := tenantry.carried(carrier, 2);
begin
    if claimed.tenant is null or claimed.actor is null or not exists (select {rows}) then
        return null;
    end if;
    return {roles};
end
"""
