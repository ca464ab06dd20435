"""Columns that the database alone fills: whoever serves tenants may write every other column, and not these.

A key that has to stay without the tenant answers whether a value is taken; who cannot choose values cannot ask it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tenantry.catalog.model import Relation
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["hazards", "read_only"]


def read_only(scope: Scope, table: Relation, added: str) -> Iterator[str]:
    """Replace the right to write a table by the right to write its other columns, role by role.

    ``added`` is the column that the table is to get, if any.
    """
    said = scope.said_of(table)
    is_written = scope.ownership.is_owned(table.oid) or scope.is_writable(table)
    # why: of what all tenants share nobody writes any column, and a grant of some would let them
    if said is None or not said.read_only or table.is_partition or not is_written:
        return
    name = qualified(table.schema, table.name)
    for role in scope.roles:
        for word in ("insert", "update"):
            written = [] if word in said.withhold else _written(scope, table, role, word, added)
            left = [identifier(column) for column in written if column not in said.read_only]
            if not written:
                continue
            yield statement("revoke {} on {} from {} cascade", spelled(word), name, identifier(role))
            if left:
                yield statement("grant {} ({}) on {} to {}", spelled(word), listed(left), name, identifier(role))


def hazards(scope: Scope, table: Relation) -> tuple[str, ...]:
    """Say what statements of the application must leave out, and what they can then no longer do."""
    said = scope.said_of(table)
    if said is None or not said.read_only or table.is_partition:
        return ()
    columns = [table.by_column[column] for column in said.read_only]
    unfilled = [spoken(one.name) for one in columns if one.not_null and not (one.default or one.identity)]
    told = f"Statements that write {_spoken(said.read_only)} of {table.title} are refused; leave it to the database."
    lost = f"Nothing fills {', '.join(unfilled)}: nobody who serves tenants can add rows to {table.title}."
    return (told, *([lost] if unfilled else []))


def _spoken(columns: Iterable[str]) -> str:
    return ", ".join(map(spoken, columns))


def _written(scope: Scope, table: Relation, role: str, word: str, added: str) -> list[str]:
    """Give the columns a role writes, in the table's order: all that it is granted, or that the plan grants it."""
    columns = [*(column.name for column in table.columns if not column.generated), *([added] if added else [])]
    grants = [one for one in table.grants if _holds(scope, one.grantee, role) and one.privilege.lower() == word]
    if role in scope.blueprint.roles.writers or any(not grant.column for grant in grants):
        return columns
    held = {grant.column for grant in grants}
    return [column for column in columns if column in held]


def _holds(scope: Scope, grantee: int, role: str) -> bool:
    return grantee in scope.catalog.roles and scope.catalog.roles[grantee].name == role
