"""Does every lint say what its cases expect, on every server, and is every lint complete?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tenantry.sql import library
from tenantry.verify import lint as lints
from tenantry.verify.model import Kind, Level

LINTS = Path(lints.__file__).parent / "lints"
FOLDERS = sorted(entry.name for entry in LINTS.iterdir() if (entry / "lint.sql").is_file())
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
def test_a_case_names_exactly_the_expected_objects(
    scratch: psycopg.Connection, folder: str, number: int
) -> None:
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
