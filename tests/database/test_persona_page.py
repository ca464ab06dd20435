"""Is every cell of the page that `tenantry personas` writes what a real token can do, and no more?"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from command import Ended, run
from offices import ANNE, APP, BLUEPRINT, declared, offices, session
from planning import apply_to
from test_personas import COLUMNS, INSERTS, PERSONAS, VERBS

from tenantry.testing.databases import Database

OWN = {"shifts": "user_id"}
WEAKENINGS = (
    f"create policy wide on public.notes for select to {APP} using (true)",
    "alter policy tenantry_may_delete on public.jobs using (true)",
    "alter policy tenantry_may_select on public.shifts using ((select tenantry.has_any_role('{manager,staff}')))",
    "drop policy tenantry_may_update on public.jobs",
)

Cell = tuple[str, str, str]


@pytest.fixture
def database(fresh_database: Callable[[str], Database]) -> Database:
    return offices(fresh_database, PERSONAS)


def personas(database: Database, directory: Path, *arguments: str, said: str = BLUEPRINT + PERSONAS) -> Ended:
    (directory / "tenantry.toml").write_text(said, encoding="utf-8")
    return run("personas", database.url(), *arguments, cwd=directory)


def cells_of(page: str) -> dict[Cell, str]:
    """Read the page's table back: what each (persona, table, verb) is said to be, any, own or refused."""
    lines = [_cells(line) for line in page.splitlines() if line.startswith("| ")]
    head, _, *rows = lines
    found = {}
    for table, *said in rows:
        for persona, words in zip(head[1:], said, strict=True):
            given = [word.strip() for word in words.split(",")]
            for verb in VERBS:
                told = "any" if verb in given else "own" if f"{verb} (own)" in given else "refused"
                found[persona, table.removeprefix("public."), verb] = told
    return found


def _cells(line: str) -> list[str]:
    return [html.unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in line.strip("| ").split("|")]


def wrong_cells(database: Database, page: str) -> list[tuple[Cell, str, str]]:
    """Give every cell in which the database does something else than the page says."""
    return [(cell, told, did) for cell, told in cells_of(page).items() if (did := done(database, cell)) != told]


def done(database: Database, cell: Cell) -> str:
    """Say what a token of the persona does: reaches others' rows of its tenant, only the actor's own, or none."""
    persona, table, verb = cell
    for told, owned in (("any", "other"), ("own", "own")):
        with session(database, APP, actor=ANNE, roles=(persona,)) as connection:
            if any(_works(connection, text) for text in statements(table, verb, owned)):
                return told
    return "refused"


def statements(table: str, verb: str, owned: str) -> Iterator[str]:
    """Give the statements that try it on a row of another user, or on the actor's own, where rows are users'."""
    column = OWN.get(table)
    if verb == "insert":
        text = INSERTS[table]
        yield text.replace(f" {ANNE},", " 12,") if column and owned == "other" else text
        return
    where = f" where {column} {'<>' if owned == 'other' else '='} {ANNE}" if column else ""
    yield {
        "select": f"select from {table}",
        "update": f"update {table} set {COLUMNS[table]}",
        "delete": f"delete from {table}",
    }[verb] + where


def _works(connection: psycopg.Connection, text: str) -> bool:
    try:
        with connection.transaction():
            # why: an insert of an office that is there gives no row, and is refused where it may not be tried
            return connection.execute(text.encode()).rowcount > 0 or text.startswith("insert")
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.ForeignKeyViolation:
        return True


def test_every_cell_of_the_page_is_what_a_token_can_do(database: Database, tmp_path: Path) -> None:
    ended = personas(database, tmp_path)
    assert (ended.status, ended.stderr) == (0, "")
    cells = cells_of(ended.stdout)
    assert len(cells) == 3 * len(INSERTS) * len(VERBS)
    assert cells["staff", "shifts", "select"] == "own"
    assert set(cells.values()) == {"any", "own", "refused"}
    assert wrong_cells(database, ended.stdout) == []
    assert "No persona may do anything on public.notes" in html.unescape(ended.stdout)


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda text: text[:40])
def test_a_weakened_policy_is_seen_by_the_walk_and_told_by_the_verb(
    database: Database, tmp_path: Path, weakening: str
) -> None:
    page = personas(database, tmp_path).stdout
    database.execute(weakening)
    assert wrong_cells(database, page) != []
    ended = personas(database, tmp_path)
    assert (ended.status, ended.stdout) == (1, page)
    assert "policy " in ended.stderr


@pytest.mark.parametrize("server", [18], indirect=True)
def test_the_page_says_what_stands_beside_the_matrix(fresh_database: Callable[[str], Database], tmp_path: Path) -> None:
    more = """
        [tables.notes]
        withhold = ["delete"]
        [tables.jobs.crossing]
        verbs = ["select", "update"]
        reason = "a worker takes | whichever job"
    """
    said = PERSONAS.replace('all = ["offices", "people", "jobs", "shifts"]', 'all = ["*"]') + more
    database = offices(fresh_database, said)
    ended = personas(database, tmp_path, "--out", "page.md", said=BLUEPRINT + said)
    assert (ended.status, ended.stdout, ended.stderr) == (0, "", "")
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert cells_of(page)["manager", "notes", "delete"] == "refused"
    assert wrong_cells(database, page) == []
    told = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert "public.jobs: select, update. a worker takes | whichever job" in told
    assert "public.notes: delete" in told
    assert "public.shifts: that of the user in user_id" in told
    assert "office_reader" in told


@pytest.mark.parametrize("server", [18], indirect=True)
def test_before_apply_the_page_is_written_and_said_not_to_hold(
    fresh_database: Callable[[str], Database], tmp_path: Path, database: Database
) -> None:
    page = personas(database, tmp_path).stdout
    apply_to(database, declared())
    ended = personas(database, tmp_path)
    assert (ended.status, ended.stdout) == (1, page)
    assert "tenantry plan" in ended.stderr


@pytest.mark.parametrize("server", [18], indirect=True)
def test_wrong_input_is_told_and_ends_with_two(database: Database, tmp_path: Path) -> None:
    def code(*arguments: str, said: str = BLUEPRINT + PERSONAS) -> tuple[int, str]:
        ended = personas(database, tmp_path, *arguments, said=said)
        return ended.status, ended.stderr.rstrip().rpartition("[")[2].rstrip("]")

    assert code(said=BLUEPRINT) == (2, "TN350")
    assert code("--out", ".") == (2, "TN025")
    assert code("--blueprint", "none.toml")[0] == 2
    assert code(said=f'{BLUEPRINT}[personas.a]\nselect = ["nowhere"]\n')[0] == 2
    assert run("personas", "postgresql://nobody@127.0.0.1:1/none", cwd=tmp_path).status == 2
