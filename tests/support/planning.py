"""How tests plan, apply and undo on a database: in this process, as the commands do."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Callable

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.write import written
from tenantry.catalog.read import read
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.apply import undo as take_back
from tenantry.plan.journal import read_journal
from tenantry.plan.model import Plan
from tenantry.session.connect import connect
from tenantry.testing.databases import Database
from tenantry.wanted import planned


def guessed(database: Database) -> Blueprint:
    """Give the blueprint that init writes."""
    with connect(database.url()) as connection:
        return Blueprint.model_validate(tomllib.loads(written(read(connection), Blueprint())))


def plan_of(database: Database, blueprint: Blueprint) -> Plan:
    with connect(database.url()) as connection:
        return planned(connection, blueprint)


def apply_to(
    database: Database, blueprint: Blueprint, tell: Callable[[str], None] = lambda _: None, **limits: float
) -> Plan:
    """Plan and apply, or go on with what was begun; give the plan."""
    with connect(database.url()) as connection, connect(database.url()) as look:
        plan = planned(connection, blueprint)
        run_plan(connection, look, plan, Limits(**limits), tell)
        return plan


def undo_on(database: Database, tell: Callable[[str], None] = lambda _: None) -> None:
    with connect(database.url()) as connection, connect(database.url()) as look:
        begun = read_journal(connection).last
        assert begun is not None, "nothing to undo"
        take_back(connection, look, begun, Limits(), tell)


def schema_dump(database: Database, *options: str) -> str:
    """Give the dump of the schema, without the token that pg_dump draws anew each time; pg_dump takes the options."""
    done = subprocess.run(
        [database.server.bin_dir / "pg_dump", "--schema-only", *options, database.url()],
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))
