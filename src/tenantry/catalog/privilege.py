"""Who may do what, decided from a catalog value: grants, memberships, ownership, predefined roles."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tenantry.catalog.model import PUBLIC, Catalog, Grant, Relation, Role, Routine

__all__ = [
    "can",
    "can_any_column",
    "can_execute",
    "can_use_schema",
    "identities",
    "reachable",
    "updatable_columns",
]

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})


def can(catalog: Catalog, role: Role, relation: Relation, privilege: str, *, column: str = "") -> bool:
    """Say whether the role holds a privilege on the relation, or on one column of it, with its schema.

    Same answer as ``has_table_privilege`` / ``has_column_privilege`` together with the schema's USAGE.
    """
    return can_use_schema(catalog, role, relation.schema) and _holds(catalog, role, relation, privilege, column)


def can_any_column(catalog: Catalog, role: Role, relation: Relation, privilege: str) -> bool:
    """Say whether the role holds the privilege on the relation or on at least one of its columns."""
    if can(catalog, role, relation, privilege):
        return True
    return any(can(catalog, role, relation, privilege, column=column.name) for column in relation.columns)


def updatable_columns(catalog: Catalog, role: Role, relation: Relation) -> tuple[str, ...]:
    """Give the columns the role may set in an update, in the relation's order."""
    if can(catalog, role, relation, "UPDATE"):
        return tuple(column.name for column in relation.columns)
    return tuple(
        column.name for column in relation.columns if can(catalog, role, relation, "UPDATE", column=column.name)
    )


def can_use_schema(catalog: Catalog, role: Role, schema: str) -> bool:
    """Say whether the role may look up names in the schema."""
    found = catalog.schemas.get(schema)
    if found is None:
        return True
    held = identities(catalog, role)
    if role.is_superuser or found.owner in held:
        return True
    if _is_member_of(catalog, held, "pg_read_all_data") or _is_member_of(catalog, held, "pg_write_all_data"):
        return True
    return _granted(found.grants, held, "USAGE", "")


def can_execute(catalog: Catalog, role: Role, routine: Routine) -> bool:
    """Say whether the role may call the routine."""
    held = identities(catalog, role)
    allowed = role.is_superuser or routine.owner in held or _granted(routine.grants, held, "EXECUTE", "")
    return allowed and can_use_schema(catalog, role, routine.schema)


def identities(catalog: Catalog, role: Role) -> frozenset[int]:
    """Give the roles whose privileges the role uses without asking: itself, inherited ones and PUBLIC."""
    return _identities(catalog, role.oid)


# why: asked for each attack on each table; few, so that no snapshot lives on for the sake of an answer
@lru_cache(maxsize=32)
def _identities(catalog: Catalog, oid: int) -> frozenset[int]:
    return frozenset({PUBLIC, *_closure(catalog, oid, "inherit")})


def reachable(catalog: Catalog, role: Role) -> frozenset[int]:
    """Give the roles the role can become by SET ROLE, itself among them."""
    return frozenset(_closure(catalog, role.oid, "set"))


def _holds(catalog: Catalog, role: Role, relation: Relation, privilege: str, column: str) -> bool:
    held = identities(catalog, role)
    if role.is_superuser or relation.owner in held:
        return True
    if privilege == "SELECT" and _is_member_of(catalog, held, "pg_read_all_data"):
        return True
    if privilege in _WRITES and _is_member_of(catalog, held, "pg_write_all_data"):
        return True
    return _granted(relation.grants, held, privilege, column)


def _granted(grants: Iterable[Grant], held: frozenset[int], privilege: str, column: str) -> bool:
    return any(
        grant.grantee in held and grant.privilege == privilege and grant.column in ("", column) for grant in grants
    )


def _is_member_of(catalog: Catalog, held: frozenset[int], name: str) -> bool:
    predefined = catalog.role_named.get(name)
    return predefined is not None and predefined.oid in held


def _closure(catalog: Catalog, start: int, way: str) -> frozenset[int]:
    granted = catalog.granted_roles(way)
    seen = {start}
    ahead = [start]
    while ahead:
        fresh = [role for role in granted.get(ahead.pop(), ()) if role not in seen]
        seen.update(fresh)
        ahead.extend(fresh)
    return frozenset(seen)
