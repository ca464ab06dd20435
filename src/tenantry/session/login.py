"""Is this login one that row security holds? Asked before anybody is served over it."""

from __future__ import annotations

import psycopg

from tenantry.session.refused import LoginUnfit

__all__ = ["POWERS", "demand_none", "demand_ordinary", "powers"]

POWERS = """
with me as (select role.* from pg_catalog.pg_roles as role where role.rolname = session_user),
fenced_owner as (
    select distinct relation.relowner as oid from pg_catalog.pg_class as relation
    where relation.relrowsecurity and relation.relkind in ('r', 'p')
),
reachable as (
    select role.oid, role.rolname, role.rolsuper, role.rolbypassrls
    from pg_catalog.pg_roles as role, me
    -- why not for a superuser: it counts as a member of every role
    where role.oid <> me.oid and not me.rolsuper and pg_catalog.pg_has_role(me.oid, role.oid, 'member')
)
select 'is a superuser' from me where me.rolsuper
union all
select 'may bypass row security' from me where me.rolbypassrls
union all
select 'owns tables with row security' from me where me.oid in (select owner.oid from fenced_owner as owner)
union all
select pg_catalog.format('is a member of %s, which %s', role.rolname, case
    when role.rolsuper then 'is a superuser'
    when role.rolbypassrls then 'may bypass row security'
    else 'owns tables with row security'
end)
from reachable as role
where role.rolsuper or role.rolbypassrls or role.oid in (select owner.oid from fenced_owner as owner)
"""


def demand_ordinary(connection: psycopg.Connection) -> None:
    """Raise ``LoginUnfit`` where the login may look past row security, or become a role that may."""
    demand_none(powers(connection))


def powers(connection: psycopg.Connection) -> tuple[str, ...]:
    """Say in words which powers a login has that no login serving tenants may have."""
    with connection.transaction():
        connection.execute("set local search_path = pg_catalog, pg_temp")
        return tuple(str(said) for (said,) in connection.execute(POWERS).fetchall())


def demand_none(found: tuple[str, ...]) -> None:
    """Raise ``LoginUnfit`` where a login has any of these powers."""
    if found:
        raise LoginUnfit(f"The login {', and '.join(found)}.")
