"""The roles of the application that a blueprint declares: made where they are missing, with no more than they need."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation, Role
from tenantry.plan.object import Kind, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["granted", "made", "revoked"]

# why the first two: what looks like a sequence within a name or a text is none, and whoever made it chose it
_SEQUENCE = re.compile(r"""\"(?:[^"]|"")*\"|nextval\('((?:[^']|'')+)'::regclass\)|'(?:[^']|'')*'""")
_MADE = """do $$ begin
    if not exists (select from pg_catalog.pg_roles as role where role.rolname = {role})
    then create role {name} login nosuperuser nobypassrls noinherit noreplication nocreaterole nocreatedb; end if;
end $$"""
# why: what is put back after it was changed behind our back is there already
_AS_MADE = "alter role {name} login nosuperuser nobypassrls noinherit noreplication nocreaterole nocreatedb"
_RESET = "alter role {name} reset all"


def made(scope: Scope) -> Iterator[Object]:
    """Give the declared roles, and their use of the schemas that hold tables."""
    for name in scope.blueprint.roles.made:
        if found := scope.catalog.role_named.get(name):
            yield from _narrowed(found)
            continue
        yield Object(
            id=f"{Kind.ROLE} {spoken(name)}",
            phase=Phase.ROLES,
            why=f"{_user_of(scope, name)} logs in as it: row security holds it, and it owns nothing.",
            create=(
                statement(_MADE, role=sql.Literal(name), name=identifier(name)),
                statement(_AS_MADE, name=identifier(name)),
                statement(_RESET, name=identifier(name)),
            ),
            drop=(statement("drop role {}", identifier(name)),),
            is_kept=True,
            hazards=("It has no password yet: set one, or map it in pg_hba.conf.",),
        )
    for schema in sorted({table.schema for table in scope.tables}) if scope.blueprint.roles.made else ():
        yield Object(
            id=f"grants on schema {spoken(schema)}",
            phase=Phase.SCHEMAS,
            why="Who reads tables looks up their names.",
            create=(statement("grant usage on schema {} to {}", identifier(schema), _made(scope)),),
            drop=(statement("revoke usage on schema {} from {}", identifier(schema), _made(scope)),),
        )
    if scope.blueprint.roles.made:
        yield from _views(scope)


def _narrowed(role: Role) -> Iterator[Object]:
    """Take from a role that is there what gets it past its fence; a superuser is left, and told of by verify."""
    words = {"bypassrls": role.can_bypass_rls, "createrole": role.can_create_role, "replication": role.can_replicate}
    held = [word for word, has in words.items() if has]
    if held and not role.is_superuser:
        yield Object(
            id=f"{Kind.ROLE} {spoken(role.name)}",
            phase=Phase.ROLES,
            why="By this it gets past row security, or can give itself what does.",
            create=(statement("alter role {} nobypassrls nocreaterole noreplication", identifier(role.name)),),
            drop=(),
            back=(statement("alter role {} {}", identifier(role.name), spelled(" ".join(held))),),
            is_kept=True,
            hazards=(
                f"{spoken(role.name)} sees one tenant at a time from here on, in every database of the server where "
                "row security is on; sessions that are open keep what they had planned.",
            ),
        )


def _user_of(scope: Scope, name: str) -> str:
    roles = scope.blueprint.roles
    kinds = {"Background work": roles.background, "Who only reads": roles.reader}
    return next((words for words, names in kinds.items() if name in names), "The application")


def _views(scope: Scope) -> Iterator[Object]:
    for view in scope.catalog.relations.values():
        if view.kind == "v" and view.schema in {table.schema for table in scope.tables} and not view.extension:
            name = qualified(view.schema, view.name)
            yield Object(
                id=f"grants on table {view.title}",
                phase=Phase.GRANTS,
                why="A view asks with its caller's rights, and shows no more than the caller may see.",
                create=(statement("grant select on {} to {}", name, _made(scope)),),
                drop=(statement("revoke all on {} from {}", name, _made(scope)),),
                relation=view.title,
            )


def granted(scope: Scope, table: Relation) -> tuple[str, ...]:
    """Let the declared roles read and write rows of tenants, and read what all share."""
    if table.is_partition:
        return ()
    name, roles = qualified(table.schema, table.name), scope.blueprint.roles
    is_written = scope.ownership.is_owned(table.oid) or scope.is_writable(table)
    words = spelled("select, insert, update, delete" if is_written else "select")
    writers = listed(map(identifier, roles.writers))
    sequences = _sequences(table) if is_written else []
    return (
        *((statement("grant {} on {} to {}", words, name, writers),) if roles.writers else ()),
        *(statement("grant usage on sequence {} to {}", one, writers) for one in sequences if roles.writers),
        *(_read(name, roles.reader) if roles.reader else ()),
    )


def _read(name: sql.Composable, readers: tuple[str, ...]) -> tuple[str, ...]:
    roles = listed(map(identifier, readers))
    return (
        statement("revoke insert, update, delete on {} from {} cascade", name, roles),
        statement("grant select on {} to {}", name, roles),
    )


def revoked(scope: Scope, table: Relation) -> tuple[str, ...]:
    """Take back what ``granted`` gives."""
    roles = scope.blueprint.roles
    if not roles.made or table.is_partition:
        return ()
    name, writers = qualified(table.schema, table.name), listed(map(identifier, roles.writers))
    sequences = _sequences(table) if roles.writers else []
    return (
        *(statement("revoke usage on sequence {} from {}", sequence, writers) for sequence in sequences),
        statement("revoke all on {} from {}", name, _made(scope)),
    )


def _made(scope: Scope) -> sql.Composable:
    return listed(identifier(name) for name in scope.blueprint.roles.made)


def _sequences(table: Relation) -> list[sql.Composable]:
    """Give the sequences that defaults draw from, as the server spells them."""
    found = [name.replace("''", "'") for column in table.columns for name in _SEQUENCE.findall(column.default)]
    return [spelled(name) for name in found if name]
