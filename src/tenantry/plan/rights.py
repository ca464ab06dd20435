"""What does whoever applies lack? Told before the first step, because a plan that stops half way helps nobody."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from tenantry.catalog.model import Catalog, Relation
from tenantry.plan.model import Action, Plan
from tenantry.plan.object import Kind
from tenantry.sql.name import spoken

__all__ = ["missing_rights"]

_MADE = (Action.CREATE, Action.REPLACE, Action.RESTORE)
_LOOKUP = "role tenantry_lookup"
_ALLOWED = """
select role.rolcreaterole,
    pg_catalog.has_database_privilege(role.oid, database.oid, 'CREATE'),
    pg_catalog.pg_has_role(role.oid, database.datdba, 'USAGE')
from pg_catalog.pg_roles as role, pg_catalog.pg_database as database
where role.rolname = current_user and database.datname = pg_catalog.current_database()
"""
_NOT_OWNED = """
select named.oid::bigint from pg_catalog.pg_class as named
where named.oid = any (%s::oid[]) and not pg_catalog.pg_has_role(current_user, named.relowner, 'USAGE')
"""


def missing_rights(connection: psycopg.Connection, catalog: Catalog, plan: Plan) -> tuple[str, ...]:
    """Give a sentence for each right that the plan needs and the connecting role has not; a superuser has all."""
    if catalog.server.is_superuser:
        return ()
    return tuple(_missing(connection, catalog, plan))


def _missing(connection: psycopg.Connection, catalog: Catalog, plan: Plan) -> Iterator[str]:
    user = spoken(catalog.server.user)
    made = {change.object.partition(" ")[0] for step in plan.steps for change in step.changes if change.action in _MADE}
    makes_roles, makes_schemas, owns_database = connection.execute(_ALLOWED).fetchone() or (False, False, False)
    if f"grants tenantry.open(text) to {user}" in {change.object for step in plan.steps for change in step.changes}:
        yield (
            f"{user} is to serve tenants, and whoever applies without a superuser's rights is a member of the roles "
            "behind the context: it could open one of any tenant. Apply as another role."
        )
    if Kind.PARAMETER in made:
        yield f"Only a superuser can grant the setting that the sealed context is kept in, and {user} is none."
    if Kind.ROLE in made and not makes_roles:
        yield f"{user} cannot make roles: it lacks CREATEROLE."
    if (
        _LOOKUP in {change.object for step in plan.steps for change in step.changes}
        and not catalog.server.can_bypass_rls
    ):
        yield f"Only a superuser can make {_LOOKUP}, which looks up members and search terms past row security."
    if Kind.SCHEMA in made and not makes_schemas:
        yield f"{user} cannot make a schema: it lacks CREATE on the database {spoken(catalog.server.database)}."
    if Kind.GRANTS in made and not owns_database:
        yield f"{user} does not own the database {spoken(catalog.server.database)}, and cannot say who may make what."
    if foreign := _not_owned(connection, catalog, plan):
        yield f"{user} is neither owner nor member of the owner of {', '.join(one.title for one in foreign)}."


def _not_owned(connection: psycopg.Connection, catalog: Catalog, plan: Plan) -> list[Relation]:
    titles = {step.relation for step in plan.steps if step.relation}
    named = [relation for relation in catalog.relations.values() if relation.title in titles]
    rows = connection.execute(_NOT_OWNED, [[relation.oid for relation in named]]).fetchall()
    return sorted((catalog.relations[oid] for (oid,) in rows), key=lambda relation: relation.title)
