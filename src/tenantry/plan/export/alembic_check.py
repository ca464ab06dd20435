"""Does a revision that autogenerate writes make a table of which nobody said whose rows it holds?

For Alembic's env.py; needs the extra ``alembic``. The models are read, and no database is asked:

    from tenantry.plan.export.alembic_check import refuse_undeclared
    context.configure(..., process_revision_directives=refuse_undeclared("tenantry.toml"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenantry.blueprint.load import load
from tenantry.blueprint.model import Blueprint
from tenantry.errors import TablesUnknown, TenantsUnknown

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

__all__ = ["refuse_undeclared", "undeclared"]

_DEFAULT_SCHEMA = "public"


def refuse_undeclared(file: str | Path = "tenantry.toml") -> Callable[[Any, Any, list[Any]], None]:
    """Give the hook for ``process_revision_directives``, which raises ``TablesUnknown`` ahead of the revision."""

    def hook(context: Any, revision: Any, directives: list[Any]) -> None:  # noqa: ARG001 (Alembic's signature)
        made = {name for script in directives for name in _made(script.upgrade_ops)}
        unknown = undeclared(context.opts["target_metadata"], load(Path(file)), only=made) if made else ()
        if unknown:
            raise TablesUnknown(f"Nothing says whose rows these new tables hold: {', '.join(unknown)}.")

    return hook


def undeclared(metadata: MetaData, blueprint: Blueprint, *, only: Iterable[str] | None = None) -> tuple[str, ...]:
    """Give the tables that no tenant's column, foreign key or word of the blueprint tells the owner of.

    Raises ``TenantsUnknown`` where the blueprint names neither the tenants' table nor a column.
    """
    if not (blueprint.tenant.table or blueprint.tenant.columns or blueprint.users.table):
        raise TenantsUnknown
    tables = {_title(table): table for table in metadata.tables.values()}
    owned = {name for name, table in tables.items() if _is_told(name, table, blueprint)}
    while more := {name for name, table in tables.items() if name not in owned and _leads(table) & owned}:
        owned |= more
    told = owned | {name for name in tables if _is_named(name, blueprint)}
    return tuple(sorted((tables.keys() if only is None else tables.keys() & set(only)) - told))


def _is_told(name: str, table: Table, blueprint: Blueprint) -> bool:
    """Say whether the table lists tenants or users, or holds the key of one by a column's name."""
    columns = {column.name for column in table.columns}
    declared = [said.owner for listed, said in blueprint.tables.items() if _means(listed, name)]
    anchors = (blueprint.tenant.table, blueprint.users.table)
    return (
        any(anchor and _means(anchor, name) for anchor in anchors)
        or bool(columns & {*blueprint.tenant.columns, *blueprint.users.columns})
        or any(owner in columns for owner in declared)
    )


def _is_named(name: str, blueprint: Blueprint) -> bool:
    return any(_means(listed, name) and (said.shared or said.skip) for listed, said in blueprint.tables.items())


def _means(said: str, name: str) -> bool:
    """Say whether a blueprint's word for a table, with or without schema and quotes, is this one."""
    bare = said.replace('"', "")
    return bare in (name, name.partition(".")[2])


def _leads(table: Table) -> set[str]:
    """Give the tables that foreign keys refer to, whether they are among the models or not."""
    return {_qualified(key.target_fullname.rpartition(".")[0]) for key in table.foreign_keys}


def _title(table: Table) -> str:
    return f"{table.schema or _DEFAULT_SCHEMA}.{table.name}"


def _qualified(name: str) -> str:
    return name if "." in name else f"{_DEFAULT_SCHEMA}.{name}"


def _made(operations: Any) -> Iterator[str]:
    """Give the tables that the operations create, however deep they are bundled."""
    for one in operations.ops:
        if type(one).__name__ == "CreateTableOp":
            yield f"{one.schema or _DEFAULT_SCHEMA}.{one.table_name}"
        elif hasattr(one, "ops"):
            yield from _made(one)
