"""Do leaking applications become tight by init, plan and apply, with their rows in them, and come back by undo?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from command import run
from dumps import load_dump
from examples.restaurant import data, mend
from planning import apply_to, guessed, plan_of, schema_dump, undo_on
from psycopg import sql

from tenantry.blueprint.load import load
from tenantry.blueprint.model import Blueprint
from tenantry.context.seal_attack import ATTACK as SEAL
from tenantry.session.connect import connect
from tenantry.testing.databases import Database, Loader
from tenantry.verify.model import Finding, Level, Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify

SCHEMA = Path(mend.__file__).parent / "schema" / "before"
# What a person has to say of pagila: who may not add stores, staff and stock, whose the addresses are, and that rentals
# are numbered by the database (payments refer to rentals of the other store, so that number stays without a store).
PAGILA = """
[tables."public.address"]
shared = "where stores and staff are"
[tables."public.store"]
withhold = ["insert"]
[tables."public.staff"]
withhold = ["insert"]
[tables."public.inventory"]
withhold = ["insert"]
[tables."public.rental"]
read_only = ["rental_id"]
"""
ROWS = "select count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) from {} as row"


def _load(connection: psycopg.Connection) -> None:
    for file in sorted(SCHEMA.glob("*.sql")):
        connection.execute(file.read_bytes())
    data.load(connection)


@pytest.fixture
def full(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give the restaurants with all their rows."""
    return clone(template_database("restaurants_full", _load))


@pytest.fixture
def pagila(inputs: Path, clone: Callable[[str], Database], template_database: Callable[[str, Loader], str]) -> Database:
    dump = inputs / "pagila" / "pagila.sql"
    return clone(template_database("pagila", lambda connection: load_dump(connection, dump)))


def verified(database: Database, blueprint: Blueprint) -> Report:
    with connect(database.url()) as connection:
        second = lambda: connect(database.url())  # noqa: E731
        return verify(connection, blueprint, Options(may_write=True, second=second, also=(SEAL,)))


def harmful(report: Report) -> list[Finding]:
    """Give errors and warnings but for T21: that the server lacks a repair is no trait of the schema."""
    return [one for one in report.findings if one.level is not Level.NOTE and one.code != "T21"]


def rows_of(database: Database) -> dict[str, tuple[object, ...] | None]:
    """Give number and checksum of the rows of every table."""
    with connect(database.url()) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_catalog.pg_tables "
            "where schemaname not in ('pg_catalog', 'information_schema', 'tenantry')"
        ).fetchall()
        return {
            f"{schema}.{name}": connection.execute(sql.SQL(ROWS).format(sql.Identifier(schema, name))).fetchone()
            for schema, name in tables
        }


def test_the_restaurants_become_tight_and_come_back(full: Database) -> None:
    before, rows = schema_dump(full), rows_of(full)
    assert any(one.code == "A01" for one in harmful(verified(full, mend.BLUEPRINT)))
    apply_to(full, mend.BLUEPRINT)
    mend.give_key(full.url())
    report = verified(full, mend.BLUEPRINT)
    assert harmful(report) == []
    assert report.unproven == ()
    assert plan_of(full, mend.BLUEPRINT).steps == ()
    undo_on(full)
    assert schema_dump(full) == before
    assert rows_of(full) == rows


def test_pagila_becomes_tight_and_comes_back(pagila: Database, tmp_path: Path) -> None:
    before, rows = schema_dump(pagila), rows_of(pagila)
    assert run("init", pagila.url(), cwd=tmp_path).status == 0
    refused = run("plan", pagila.url(), cwd=tmp_path)
    assert refused.status == 2
    assert "public.address" in refused.stderr
    file = tmp_path / "tenantry.toml"
    file.write_text(file.read_text(encoding="utf-8") + PAGILA, encoding="utf-8")
    blueprint = load(file)
    apply_to(pagila, blueprint)
    mend.give_key(pagila.url())
    report = verified(pagila, blueprint)
    assert harmful(report) == []
    assert report.unproven == ()
    plan = plan_of(pagila, blueprint)
    assert plan.steps == ()
    assert any("rental_pkey" in note and "another tenant" in note for note in plan.notes)
    undo_on(pagila)
    assert schema_dump(pagila) == before
    assert rows_of(pagila) == rows


def test_tables_that_nobody_speaks_for_stop_the_plan(full: Database, tmp_path: Path) -> None:
    full.execute("create table public.price_list (id int primary key, price numeric)")
    (tmp_path / "tenantry.toml").write_text(
        (Path(mend.__file__).parent / "tenantry.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    refused = run("plan", full.url(), cwd=tmp_path)
    assert (refused.status, "public.price_list" in refused.stderr) == (2, True), refused.stderr


def test_a_row_written_in_a_context_names_its_tenant(full: Database) -> None:
    """The added column is filled from the context for rows to come, and along the foreign key for those there are."""
    apply_to(full, mend.BLUEPRINT)
    with connect(full.url()) as connection:
        crossed = connection.execute(
            "select count(*) from public.table_hold_members as member "
            "join public.holds as hold on hold.id = member.hold_id "
            "where member.restaurant_id is distinct from hold.restaurant_id"
        ).fetchone()
        assert crossed == (0,)
        added = connection.execute(
            "insert into public.table_hold_members (hold_id, table_id, seats) "
            "select hold.id, spot.id, 2 from public.holds as hold "
            "join public.dining_tables as spot using (restaurant_id) where not exists (select from "
            "public.table_hold_members as taken where taken.hold_id = hold.id and taken.table_id = spot.id) limit 1 "
            "returning restaurant_id = (select restaurant_id from public.holds where id = hold_id)"
        ).fetchall()
        assert added == [(True,)]


def test_what_init_writes_is_enough_for_the_restaurants(full: Database) -> None:
    blueprint = guessed(full)
    apply_to(full, blueprint)
    mend.give_key(full.url())
    found = harmful(verified(full, blueprint))
    # why: signing up adds rows to tables whose unique keys no tenant can lead; the blueprint has to withhold that
    assert {one.code for one in found} <= {"B07"}
