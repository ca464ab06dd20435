"""Which relations does a blueprint name? Its names are read as SQL reads them, here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from tenantry.blueprint.model import Blueprint, Table
from tenantry.catalog.model import Catalog, Relation
from tenantry.errors import BlueprintInvalid

__all__ = ["PLATFORM_SCHEMAS", "declared_tables", "find_table", "is_one_name", "stored_name"]

# Schemas a platform such as Supabase brings along: not the team's own tables.
PLATFORM_SCHEMAS = frozenset(
    {"auth", "storage", "realtime", "_realtime", "vault", "cron", "net", "extensions", "pgmq", "supabase_migrations"}
)

_PART = r'(?:"(?:[^"]|"")+"|[^".\s]+)'
_NAME = re.compile(rf"\s*(?:({_PART})\s*\.\s*)?({_PART})\s*")
_UPPER = re.compile(r"[A-Z]+")
_MOST_NAMED = 5


def declared_tables(catalog: Catalog, blueprint: Blueprint) -> Mapping[int, Table]:
    """Give what is declared of each relation; a relation that two names mean is refused."""
    found: dict[int, Table] = {}
    named: dict[int, str] = {}
    for name, table in blueprint.tables.items():
        relation = find_table(catalog, name)
        if relation.oid in found:
            raise BlueprintInvalid(
                f"The blueprint has two entries in [tables] for {relation.title}: {named[relation.oid]} and {name}."
            )
        if table.owner and table.owner not in relation.by_column:
            raise BlueprintInvalid(
                f"The blueprint names the owner column {table.owner}, which {relation.title} does not have."
            )
        if table.actor and table.actor not in relation.by_column:
            raise BlueprintInvalid(
                f"The blueprint names the actor column {table.actor}, which {relation.title} does not have."
            )
        if missing := [column for column in table.read_only if column not in relation.by_column]:
            raise BlueprintInvalid(
                f"The blueprint says read_only of {', '.join(missing)}, which {relation.title} does not have."
            )
        found[relation.oid], named[relation.oid] = table, name
    return found


def find_table(catalog: Catalog, name: str) -> Relation:
    """Find the relation a name means: ``schema.name`` or ``name``, with quotes where SQL wants them.

    A name that SQL would read otherwise may also stand as it is stored, if only one relation is called so.
    Raises ``BlueprintInvalid`` for a name that means none, or several.
    """
    everything = [relation for relation in catalog.relations.values() if not _is_system(relation.schema)]
    found = _as_sql(everything, name) or [one for one in everything if name in (one.name, f"{one.schema}.{one.name}")]
    if len(found) > 1:
        found = [relation for relation in found if relation.schema not in PLATFORM_SCHEMAS] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise BlueprintInvalid(
            f"The blueprint names the table {name}, which may be any of {_titles(found)}. Give its schema."
        )
    raise BlueprintInvalid(
        f"The blueprint names the table {name}, which the database does not have.{_hint(everything, name)}"
    )


def stored_name(name: str) -> tuple[str, str] | None:
    """Read a name as SQL does and give schema (empty if none is named) and name as stored; none if it is no name."""
    read = _NAME.fullmatch(name)
    if read is None:
        return None
    schema, table = (_stored(part) if part else "" for part in read.groups())
    return schema, table


def _as_sql(relations: Iterable[Relation], name: str) -> list[Relation]:
    read = stored_name(name)
    if read is None:
        return []
    schema, table = read
    return [one for one in relations if one.name == table and schema in ("", one.schema)]


def is_one_name(name: str, other: str) -> bool:
    """Say whether two names cannot mean two tables: a name without a schema means the only one called so."""
    one, two = stored_name(name), stored_name(other)
    if one is None or two is None:
        return name == other
    schemas = {one[0], two[0]}
    return one[1] == two[1] and (len(schemas) == 1 or ("" in schemas and not schemas & PLATFORM_SCHEMAS))


def _stored(part: str) -> str:
    """Give the name as the catalog holds it: unquoted letters are folded, those of ASCII only."""
    if part.startswith('"'):
        return part[1:-1].replace('""', '"')
    return _UPPER.sub(lambda upper: upper.group().lower(), part)


def _is_system(schema: str) -> bool:
    return schema == "information_schema" or schema.startswith("pg_")


def _hint(relations: Iterable[Relation], name: str) -> str:
    """Name what was probably meant: the same name elsewhere or in another case, else what is spelt alike."""
    read = _NAME.fullmatch(name)
    wanted = (_stored(read.group(2)) if read else name).casefold()
    tables = [relation for relation in relations if not relation.is_partition]
    meant = [one for one in tables if one.name.casefold() == wanted]
    if not meant:
        spelt = get_close_matches(wanted, [one.name.casefold() for one in tables], n=_MOST_NAMED)
        meant = [one for one in tables if one.name.casefold() in spelt]
    return f" Did you mean {_titles(meant)}?" if meant else ""


def _titles(relations: Iterable[Relation]) -> str:
    named = sorted(relations, key=lambda relation: (relation.schema, relation.name))
    *most, last = [relation.title for relation in named[:_MOST_NAMED]]
    return f"{', '.join(most)} or {last}" if most else last
