"""Does reconcile note what another tool made, and refuse what it cannot know?"""

from __future__ import annotations

import psycopg
import pytest
from command import run
from migrating import TOOLS_BY_NAME, psql
from planning import apply_to, guessed, plan_of, schema_dump, undo_on

from tenantry.blueprint.model import Blueprint, Table
from tenantry.catalog.read import read
from tenantry.errors import ExportRefused, NothingApplied, PlanUnfinished
from tenantry.plan.drift import drifted
from tenantry.plan.export.write import Target, write
from tenantry.plan.journal import read_journal
from tenantry.plan.model import Plan
from tenantry.plan.reconcile import reconcile
from tenantry.plan.refusal import PlanUnknown
from tenantry.session.connect import connect

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)
PSQL = TOOLS_BY_NAME["psql"]


def reconciled(database, plan: Plan | None = None) -> int:
    with connect(database.url()) as connection:
        return reconcile(connection, plan)


def drift_of(database) -> list[str]:
    with connect(database.url()) as connection:
        return [one.object for one in drifted(read(connection), read_journal(connection))]


def exported(database, blueprint: Blueprint, directory) -> Plan:
    plan = plan_of(database, blueprint)
    write(plan, Target.SQL, directory)
    return plan


@pytest.fixture
def small(fresh_database):
    """Give a database of three tables and a role."""
    return fresh_database("""
        do $$ begin create role case_web nologin; exception when duplicate_object then null; end $$;
        create table public.companies (id uuid primary key, name text not null);
        create table public.notes (id uuid primary key, company_id uuid not null references public.companies);
        create table public.words (word text primary key);
        grant select, insert, update, delete on public.companies, public.notes, public.words to case_web;
    """)


@pytest.fixture
def blueprint(small) -> Blueprint:
    words = {"words": Table(shared="a dictionary")}
    return guessed(small).model_copy(update={"tables": words})


def test_without_a_journal_there_is_nothing_to_reconcile(small):
    with pytest.raises(NothingApplied):
        reconciled(small)


def test_a_plan_that_never_ran_here_is_refused(small, blueprint, tmp_path):
    other = exported(small, blueprint, tmp_path)
    apply_to(small, blueprint.model_copy(update={"tables": {"words": Table(shared="said otherwise", writable=True)}}))
    with pytest.raises(PlanUnknown):
        reconciled(small, other)


def test_a_plan_with_steps_to_come_is_refused(small, blueprint, tmp_path):
    exported(small, blueprint, tmp_path)
    for file in sorted(tmp_path.glob("up/*.sql"))[:-1]:
        psql(small, file)
    with pytest.raises(PlanUnfinished):
        reconciled(small)


def test_an_object_that_went_meanwhile_is_not_taken_for_what_the_plan_made(small, blueprint, tmp_path):
    exported(small, blueprint, tmp_path)
    PSQL.up(small, tmp_path)
    small.execute("drop policy tenantry_floor on public.notes")
    with pytest.raises(PlanUnfinished, match=r"policy tenantry_floor on public\.notes"):
        reconciled(small)


def test_drift_is_not_laundered(small, blueprint, tmp_path):
    exported(small, blueprint, tmp_path)
    PSQL.up(small, tmp_path)
    assert reconciled(small) > 40
    small.execute("drop policy tenantry_floor on public.notes")
    assert reconciled(small) == 0
    assert drift_of(small) == ["policy tenantry_floor on public.notes"]


def test_an_object_whose_absence_was_wanted_is_drift_when_it_comes_back(small, blueprint, tmp_path):
    """The journal holds no text for it, as for an object that nobody has read yet."""
    exported(small, blueprint, tmp_path)
    PSQL.up(small, tmp_path)
    reconciled(small)
    name = "tenantry_notes_pkey"
    small.execute(f"create unique index {name} on public.notes (company_id, id)")
    assert reconciled(small) == 0
    assert drift_of(small) == [f"index {name} on public.notes"]


def test_files_run_out_of_order_or_twice_are_refused(small, blueprint, tmp_path):
    exported(small, blueprint, tmp_path)
    first, second, *_ = sorted(tmp_path.glob("up/*.sql"))
    with pytest.raises(AssertionError, match="does not exist"):
        psql(small, second)
    psql(small, first)
    with pytest.raises(AssertionError, match="already exists"):
        psql(small, first)


def test_a_plan_is_not_begun_while_another_has_steps_to_come(small, blueprint, tmp_path):
    exported(small, blueprint, tmp_path)
    first = sorted(tmp_path.glob("up/*.sql"))[0]
    psql(small, first)
    begun = next(one for one in first.read_text().split("do $begin$")[1:])
    with pytest.raises(psycopg.errors.RaiseException, match="is not ended"):
        small.execute(f"do $begin${begun.partition('commit;')[0]}")


def test_two_exports_run_in_one_go_and_go_back_in_two(small, blueprint, tmp_path):
    """What a pipeline does on a fresh database: nobody reconciles between the two."""
    before = schema_dump(small)
    directories = [tmp_path / "first", tmp_path / "second"]
    exported(small, blueprint, directories[0])
    PSQL.up(small, directories[0])
    reconciled(small)
    one = schema_dump(small)
    later = blueprint.model_copy(update={"tables": {"words": Table(shared="a dictionary", writable=True)}})
    exported(small, later, directories[1])
    PSQL.up(small, directories[1])
    both = schema_dump(small)
    undo_on(small)
    undo_on(small)
    assert schema_dump(small) == before

    for directory in directories:
        PSQL.up(small, directory)
    assert schema_dump(small) == both
    reconciled(small)
    assert plan_of(small, later).steps == ()
    PSQL.down(small, directories[1])
    assert schema_dump(small) == one
    assert plan_of(small, blueprint).steps == ()
    PSQL.down(small, directories[0])
    assert schema_dump(small) == before


def test_part_of_the_way_back_and_up_again_ends_where_it_was(small, blueprint, tmp_path):
    exported(small, blueprint, tmp_path)
    PSQL.up(small, tmp_path)
    reconciled(small)
    tight = schema_dump(small)
    downs, ups = (sorted(tmp_path.glob(f"{way}/*.sql")) for way in ("down", "up"))
    # the swap of the key and what goes ahead of its way back, then the index that it took over, and its note
    for file in downs[:4]:
        psql(small, file)
    assert schema_dump(small) != tight
    assert plan_of(small, blueprint).steps != ()
    for file in ups[-3:]:
        psql(small, file)
    assert reconciled(small) > 0
    assert schema_dump(small) == tight
    assert plan_of(small, blueprint).steps == ()


def test_a_plan_is_written_into_a_directory_once(small, blueprint, tmp_path):
    plan = exported(small, blueprint, tmp_path)
    with pytest.raises(ExportRefused, match="already"):
        write(plan, Target.SQL, tmp_path)


def test_the_commands_say_what_they_wrote_and_read(small, tmp_path):
    (tmp_path / "tenantry.toml").write_text('[tables.words]\nshared = "a dictionary"\n')
    written = run("plan", small.url(), "--format", "sql", "--out", "steps", cwd=tmp_path)
    assert (written.status, len(written.stdout.splitlines())) == (0, len(list(tmp_path.glob("steps/*/*.sql"))))
    PSQL.up(small, tmp_path / "steps")
    unread = run("plan", small.url(), cwd=tmp_path)
    assert (unread.status, "tenantry reconcile" in unread.stderr) == (2, True)
    assert run("reconcile", small.url(), cwd=tmp_path).stdout.startswith("Read and noted: ")
    assert run("plan", small.url(), cwd=tmp_path).stdout.startswith("Nothing to do")
    assert run("reconcile", small.url(), cwd=tmp_path).stdout == "Nothing to reconcile.\n"


def test_a_form_of_another_tool_without_a_directory_is_refused(small, tmp_path):
    ended = run("plan", small.url(), "--format", "dbmate", cwd=tmp_path)
    assert ended.status == 2
    assert "--out" in ended.stderr
    assert list(tmp_path.iterdir()) == []
