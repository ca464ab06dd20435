"""Does the snapshot hold what publications send and what the server runs for a relation?"""

from __future__ import annotations

from collections.abc import Callable

from tenantry.catalog.model import Catalog
from tenantry.catalog.read import read
from tenantry.testing.databases import Database


def snapshot(database: Database) -> Catalog:
    with database.connect() as connection:
        return read(connection)


def test_a_publication_is_held_with_its_row_filters_and_columns(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(
        """
        create table public.notes (id int primary key, tenant_id int not null, body text);
        create table public.other (id int primary key);
        create publication part for table public.notes (id, tenant_id) where (tenant_id > 3) with (publish = 'insert');
        create publication whole for all tables;
        create publication nothing;
        """
    )
    catalog = snapshot(database)
    found = {one.name: one for one in catalog.publications}
    notes = catalog.relation_named["public", "notes"].oid

    (part,) = found["part"].tables
    assert (part.relation, part.columns, part.row_filter) == (notes, ("id", "tenant_id"), "(tenant_id > 3)")
    assert (found["part"].sends_inserts, found["part"].sends_deletes) == (True, False)
    assert {one.relation for one in found["whole"].tables} == {one.oid for one in catalog.tables}
    assert found["whole"].for_all_tables
    assert found["nothing"].tables == ()


def test_functions_behind_expressions_are_found_and_those_of_extensions_by_types_are_not(
    fresh_database: Callable[[str], Database],
) -> None:
    database = fresh_database(
        """
        create extension citext;
        create function public.fine(said text) returns boolean language sql immutable as $$ select true $$;
        create domain public.said as text check (public.fine(value));
        create table public.notes (id int primary key, said public.said, mail citext unique);
        """
    )
    catalog = snapshot(database)
    notes = catalog.relation_named["public", "notes"].oid
    used = {(one.part, catalog.routines[one.routine].name) for one in catalog.uses if one.owner == notes}

    assert used == {("write", "fine")}
