"""The golden plans under tests/plans: what a blueprint makes of a small database, as files that a reviewer reads.

python tools/plans.py build [case...]    write the golden files of every case, or of those named, anew

A case is a folder: ``before.sql`` and ``blueprint.toml`` are written by hand; ``plan.txt``, ``plan.json`` and
``after.txt`` are made from them on PostgreSQL 18. With a ``blueprint2.toml`` the blueprint changes after the first plan
was applied, and ``plan2.txt``, ``plan2.json`` and ``after2.txt`` tell the second. What every database gets alike (the
schema tenantry and the context) is left out, and so is what differs from server to server.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tenantry.blueprint.load import load
from tenantry.blueprint.model import Blueprint
from tenantry.catalog.read import read
from tenantry.plan.apply import Limits, apply
from tenantry.plan.live import live
from tenantry.plan.model import Plan, Step
from tenantry.plan.show import PlanFormat, is_own, shown
from tenantry.session.connect import connect
from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import embedded
from tenantry.wanted import planned

__all__ = ["Case", "Stage", "after_file", "build", "cases", "plan_files"]

PLANS = Path(__file__).parent.parent / "tests" / "plans"
DATABASE = "application"
_VOLATILE = {"asked", "became", "format", "database", "server_version_num", "catalog", "number"}


@dataclass(frozen=True)
class Stage:
    """One plan of a case: its blueprint, and what the names of its golden files end with."""

    number: str
    blueprint: Blueprint


@dataclass(frozen=True)
class Case:
    """One folder of golden files."""

    folder: Path

    @property
    def name(self) -> str:
        """Give the folder's name."""
        return self.folder.name

    @property
    def before(self) -> str:
        """Give the statements that make the database."""
        return (self.folder / "before.sql").read_text(encoding="utf-8")

    @property
    def known_fault(self) -> str:
        """Say why the plan is known to be wrong; empty where it is right."""
        note = self.folder / "xfail.txt"
        return note.read_text(encoding="utf-8").strip() if note.is_file() else ""

    def stages(self) -> Iterator[Stage]:
        """Give the blueprints that are planned one after the other."""
        for number in ("", "2"):
            file = self.folder / f"blueprint{number}.toml"
            if file.is_file():
                yield Stage(number, load(file))


def cases() -> list[Case]:
    """Give every case by name."""
    return [Case(file.parent) for file in sorted(PLANS.glob("*/before.sql"))]


def plan_files(stage: Stage, plan: Plan) -> Mapping[str, str]:
    """Give the golden files that tell a plan."""
    about = _of_the_application(plan)
    text = shown(about, PlanFormat.TEXT)
    told = text.rpartition("\nplan ")[0] or text
    return {
        f"plan{stage.number}.txt": told,
        f"plan{stage.number}.json": json.dumps(
            _lasting(about.model_dump(mode="json")), indent=1, sort_keys=True, ensure_ascii=False
        )
        + "\n",
    }


def after_file(connection: psycopg.Connection, stage: Stage, plan: Plan) -> Mapping[str, str]:
    """Give the golden file that tells what every object of an applied plan is now."""
    catalog = read(connection)
    objects = dict.fromkeys(change.object for step in _of_the_application(plan).steps for change in step.changes)
    told = ((name, live(catalog, name.replace(DATABASE, plan.database))) for name in objects)
    text = "\n".join(f"{name}\n{_indented(lines)}" for name, lines in told)
    return {f"after{stage.number}.txt": text.replace(plan.database, DATABASE)}


def _indented(lines: tuple[str, ...]) -> str:
    return "".join(f"    {line}".rstrip() + "\n" for text in lines or ("-- none",) for line in text.splitlines())


def _of_the_application(plan: Plan) -> Plan:
    """Leave out what every database gets alike, and call the database by one name."""
    named = Plan.model_validate_json(plan.model_dump_json().replace(plan.database, DATABASE))
    kept = (_changed(step) for step in named.steps)
    steps = (step for step in kept if step.changes)
    return named.model_copy(
        update={"steps": tuple(step.model_copy(update={"number": number}) for number, step in enumerate(steps, 1))}
    )


def _changed(step: Step) -> Step:
    return step.model_copy(update={"changes": tuple(change for change in step.changes if not is_own(change))})


def _lasting(value: object) -> object:
    """Leave out hashes, versions and what is empty."""
    if isinstance(value, dict):
        parts = {key: _lasting(part) for key, part in value.items() if key not in _VOLATILE}
        return {key: part for key, part in parts.items() if part not in (None, "", [], {}, False)}
    return [_lasting(part) for part in value] if isinstance(value, list) else value


# -- building -------------------------------------------------------------------------------------------


def build(database: Database, case: Case) -> dict[str, str]:
    """Plan and apply every stage of a case on an empty database; give the golden files."""
    database.execute(case.before)
    made: dict[str, str] = {}
    for stage in case.stages():
        with connect(database.url()) as connection, connect(database.url()) as look:
            plan = planned(connection, stage.blueprint)
            made |= plan_files(stage, plan)
            apply(connection, look, plan, Limits(), lambda _: None)
            made |= after_file(connection, stage, plan)
    return made


def main(arguments: list[str]) -> int:
    """Write the golden files, and give the exit status."""
    if arguments[:1] != ["build"]:
        print(__doc__, file=sys.stderr)
        return 2
    # why: what is known to be wrong is no golden file
    sound = [case for case in cases() if not case.known_fault]
    chosen = [case for case in sound if not arguments[1:] or case.name in arguments[1:]]
    with embedded() as server:
        workshop = Workshop(server)
        return max((_write(workshop, case) for case in chosen), default=2)


def _write(workshop: Workshop, case: Case) -> int:
    started = time.monotonic()
    try:
        with workshop.database() as database:
            made = build(database, case)
    except Exception as error:  # noqa: BLE001 (the other cases are written all the same)
        print(f"{case.name}: {type(error).__name__}: {error}")
        return 1
    for name, text in made.items():
        (case.folder / name).write_text(text, encoding="utf-8")
    print(f"{case.name}: written in {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
