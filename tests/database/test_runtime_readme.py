"""Does the application in the README run on the restaurants, once tenantry has made them tight?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from examples.restaurant import data, mend
from typer.testing import CliRunner

from tenantry.cli.main import app
from tenantry.testing.databases import Database, Loader

README = Path(mend.__file__).parent.parent.parent / "README.md"
SCHEMA = Path(mend.__file__).parent / "schema" / "before"
WHO = "select member.restaurant_id::text, member.user_id::text from public.restaurant_members as member limit 1"
TABLES = "select count(*) from public.dining_tables where restaurant_id = %s"


def _load(connection: psycopg.Connection) -> None:
    for file in sorted(SCHEMA.glob("*.sql")):
        connection.execute(file.read_bytes())
    data.load(connection, tenants=3)


@pytest.fixture
def restaurants_of_three(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give three restaurants with their rows, in the state before tenantry."""
    return clone(template_database("restaurants_three", _load))


def application() -> dict[str, object]:
    """Run the README's code and give what it defines."""
    block = re.search(r"## Use it from your application.*?```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert block is not None
    names: dict[str, object] = {}
    exec(compile(block[1], str(README), "exec"), names)
    return names


def test_the_application_of_the_readme_runs(
    restaurants_of_three: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database, key = restaurants_of_three, tmp_path / "key.txt"
    mend.apply_plan(database.url(), mend.make_plan(database.url()), lambda _: None)
    made = CliRunner().invoke(app, ["key", "add", database.url(), "--id", "first", "--out", str(key)])
    assert made.exit_code == 0, made.output
    monkeypatch.setenv("DATABASE_URL", database.url("restaurant_app"))
    monkeypatch.setenv("TENANTRY_KEY_FILE", str(key))
    monkeypatch.chdir(tmp_path)
    with database.connect() as connection:
        restaurant, user = connection.execute(WHO).fetchone()
        before = connection.execute(TABLES, [restaurant]).fetchone()[0]
    asyncio.run(application()["main"](restaurant, user))
    assert capsys.readouterr().out.splitlines() == [f"{before + 1} tables", "409 conflict_error"]
