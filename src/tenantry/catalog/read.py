"""How the catalog snapshot is read: one repeatable-read, read-only transaction, one query per kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import psycopg

from tenantry.catalog.model import (
    Catalog,
    Column,
    Constraint,
    DefaultPrivilege,
    EventTrigger,
    Extension,
    Grant,
    Index,
    Membership,
    Policy,
    Publication,
    Published,
    Relation,
    Role,
    RoleSetting,
    Routine,
    Rule,
    Schema,
    Server,
    Trigger,
    TypeInfo,
    Use,
)
from tenantry.sql import library
from tenantry.sql.parameters import fetch

__all__ = ["read", "read_here"]

# What decides how the server spells an expression: the same object is to have the same text in every session.
_SPELLING = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "quote_all_identifiers": "off",
}


def read(connection: psycopg.Connection) -> Catalog:
    """Read the catalog in a transaction of its own, which writes nothing and locks no table.

    The connection must be in autocommit mode or outside a transaction.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        for name, value in _SPELLING.items():
            connection.execute("select pg_catalog.set_config(%s, %s, true)", [name, value])
        return read_here(connection)


def read_here(connection: psycopg.Connection) -> Catalog:
    """Read the catalog as the current transaction sees it; the search path stays at the server's own schema."""
    with connection.transaction():
        connection.execute("set local search_path = pg_catalog, pg_temp")
        return _catalog(connection)


def _catalog(connection: psycopg.Connection) -> Catalog:
    def rows(name: str) -> list[dict[str, Any]]:
        return [row._asdict() for row in fetch(connection, _query(name), {})]

    return Catalog(
        server=Server(**rows("server")[0]),
        roles={row["oid"]: Role(**row) for row in rows("roles")},
        memberships=tuple(Membership(**row) for row in rows("memberships")),
        settings=tuple(RoleSetting(**row) for row in rows("settings")),
        schemas=_schemas(rows("schemas"), _grants(rows("schema_grants"))),
        relations=_relations(rows),
        types={row["oid"]: TypeInfo(**_frozen(row)) for row in rows("types")},
        constraints=tuple(Constraint(**_frozen(row)) for row in rows("constraints")),
        indexes=tuple(Index(**_frozen(row)) for row in rows("indexes")),
        policies=tuple(Policy(**_frozen(row)) for row in rows("policies")),
        triggers=tuple(Trigger(**row) for row in rows("triggers")),
        rules=tuple(Rule(**row) for row in rows("rules")),
        routines=_routines(rows("routines"), _grants(rows("routine_grants"))),
        extensions=tuple(Extension(**row) for row in rows("extensions")),
        publications=_publications(rows("publications")),
        default_privileges=tuple(_default_privilege(row) for row in rows("default_privileges")),
        parameter_grants=_parameter_grants(rows("parameter_grants")),
        database_grants=tuple(grant for found in _grants(rows("database_grants")).values() for grant in found),
        uses=tuple(Use(**row) for row in rows("uses")),
        event_triggers=tuple(EventTrigger(**row) for row in rows("event_triggers")),
        comments={(row["kind"], row["object"]): row["words"] for row in rows("comments")},
    )


@cache
def _query(name: str) -> str:
    return library.read(resources.files("tenantry.catalog") / "queries" / f"{name}.sql").body


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    """Turn the server's arrays into tuples, so that the value cannot change."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _grants(rows: list[dict[str, Any]]) -> Mapping[int, tuple[Grant, ...]]:
    found: dict[int, list[Grant]] = defaultdict(list)
    for row in rows:
        found[row.pop("object")].append(
            Grant(
                grantee=row["grantee"],
                privilege=row["privilege"],
                grantable=row["grantable"],
                column=row["column"],
                grantor=row["grantor"],
            )
        )
    return {oid: tuple(grants) for oid, grants in found.items()}


def _parameter_grants(rows: list[dict[str, Any]]) -> Mapping[str, tuple[Grant, ...]]:
    found: dict[str, list[Grant]] = defaultdict(list)
    for row in rows:
        found[row.pop("parameter")].append(Grant(**row))
    return {name: tuple(grants) for name, grants in found.items()}


def _schemas(rows: list[dict[str, Any]], grants: Mapping[int, tuple[Grant, ...]]) -> Mapping[str, Schema]:
    return {row["name"]: Schema(**row, grants=grants.get(row["oid"], ())) for row in rows}


def _routines(rows: list[dict[str, Any]], grants: Mapping[int, tuple[Grant, ...]]) -> Mapping[int, Routine]:
    return {row["oid"]: Routine(**_frozen(row), grants=grants.get(row["oid"], ())) for row in rows}


def _default_privilege(row: dict[str, Any]) -> DefaultPrivilege:
    grant = Grant(grantee=row["grantee"], privilege=row["privilege"], grantable=row["grantable"])
    return DefaultPrivilege(owner=row["owner"], schema=row["schema"], kind=row["kind"], grant=grant)


def _publications(rows: list[dict[str, Any]]) -> tuple[Publication, ...]:
    """Gather the rows, one for each table of a publication, by publication."""
    tables: dict[str, list[Published]] = defaultdict(list)
    publications: dict[str, Publication] = {}
    for row in map(_frozen, rows):
        table = Published(row.pop("relation"), row.pop("columns"), row.pop("row_filter"))
        tables[row["name"]].extend([table] if table.relation else [])
        publications[row["name"]] = Publication(**row)
    return tuple(replace(found, tables=tuple(tables[name])) for name, found in publications.items())


def _relations(rows: Any) -> Mapping[int, Relation]:
    grants = _grants(rows("relation_grants"))
    columns: dict[int, list[Column]] = defaultdict(list)
    for row in rows("columns"):
        columns[row.pop("relation")].append(Column(**row))
    parents: dict[int, list[int]] = defaultdict(list)
    for row in rows("inheritance"):
        parents[row["child"]].append(row["parent"])
    reads: dict[int, list[int]] = defaultdict(list)
    for row in rows("view_reads"):
        reads[row["relation"]].append(row["used"])
    relations = (Relation(**_frozen(row)) for row in rows("relations"))
    return {
        relation.oid: replace(
            relation,
            columns=tuple(columns[relation.oid]),
            grants=grants.get(relation.oid, ()),
            parents=tuple(parents[relation.oid]),
            reads=tuple(reads[relation.oid]),
        )
        for relation in relations
    }
