"""What may look past row security for the tenant of the context: one role, and the columns its functions compare."""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.plan.object import Lock, Object, Phase
from tenantry.sql.name import identifier, qualified, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["LOOKUP", "reading"]

LOOKUP = "tenantry_lookup"


def reading(schema: str, table: str, title: str, columns: tuple[str, ...]) -> Iterator[Object]:
    """Let the role read columns of a table, and find the table; ``title`` is how the server quotes its name."""
    role = identifier(LOOKUP)
    names = listed(map(identifier, columns))
    yield Object(
        id=f"grants on schema {spoken(schema)}",
        phase=Phase.SCHEMAS,
        why="What looks past row security finds the tables it names.",
        create=(statement("grant usage on schema {} to {}", identifier(schema), role),),
        drop=(statement("revoke usage on schema {} from {}", identifier(schema), role),),
    )
    yield Object(
        id=f"grants on table {title}",
        phase=Phase.GRANTS,
        why=f"{LOOKUP} reads the columns that its functions compare, and no others.",
        create=(statement("grant select ({}) on {} to {}", names, qualified(schema, table), role),),
        drop=(statement("revoke all on {} from {}", qualified(schema, table), role),),
        relation=title,
        lock=Lock.ACCESS_SHARE,
    )
