"""Do the documents agree with the code: decisions, errors with a way out, pages that are up to date?"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import tenantry
from tenantry.errors import TenantryError

PROJECT = Path(__file__).parent.parent.parent
DOCS = PROJECT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def all_errors() -> list[type[TenantryError]]:
    for module in walk_packages(tenantry.__path__, "tenantry."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return sorted(descendants(TenantryError), key=lambda error: error.code)


def descendants(error: type[TenantryError]) -> Iterator[type[TenantryError]]:
    for child in error.__subclasses__():
        if child.__module__.startswith("tenantry."):
            yield child
            yield from descendants(child)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(error.__dict__.get("code", "none") for error in (TenantryError, *all_errors()))
    assert [code for code, times in codes.items() if times > 1 or not re.fullmatch(r"TN\d{3}", code)] == []


def test_every_error_says_what_happened_and_the_way_out() -> None:
    silent = [error.__name__ for error in all_errors() if not error.__doc__ or not error.__dict__.get("way_out")]
    assert silent == []


def test_every_error_says_both_in_its_sentence() -> None:
    for error in all_errors():
        sentence = error().sentence()
        assert error.way_out in sentence
        assert (error.__doc__ or "").splitlines()[0] in sentence


def test_decisions_are_numbered_in_a_row() -> None:
    numbers = [int(file.name.partition("-")[0]) for file in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: file.name)
def test_a_decision_has_a_title_and_its_evidence(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(file.name.partition('-')[0])}. ")
    assert all(f"## {part}" in text for part in ("Decision", "Evidence", "Consequences"))


def test_links_between_documents_lead_somewhere() -> None:
    files = [*PROJECT.glob("*.md"), *DOCS.rglob("*.md")]
    broken = [
        f"{file.relative_to(PROJECT)}: {target}"
        for file in files
        for target in LINK.findall(file.read_text(encoding="utf-8"))
        if not (file.parent / target).exists()
    ]
    assert broken == []


def test_the_reference_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/docs.py", "check"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_trap_names_a_test_that_is_there():
    named = re.findall(r"`(test_\w+)`", (DOCS / "traps.md").read_text(encoding="utf-8"))
    there = {
        name
        for file in (PROJECT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 30
    assert set(named) <= there, set(named) - there
