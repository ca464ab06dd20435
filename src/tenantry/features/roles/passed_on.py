"""What other roles than the owner granted to those that serve tenants: a REVOKE reaches only what its own role gave."""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.catalog.model import PUBLIC, Relation
from tenantry.plan.access import as_role, grantee
from tenantry.plan.scope import Scope
from tenantry.sql.name import qualified, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["passed_on"]


def passed_on(scope: Scope, table: Relation) -> Iterator[str]:
    """Let each trusted role that passed on what nobody may hold take it back, with all that was made of it.

    What one role that serves tenants gave another goes with what it held itself.
    """
    catalog, name = scope.catalog, qualified(table.schema, table.name)
    taken: dict[tuple[int, int], set[str]] = {}
    for grant in table.grants:
        given_by = catalog.roles.get(grant.grantor)
        is_trusted = given_by is not None and grant.grantor != table.owner and given_by.name not in scope.roles
        if is_trusted and _is_taken(scope, table, grant.grantee, grant.privilege.lower()):
            taken.setdefault((grant.grantor, grant.grantee), set()).add(grant.privilege.lower())
    for (grantor, holder), found in sorted(taken.items()):
        words, holder_name = listed(map(spelled, sorted(found))), grantee(catalog, holder)
        yield from as_role(catalog, grantor, statement("revoke {} on {} from {} cascade", words, name, holder_name))


def _is_taken(scope: Scope, table: Relation, holder: int, privilege: str) -> bool:
    if holder == PUBLIC:
        return True
    if scope.catalog.roles[holder].name not in scope.roles:
        return False
    said = scope.said_of(table)
    is_shared = not scope.ownership.is_owned(table.oid) and not scope.is_writable(table)
    is_written = privilege in ("insert", "update", "delete")
    is_withheld = said is not None and privilege in said.withhold
    return table.is_partition or privilege not in _OF_ROWS or is_withheld or (is_shared and is_written)


_OF_ROWS = frozenset({"select", "insert", "update", "delete"})
