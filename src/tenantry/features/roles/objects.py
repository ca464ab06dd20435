"""Which privileges are taken away, because row security does not hold them or nobody needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from psycopg import sql

from tenantry.catalog.model import Grant, Relation
from tenantry.features.roles.made import granted, made, revoked
from tenantry.features.roles.passed_on import passed_on
from tenantry.features.roles.read_only import hazards, read_only
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["objects"]

_PAST_ROW_SECURITY = ("truncate", "references", "trigger")
_MAINTAIN_FROM = 170_000


def objects(scope: Scope, added: Mapping[int, str]) -> tuple[Object, ...]:
    """Give what tables, functions and the database grant to the roles that serve tenants.

    ``added`` names the column that a table, by its oid, is to get.
    """
    return (*made(scope), *_tables(scope, added), *_schemas(scope), *_memberships(scope), _database(scope))


def _tables(scope: Scope, added: Mapping[int, str]) -> Iterator[Object]:
    # why cascade: what a role passed on to others goes with what it had
    words = [*_PAST_ROW_SECURITY, *(["maintain"] if scope.catalog.server.version_num >= _MAINTAIN_FROM else [])]
    families = ((parent, *scope.catalog.children_of(parent.oid)) for parent in scope.tables)
    for table in {one.oid: one for family in families for one in family}.values():
        name = qualified(table.schema, table.name)
        yield Object(
            id=f"grants on table {table.title}",
            phase=Phase.GRANTS,
            why="TRUNCATE, REFERENCES and TRIGGER go past row security; what everyone holds, later roles hold too.",
            create=(
                statement("revoke all on {} from public", name),
                statement("revoke {} on {} from {} cascade", listed(map(spelled, words)), name, listed(_roles(scope))),
                *granted(scope, table),
                *_shared(scope, table),
                *_withheld(scope, table),
                *read_only(scope, table, added.get(table.oid, "")),
                *_partition(scope, table),
            ),
            ahead=tuple(passed_on(scope, table)),
            drop=(*revoked(scope, table), *_own(scope, name, table.owner, table.grants)),
            relation=table.title,
            lock=Lock.ACCESS_SHARE,
            hazards=hazards(scope, table),
        )


def _own(scope: Scope, target: sql.Composable, owner: int, grants: Iterable[Grant]) -> tuple[str, ...]:
    """Give an owner who serves tenants back what it holds: a way back tells only what others are granted."""
    role = scope.catalog.roles[owner].name
    held = [grant.privilege.lower() for grant in grants if grant.grantee == owner and not grant.column]
    if role not in scope.roles or not held:
        return ()
    return (statement("grant {} on {} to {}", listed(map(spelled, held)), target, identifier(role)),)


def _shared(scope: Scope, table: Relation) -> tuple[str, ...]:
    """Let nobody who serves one tenant write what every tenant reads, unless the blueprint says so."""
    if table.is_partition or scope.ownership.is_owned(table.oid) or scope.is_writable(table):
        return ()
    name = qualified(table.schema, table.name)
    return (statement("revoke insert, update, delete on {} from {} cascade", name, listed(_roles(scope))),)


def _withheld(scope: Scope, table: Relation) -> tuple[str, ...]:
    said = scope.said_of(table)
    if said is None or not said.withhold:
        return ()
    name = qualified(table.schema, table.name)
    return (
        statement("revoke {} on {} from {} cascade", listed(map(spelled, said.withhold)), name, listed(_roles(scope))),
    )


def _partition(scope: Scope, table: Relation) -> tuple[str, ...]:
    if not table.is_partition:
        return ()
    name = qualified(table.schema, table.name)
    return (statement("revoke all on {} from {} cascade", name, listed(_roles(scope))),)


def _roles(scope: Scope) -> Sequence[sql.Composable]:
    return [identifier(role) for role in scope.roles]


def _schemas(scope: Scope) -> Iterator[Object]:
    used = {table.schema for table in scope.tables}
    for schema in sorted(scope.catalog.schemas.values(), key=lambda one: one.name):
        if schema.name not in used:
            continue
        name = schema.name
        yield Object(
            id=f"grants on schema {spoken(name)}",
            phase=Phase.GRANTS,
            why="Whoever can make objects where unqualified names are looked up can put his own in their place.",
            create=(
                statement(
                    "revoke create on schema {} from {} cascade",
                    identifier(name),
                    listed([sql.SQL("public"), *_roles(scope)]),
                ),
            ),
            drop=_own(scope, sql.SQL("schema {}").format(identifier(name)), schema.owner, schema.grants),
        )


def _memberships(scope: Scope) -> Iterator[Object]:
    """Ask for the absence of memberships by which a role that serves tenants owns tables or is held by no policy."""
    owners = {table.owner for table in scope.tables}
    for one in scope.catalog.memberships:
        role, member = scope.catalog.roles[one.role], scope.catalog.roles[one.member]
        if member.name in scope.roles and (role.oid in owners or role.is_exempt):
            yield Object(
                id=f"membership {spoken(role.name)} to {spoken(member.name)}",
                phase=Phase.GRANTS,
                why="By it the role owns what it is held by, or is held by no policy at all.",
                create=(),
                drop=(statement("revoke {} from {}", identifier(role.name), identifier(member.name)),),
                is_kept=True,
                hazards=(f"What {spoken(member.name)} did as {spoken(role.name)} it can do no longer.",),
            )


def _database(scope: Scope) -> Object:
    return Object(
        id="grants on database",
        phase=Phase.GRANTS,
        why="A role that makes temporary tables can put its own before the application's names.",
        create=(
            statement(
                "revoke temporary, create on database {} from {} cascade",
                identifier(scope.catalog.server.database),
                listed([sql.SQL("public"), *_roles(scope)]),
            ),
        ),
        drop=(),
    )
