"""Searches whose operators row security keeps from their index: functions that give the keys of the tenant's rows.

A caller joins the keys to the table, whose policies decide what is read. No argument can make an operator raise, as an
error at another tenant's row would tell of it; and each call is planned for the tenant it is for (docs/isolation.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from tenantry.blueprint.search import Seeking, seeking
from tenantry.catalog.model import Relation
from tenantry.context.lookup import LOOKUP, reading
from tenantry.errors import TenantryError
from tenantry.features.isolation.columns import column_type, tenant_column
from tenantry.plan.object import Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, quoted, short_name, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["SearchImpossible", "searches"]

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


class SearchImpossible(TenantryError):
    """A column that the blueprint lets be searched cannot be."""

    code = "TN052"
    way_out = (
        "Searched are columns of text, jsonb, tsvector and plain arrays, in tables with a primary key whose rows name "
        "their tenant. Leave the column out of search in tenantry.toml."
    )


@dataclass(frozen=True)
class Search:
    """A column of a table that is searched; ``keys`` are what is given of each row."""

    table: Relation
    tenant: str
    column: str
    keys: tuple[str, ...]
    how: Seeking

    @property
    def type_name(self) -> str:
        """Give the type of what is sought."""
        if self.how is Seeking.HOLDS:
            return self.table.by_column[self.column].type_name
        return "tsquery" if self.how is Seeking.WORDS else "text"

    @property
    def plain_name(self) -> str:
        """Give the function's name, by table and column alone."""
        return short_name(f"search_{self.table.name}_{self.column}")

    @property
    def full_name(self) -> str:
        """Give the function's name with the schema, for tables of one name."""
        return short_name(f"search_{self.table.schema}_{self.table.name}_{self.column}")


def searches(scope: Scope, *, noun: str) -> Iterator[Object]:
    """Give a function for every column that the blueprint lets be searched, and what it may read.

    Raises ``SearchImpossible`` where a column cannot be searched, or its rows have no tenant or no key.
    """
    found = [one for table in scope.tables for one in _of_table(scope, table)]
    for search, name in _named(found).items():
        yield _function(scope, search, name, noun)
    for table in dict.fromkeys(one.table for one in found):
        of_table = [one for one in found if one.table == table]
        columns = (of_table[0].tenant, *of_table[0].keys, *(one.column for one in of_table))
        yield from reading(table.schema, table.name, table.title, tuple(dict.fromkeys(columns)))


def _of_table(scope: Scope, table: Relation) -> Iterator[Search]:
    said = scope.ownership.declared.get(table.oid)
    for column in said.search if said else ():
        tenant = tenant_column(scope, table)
        keys = tuple(name for name in scope.catalog.primary_key_of.get(table.oid, ()) if name != tenant)
        found = table.by_column.get(column)
        how = seeking(found.type_name) if found else None
        if not tenant:
            raise SearchImpossible(f"The rows of {table.title} name no tenant.")
        if not keys:
            raise SearchImpossible(f"{table.title} has no primary key by which a row could be told.")
        if found is None:
            raise SearchImpossible(f"{table.title} has no column {column}.")
        if how is None:
            raise SearchImpossible(f"{column} of {table.title} has the type {found.type_name}.")
        yield Search(table, tenant, column, keys, how)


def _named(found: list[Search]) -> Mapping[Search, str]:
    counted = Counter(one.plain_name for one in found)
    named = {one: one.plain_name if counted[one.plain_name] == 1 else one.full_name for one in found}
    if twice := [name for name, times in Counter(named.values()).items() if times > 1]:
        raise SearchImpossible(f"Two searches would be called {twice[0]}.")
    return named


def _function(scope: Scope, search: Search, name: str, noun: str) -> Object:
    kind = spelled(search.type_name)
    signature = sql.SQL("{}({})").format(qualified("tenantry", name), kind)
    return Object(
        id=f"function tenantry.{name if _PLAIN.fullmatch(name) else quoted(name)}({search.type_name})",
        # why so late: what it reads may be made by this very plan
        phase=Phase.VIEWS,
        why=f"Row security keeps the index of {spoken(search.column)} from being used; it gives the keys of the "
        f"tenant's own rows in {search.table.title}, whose policies still decide what is read of them.",
        create=(
            statement(
                _FUNCTION,
                name=qualified("tenantry", name),
                kind=kind,
                keys=listed(_typed(search.table, key) for key in search.keys),
                body=sql.Literal(_body(scope, search, noun).as_string(None)),
            ),
            statement("alter function {} owner to {}", signature, identifier(LOOKUP)),
            statement("revoke all on function {} from public", signature),
            statement("grant execute on function {} to {}", signature, listed(map(identifier, scope.roles))),
            statement(
                "comment on function {} is {}",
                signature,
                sql.Literal(f"Keys of the tenant's rows in {search.table.title} where {search.column} {search.how}."),
            ),
        ),
        drop=(statement("drop function {}", signature),),
    )


def _body(scope: Scope, search: Search, noun: str) -> sql.Composed:
    return sql.SQL(_BODY).format(
        tenant_type=spelled(column_type(scope, search.table, search.tenant)),
        reader=qualified("tenantry", f"current_{noun}_id"),
        sought=spelled(_SOUGHT[search.how]),
        kind=spelled(search.type_name),
        keys=listed(sql.SQL("item.{}").format(identifier(key)) for key in search.keys),
        table=qualified(search.table.schema, search.table.name),
        tenant=identifier(search.tenant),
        column=identifier(search.column),
        operator=spelled(_OPERATORS[search.how]),
    )


def _typed(table: Relation, key: str) -> sql.Composable:
    return sql.SQL("{} {}").format(identifier(key), spelled(table.by_column[key].type_name))


# why the backslash: within LIKE it takes from what follows its meaning; a pattern that ends with one would raise
_SOUGHT = {
    Seeking.TEXT: r"'%' || regexp_replace($1, '[\\%_]', '\\\&', 'g') || '%'",
    Seeking.HOLDS: "$1",
    Seeking.WORDS: "$1",
}
_OPERATORS = {
    Seeking.TEXT: "operator(pg_catalog.~~*)",
    Seeking.HOLDS: "operator(pg_catalog.@>)",
    Seeking.WORDS: "operator(pg_catalog.@@)",
}
_FUNCTION = """
create or replace function {name}({kind}) returns table ({keys})
language plpgsql stable parallel safe security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
as {body}
"""
_BODY = """
<<search>>
declare
    tenant constant {tenant_type} := {reader}();
    sought constant {kind} := {sought};
begin
    return query
    select {keys} from {table} as item
    where item.{tenant} = search.tenant and item.{column} {operator} search.sought;
end
"""
