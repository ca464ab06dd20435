"""Does an export bear what names hold: quotes, line breaks, dollars, percent signs, colons, another tool's words?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hostile import NAMES, leaking_schema
from migrating import TOOLS_BY_NAME
from planning import apply_to, guessed, plan_of, schema_dump, undo_on

from tenantry.errors import ExportRefused
from tenantry.plan.export import dbmate
from tenantry.plan.export.batches import looped
from tenantry.plan.export.segment import segments
from tenantry.plan.export.write import Target, write
from tenantry.plan.reconcile import reconcile
from tenantry.session.connect import connect

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)


@pytest.mark.parametrize("tool", TOOLS_BY_NAME.values(), ids=TOOLS_BY_NAME)
def test_hostile_names_reach_the_database_as_they_are(template_database, clone, tool, tmp_path):
    load = leaking_schema().encode()
    database = clone(template_database("hostile", lambda connection: connection.execute(load)))
    blueprint = guessed(database)
    before = schema_dump(database)
    plan = apply_to(database, blueprint)
    applied = schema_dump(database)
    undo_on(database)
    assert schema_dump(database) == before

    write(plan, tool.target, tmp_path)
    tool.up(database, tmp_path)
    assert schema_dump(database, *tool.own) == applied
    with connect(database.url()) as connection:
        assert reconcile(connection) > len(NAMES)
    assert plan_of(database, blueprint).steps == ()
    tool.down(database, tmp_path)
    assert schema_dump(database, *tool.own) == before


def test_a_line_that_dbmate_would_take_for_its_own_is_refused(restaurants):
    restaurants.execute('alter table public.bookings rename to "book\n-- migrate:down\nings"')
    plan = plan_of(restaurants, guessed(restaurants))
    with pytest.raises(ExportRefused, match="migrate"):
        dbmate.files(plan, datetime.now(UTC), ())


@pytest.mark.parametrize("commits", [True, False])
def test_rows_are_changed_in_batches_to_the_last(database, commits):
    database.execute("create table public.rows as select number, null as told from generate_series(1, 35) as number")
    text = """update public.rows as child set told = '$batches0$'
        where child.ctid in (select child.ctid from public.rows as child where child.told is null limit 10)"""
    database.execute(looped(text, commits=commits))
    with database.connect() as connection:
        found = connection.execute("select count(told), count(distinct xmin::text) from public.rows").fetchone()
    assert found == (35, 4 if commits else 1)


def test_what_stands_alone_is_one_statement_in_a_file_of_its_own(restaurants, tmp_path):
    plan = plan_of(restaurants, guessed(restaurants))
    lone = [segment for segment in segments(plan) if segment.is_alone]
    assert len(lone) > 20
    assert all(len(piece.statements) == 1 for segment in lone for piece in (*segment.up, *segment.down))
    assert all(len(segment.up) < 2 and len(segment.down) < 2 for segment in lone)
    files = [file.read_text() for file in write(plan, Target.SQL, tmp_path)]
    assert len([text for text in files if "\nbegin;\n" not in text]) == sum(len(s.up) + len(s.down) for s in lone)
