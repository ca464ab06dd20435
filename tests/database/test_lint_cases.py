"""Does every lint say what its cases expect, on every server, and is every lint complete?"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tenantry.sql import library
from tenantry.verify import lint as lints
from tenantry.verify import lint_text
from tenantry.verify.facts import LintFacts
from tenantry.verify.model import Kind, Level

LINTS = Path(lints.__file__).parent / "lints"
FOLDERS = sorted(entry.name for entry in LINTS.iterdir() if (entry / "lint.sql").is_file())
SHARED = lint_text.read_shared(LINTS / "shared")
QUERIES = sorted([*LINTS.glob("*/lint.sql"), *LINTS.glob("shared/*.sql")])
LONGEST_LINE = 120
VERSIONS = (18, 15)
HEADER = {"title", "level", "kind", "why", "fix"}


def sections(folder: str) -> tuple[library.Section, ...]:
    """Read a lint's cases from its file; an unreadable lint must not hide the others."""
    cases = LINTS / folder / "cases.sql"
    return library.read(cases, section="case").sections if cases.is_file() else ()


def loaded(folder: str) -> lints.Lint:
    """Find a discovered lint by its folder."""
    return next(lint for lint in lints.discover() if f"{lint.code}_{lint.name}" == folder)


def first_major(section: library.Section) -> int:
    """Give the first major version a case runs on."""
    return int(section.header.get("min_version", "0")) // 10_000


def runs() -> list[object]:
    """List every case on every server that has what it needs."""
    return [
        pytest.param(version, folder, number, id=f"{version}-{folder}-{section.title}")
        for version in VERSIONS
        for folder in FOLDERS
        for number, section in enumerate(sections(folder))
        if version >= first_major(section)
    ]


@pytest.mark.parametrize(("server", "folder", "number"), runs(), indirect=["server"])
def test_a_case_names_exactly_the_expected_objects(scratch: psycopg.Connection, folder: str, number: int) -> None:
    lint = loaded(folder)
    case = lint.cases[number]
    assert lints.run_case(scratch, lint, case) == case.expect


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_lint_has_a_case_that_fires_and_one_that_is_silent(folder: str) -> None:
    silent = [section.header.get("expect") == "nothing" for section in sections(folder)]
    assert silent.count(False) >= 1, "no case expects a finding"
    assert silent.count(True) >= 1, "no case expects nothing"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_case_says_what_it_expects_and_has_its_own_title(folder: str) -> None:
    found = sections(folder)
    assert all(section.header.get("expect") for section in found)
    assert len({section.title for section in found}) == len(found)


@pytest.mark.parametrize("folder", FOLDERS)
def test_min_version_is_a_server_version_num(folder: str) -> None:
    numbers = [int(section.header.get("min_version", "150000")) for section in sections(folder)]
    assert all(number >= 150_000 for number in numbers)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_lint_header_is_complete(folder: str) -> None:
    header = library.read(LINTS / folder / "lint.sql").header
    assert {key for key in HEADER if header.get(key)} == HEADER
    assert header["level"] in set(Level)
    assert header["kind"] in set(Kind)


def test_lint_codes_are_unique() -> None:
    codes = Counter(folder.partition("_")[0] for folder in FOLDERS)
    assert [code for code, times in codes.items() if times > 1] == []


def test_every_folder_is_discovered() -> None:
    assert sorted(f"{lint.code}_{lint.name}" for lint in lints.discover()) == FOLDERS


def test_a_case_runs_from_its_first_version_on() -> None:
    case = lints.Case(title="", statements="", expect=frozenset(), min_version=170_000)
    assert (case.runs_on(180_004), case.runs_on(170_000), case.runs_on(150_018)) == (True, True, False)


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_query_is_needed_by_two_lints_or_more(name: str) -> None:
    needed = [lint.code for lint in lints.discover() if re.search(rf"(?m)^(with recursive )?{name} as ", lint.query)]
    assert SHARED[name].about
    assert len(needed) >= 2, needed


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_query_uses_what_it_names_and_names_what_it_uses(file: Path) -> None:
    body = library.read(file).body
    read = {name for name in re.findall(r"\b(?:from|join)\s+([a-z_]+)\b(?!\s*\()", body) if name in SHARED}
    defined = set(re.findall(r"(?m)^(?:with (?:recursive )?)?([a-z_]+) (?:\([^)]*\) )?as (?:materialized )?\($", body))
    assert read - {file.stem} == set(uses(file))
    assert not defined & SHARED.keys(), "a shared query has that name"


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_lines_of_a_query_fit(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE] == []


def test_secrets_in_a_table_of_the_platform_are_closed_by_taking_the_grant(scratch: psycopg.Connection) -> None:
    with scratch.transaction(force_rollback=True):
        scratch.execute(
            "create schema auth; create table auth.users (id uuid primary key, password_hash text); "
            "create role case_reader; grant usage on schema auth to case_reader; "
            "grant select (id, password_hash) on auth.users to case_reader; grant insert on auth.users to public"
        )
        reader = scratch.execute("select 'case_reader'::regrole::oid").fetchone()
        findings, _ = lints.run_all(scratch, LintFacts(app_roles=(reader[0],)))
    assert [one.fix for one in findings if one.code == "T93"] == ["revoke select on auth.users from case_reader;"]


def uses(file: Path) -> list[str]:
    """Give the shared queries a file names in its header."""
    return [name for name in library.read(file).header.get("uses", "").split(", ") if name]
