"""Does a plan that another tool runs end where apply ends, go back where undo goes, and stay known to the journal?

psql, dbmate and Alembic run themselves. The Supabase CLI runs in containers only; its files are sent as it sends them,
each as one message over one connection, with the note of its version at the end.
"""

from __future__ import annotations

import pytest
from migrating import TOOLS_BY_NAME, Tool
from planning import apply_to, guessed, plan_of, schema_dump, undo_on

from tenantry.catalog.read import read
from tenantry.plan.drift import drifted
from tenantry.plan.export.write import Target, write
from tenantry.plan.journal import read_journal
from tenantry.plan.reconcile import reconcile
from tenantry.session.connect import connect

JOURNAL = """
select 'object', id, asked, asked_text::text, is_kept::text, became, became_text::text, before::text, removal::text
from tenantry.object
union all
select 'step', number::text, status, attempts::text, '', '', '', '', '' from tenantry.step
union all
select 'plan', digest, status, document::text, (ended_at is not null)::text, '', '', '', '' from tenantry.plan
order by 1, 2
"""


@pytest.fixture(params=TOOLS_BY_NAME.values(), ids=TOOLS_BY_NAME)
def tool(request: pytest.FixtureRequest) -> Tool:
    return request.param


def journal_of(database) -> list[tuple]:
    with database.connect() as connection:
        return connection.execute(JOURNAL).fetchall()


def reconciled(database, plan=None) -> int:
    with connect(database.url()) as connection:
        return reconcile(connection, plan)


def drift_of(database) -> list[str]:
    with connect(database.url()) as connection:
        return [one.object for one in drifted(read(connection), read_journal(connection))]


def test_what_a_tool_runs_is_what_apply_does_and_its_way_back_is_undo(restaurants, tool, tmp_path):
    blueprint = guessed(restaurants)
    before = schema_dump(restaurants)
    plan = apply_to(restaurants, blueprint)
    applied, noted = schema_dump(restaurants), journal_of(restaurants)
    undo_on(restaurants)

    write(plan, tool.target, tmp_path)
    tool.up(restaurants, tmp_path)
    assert schema_dump(restaurants, *tool.own) == applied
    assert reconciled(restaurants, plan) > 100
    assert journal_of(restaurants) == noted
    assert plan_of(restaurants, blueprint).steps == ()
    assert drift_of(restaurants) == []

    tool.down(restaurants, tmp_path)
    assert schema_dump(restaurants, *tool.own) == before


def test_undo_takes_back_what_another_tool_ran(restaurants, tmp_path):
    tool = TOOLS_BY_NAME["psql"]
    before = schema_dump(restaurants)
    write(plan_of(restaurants, guessed(restaurants)), tool.target, tmp_path)
    tool.up(restaurants, tmp_path)
    reconciled(restaurants)
    undo_on(restaurants)
    assert schema_dump(restaurants, *tool.own) == before


def test_what_another_tool_left_halfway_apply_goes_on_with(restaurants, tmp_path):
    blueprint = guessed(restaurants)
    plan = apply_to(restaurants, blueprint)
    applied, noted = schema_dump(restaurants), journal_of(restaurants)
    undo_on(restaurants)
    for file in sorted(write(plan, Target.SQL, tmp_path)):
        if file.parent.name == "down" or file.name > "07":
            file.unlink()
    TOOLS_BY_NAME["psql"].up(restaurants, tmp_path)
    apply_to(restaurants, blueprint)
    assert schema_dump(restaurants) == applied
    assert journal_of(restaurants) == noted
