"""Do exported files go on where a tool broke off, and does nobody fill rows that a policy hides from him?"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from migrating import TOOLS_BY_NAME, alembic
from planning import apply_to, guessed, plan_of, schema_dump, undo_on

from tenantry.plan.export.batches import looped
from tenantry.plan.export.write import Target, write
from tenantry.plan.model import Plan
from tenantry.plan.reconcile import reconcile
from tenantry.session.connect import connect

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)


def built(plan: Plan, at: int) -> str:
    """Give the name of the index that a step outside any transaction builds."""
    alone = [step.title.split()[1] for step in plan.steps if step.mode == "alone"]
    return alone[at]


def test_a_revision_that_broke_off_outside_a_transaction_is_run_again(restaurants, tmp_path):
    """What comes before an autocommit block in the same revision would be committed, and never noted."""
    blueprint = guessed(restaurants)
    plan = apply_to(restaurants, blueprint)
    tight = schema_dump(restaurants)
    undo_on(restaurants)
    revisions = [file.read_text() for file in write(plan, Target.ALEMBIC, tmp_path)]
    ways = [part for text in revisions for part in text.split("\ndef ")[1:] if "autocommit_block" in part]
    assert len(ways) > 20
    assert all(way.count("    run(") == 1 for way in ways)
    in_the_way = built(plan, 3)
    restaurants.execute(f"create table public.{in_the_way} (id int)")
    with pytest.raises(AssertionError, match="is not an index"):
        alembic(restaurants, tmp_path, "upgrade", "head")
    restaurants.execute(f"drop table public.{in_the_way}")
    alembic(restaurants, tmp_path, "upgrade", "head")
    assert schema_dump(restaurants, "--exclude-table=public.alembic_version") == tight
    with connect(restaurants.url()) as connection:
        assert reconcile(connection) > 100
    assert plan_of(restaurants, blueprint).steps == ()


def test_dbmate_goes_on_at_the_file_that_failed(restaurants, tmp_path):
    """It says Applied of a file whose second statement failed; so what may be in no transaction is one statement."""
    blueprint, tool = guessed(restaurants), TOOLS_BY_NAME["dbmate"]
    plan = apply_to(restaurants, blueprint)
    tight = schema_dump(restaurants)
    undo_on(restaurants)
    write(plan, Target.DBMATE, tmp_path)
    in_the_way = built(plan, 3)
    restaurants.execute(f"create table public.{in_the_way} (id int)")
    with pytest.raises(AssertionError, match="is not an index"):
        tool.up(restaurants, tmp_path)
    restaurants.execute(f"drop table public.{in_the_way}")
    tool.up(restaurants, tmp_path)
    assert schema_dump(restaurants, *tool.own) == tight


def test_an_invalid_index_in_the_way_of_a_file_is_built_anew(restaurants, tmp_path: Path):
    blueprint, tool = guessed(restaurants), TOOLS_BY_NAME["psql"]
    plan = apply_to(restaurants, blueprint)
    tight = schema_dump(restaurants)
    undo_on(restaurants)
    write(plan, Target.SQL, tmp_path)
    name = built(plan, 0)
    relation = next(step.relation for step in plan.steps if step.title.split()[1:2] == [name])
    restaurants.execute(f"create index {name} on {relation} (id)")
    restaurants.execute(
        f"update pg_catalog.pg_index set indisvalid = false where indexrelid = 'public.{name}'::regclass"
    )
    tool.up(restaurants, tmp_path)
    assert schema_dump(restaurants) == tight


@pytest.mark.parametrize("commits", [True, False])
def test_a_file_fills_no_row_silently_for_who_is_held_by_a_policy(fresh_database, commits):
    database = fresh_database("""
        create role export_owner login;
        create table notes (id int, told text);
        insert into notes values (1), (2);
        alter table notes owner to export_owner;
        alter table notes enable row level security; alter table notes force row level security;
    """)
    text = "update public.notes as child set told = 'x' where child.told is null"
    with database.connect("export_owner") as held, pytest.raises(psycopg.errors.InsufficientPrivilege):
        held.execute(looped(text, commits=commits).encode())
