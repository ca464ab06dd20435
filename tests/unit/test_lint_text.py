"""Is a lint's query put together from exactly the shared queries it needs, in an order that works?"""

from __future__ import annotations

from graphlib import CycleError
from pathlib import Path

import pytest

from tenantry.sql import library
from tenantry.verify.lint_text import SharedQuery, assemble, read_shared

FILES = {
    "booking": "-- about: Bookings.\n-- materialized: read once\nselect 1 as id\n",
    "actor": "-- about: Actors.\n-- uses: booking\nselect booking.id from booking\n",
    "unrelated": "-- about: Nothing to do with it.\nselect 3 as id\n",
}


@pytest.fixture
def shared(tmp_path: Path) -> dict[str, SharedQuery]:
    return read_shared(write(tmp_path, FILES))


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def assembled(text: str, shared: dict[str, SharedQuery]) -> str:
    return " ".join(assemble(library.parse("lint.sql", text), shared).split())


def test_what_a_shared_query_needs_comes_before_it(shared: dict[str, SharedQuery]) -> None:
    assert assembled("-- uses: actor\nselect actor.id from actor", shared) == (
        "with recursive booking as materialized ( select 1 as id ), "
        "actor as ( select booking.id from booking ) select actor.id from actor"
    )


@pytest.mark.parametrize("word", ["with", "with recursive"])
def test_a_lint_goes_on_with_its_own_queries(shared: dict[str, SharedQuery], word: str) -> None:
    lint = f"-- uses: booking\n{word} own as (select 2)\nselect from booking, own"
    assert assembled(lint, shared) == (
        "with recursive booking as materialized ( select 1 as id ), own as (select 2) select from booking, own"
    )


def test_a_lint_that_uses_nothing_stays_as_it_is(shared: dict[str, SharedQuery]) -> None:
    assert assembled("-- title: x\nwith own as (select 2) select from own", shared) == (
        "with own as (select 2) select from own"
    )


def test_an_unknown_name_is_refused(shared: dict[str, SharedQuery]) -> None:
    with pytest.raises(LookupError, match=r"lint\.sql uses guest"):
        assembled("-- uses: guest\nselect 1", shared)


def test_an_unknown_name_in_a_shared_query_is_refused(tmp_path: Path) -> None:
    files = {"booking": "-- about: Bookings.\n-- uses: guest\nselect 1"}
    with pytest.raises(LookupError, match=r"shared/booking\.sql uses guest"):
        read_shared(write(tmp_path, files))


def test_queries_that_need_each_other_are_refused(tmp_path: Path) -> None:
    files = {name: f"-- about: x\n-- uses: {other}\nselect 1" for name, other in (("one", "two"), ("two", "one"))}
    with pytest.raises(CycleError):
        read_shared(write(tmp_path, files))
