"""Is every plan under tests/plans what a reviewer read, does it hold once applied, and is all as before after undo?

Golden text is that of PostgreSQL 18; on older servers the same plans are applied and taken back without comparing it.
"""

from __future__ import annotations

import difflib
import re

import pytest
from planning import apply_to, plan_of, schema_dump, undo_on
from tools.plans import Case, Stage, after_file, cases, plan_files

from tenantry.plan.show import PlanFormat, shown
from tenantry.session.connect import connect
from tenantry.testing.databases import Database

GOLDEN_VERSION = 18
LONGEST_DIFFERENCE = 30
# What belongs to the whole server and so stands in no dump of a database.
OF_THE_SERVER = """
select 'role ' || role.rolname from pg_catalog.pg_roles as role
union all
select member.roleid::regrole || ' to ' || member.member::regrole from pg_catalog.pg_auth_members as member
union all
select pg_catalog.concat_ws(' ', acl.grantee::regrole, acl.privilege_type, acl.is_grantable)
from pg_catalog.pg_database as here, pg_catalog.aclexplode(
    coalesce(here.datacl, pg_catalog.acldefault('d', here.datdba))) as acl
where here.datname = pg_catalog.current_database()
order by 1
"""


def _named() -> list[object]:
    return [
        pytest.param(case, id=case.name, marks=[pytest.mark.xfail(reason=case.known_fault)] if case.known_fault else [])
        for case in cases()
    ]


def state(database: Database) -> str:
    """Give the dump of the schema, and what of the server a plan may touch."""
    with connect(database.url()) as connection:
        return "\n".join([schema_dump(database), *(row[0] for row in connection.execute(OF_THE_SERVER))])


def difference(expected: list[str], found: list[str], name: str) -> str:
    """Give the first lines in which two texts differ."""
    lines = difflib.unified_diff(expected, found, f"{name}, expected", f"{name}, found", lineterm="", n=1)
    return "\n".join(list(lines)[:LONGEST_DIFFERENCE])


def unlike_golden(case: Case, made: dict[str, str]) -> str:
    """Give the difference to the golden files."""
    told = []
    for name, text in made.items():
        file = case.folder / name
        golden = file.read_text(encoding="utf-8") if file.is_file() else ""
        told.append(difference(golden.splitlines(), text.splitlines(), f"{case.name}/{name}"))
    return "\n".join(filter(None, told))


def nothing_to_do(database: Database, stage: Stage) -> None:
    """Fail with the objects that a plan would change."""
    steps = plan_of(database, stage.blueprint).steps
    assert steps == (), [change.object for step in steps for change in step.changes]


@pytest.mark.parametrize("case", _named())
def test_a_plan_is_as_reviewed_and_comes_back(fresh_database, server, case):
    database = fresh_database(case.before)
    before, stages = [state(database)], list(case.stages())
    for stage in stages:
        plan = plan_of(database, stage.blueprint)
        assert plan.steps, "a case is about something that changes"
        apply_to(database, stage.blueprint)
        if server.major == GOLDEN_VERSION:
            with connect(database.url()) as connection:
                unlike = unlike_golden(case, {**plan_files(stage, plan), **after_file(connection, stage, plan)})
            assert not unlike, f"{unlike}\nIf this is meant: python tools/plans.py build {case.name}"
        nothing_to_do(database, stage)
        before.append(state(database))
    for number in reversed(range(len(stages))):
        undo_on(database)
        # why: between two plans tenantry's own access lists may come back in another order
        order = sorted if number else list
        left = difference(order(before[number].splitlines()), order(state(database).splitlines()), "after undo")
        assert not left, left
        if number:
            nothing_to_do(database, stages[number - 1])


def test_there_are_enough_cases():
    assert len(cases()) >= 60


def test_as_sql_an_index_is_built_in_no_transaction(fresh_database):
    case = next(case for case in cases() if case.name == "key_led_by_tenant")
    text = shown(plan_of(fresh_database(case.before), next(case.stages()).blueprint), PlanFormat.SQL)
    transactions = [part.partition("commit;")[0] for part in text.split("begin;\n")[1:]]
    built = re.compile("^create unique index concurrently", re.MULTILINE)
    assert built.search(text)
    # why: the journal's rows, written in a transaction, hold the statements too, within a line
    assert not [part for part in transactions if built.search(part)]
