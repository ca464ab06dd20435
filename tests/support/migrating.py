"""How tests run an export with the tool it is for: psql, dbmate, Alembic, or in place of the Supabase CLI."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenantry.plan.export.write import Target
from tenantry.testing.databases import Database

# Where `make test` installs tools that are no Python.
TOOLS = Path(sys.prefix) / "tools" / "node_modules" / ".bin"
ENV = """
from alembic import context
from sqlalchemy import MetaData, create_engine, pool
from tenantry_objects import include_object

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=MetaData(), include_object=include_object, include_schemas=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
"""
SUPABASE = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key, name text);
"""

Way = Callable[[Database, Path], None]


@dataclass(frozen=True)
class Tool:
    """A tool, both ways through a directory, and what it keeps in the database for itself."""

    target: Target
    up: Way
    down: Way
    own: tuple[str, ...] = ()


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a tool to its end and give what it said; a failure shows that too."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


def psql(database: Database, file: Path) -> None:
    """Run a file as its users are told to."""
    program = database.server.bin_dir / "psql"
    run(program, "-X", "-v", "ON_ERROR_STOP=1", "-q", "-f", file, database.url(), cwd=file.parent)


def _psql_all(folder: str) -> Way:
    def way(database: Database, directory: Path) -> None:
        for file in sorted(directory.glob(f"{folder}/*.sql")):
            psql(database, file)

    return way


def dbmate(database: Database, directory: Path, verb: str) -> str:
    """Run dbmate, or skip the test where it is not installed."""
    program = shutil.which("dbmate", path=os.pathsep.join([str(TOOLS), os.environ.get("PATH", "")]))
    if program is None:
        pytest.skip("dbmate is not installed: npm install --prefix .venv/tools dbmate")
    url = f"{database.url()}&sslmode=disable"
    return run(program, "--url", url, "-d", directory / "migrations", "--no-dump-schema", verb, cwd=directory)


def _dbmate_up(database: Database, directory: Path) -> None:
    dbmate(database, directory, "up")


def _dbmate_down(database: Database, directory: Path) -> None:
    for _ in directory.glob("migrations/*.sql"):
        dbmate(database, directory, "down")


def alembic(database: Database, directory: Path, *words: str) -> str:
    """Run Alembic in a directory, or skip the test where it is not installed."""
    if importlib.util.find_spec("alembic") is None:
        pytest.skip("Alembic is not installed: it is of the dependency group dev.")
    url = database.url().replace("postgresql://", "postgresql+psycopg://").replace("%", "%%")
    (directory / "env.py").write_text(ENV)
    (directory / "script.py.mako").write_text("${upgrades}")
    (directory / "alembic.ini").write_text(
        f"[alembic]\nscript_location = .\nprepend_sys_path = .\nsqlalchemy.url = {url}\n"
    )
    return run(sys.executable, "-m", "alembic", *words, cwd=directory)


def _alembic_up(database: Database, directory: Path) -> None:
    alembic(database, directory, "upgrade", "head")


def _alembic_down(database: Database, directory: Path) -> None:
    alembic(database, directory, "downgrade", "base")


def _supabase_up(database: Database, directory: Path) -> None:
    """Send each file with the note of its version after it, settings reset before.

    What may be in no transaction is the first of a pipeline, as the CLI has it; the others are one simple message.
    """
    database.execute(SUPABASE)
    with database.connect() as connection:
        for file in sorted(directory.glob("migrations/*.sql")):
            version, _, name = file.stem.partition("_")
            noted = f"insert into supabase_migrations.schema_migrations values ('{version}', '{name}')".encode()
            connection.execute("reset all")
            text = file.read_bytes()
            if b"set_config(" in text:
                connection.execute(text + noted)
                continue
            with connection.pipeline():
                connection.execute(text)
                connection.execute(noted)


TOOLS_BY_NAME = {
    "psql": Tool(Target.SQL, _psql_all("up"), _psql_all("down")),
    "dbmate": Tool(Target.DBMATE, _dbmate_up, _dbmate_down, ("--exclude-table=public.schema_migrations",)),
    "supabase": Tool(
        Target.SUPABASE, _supabase_up, _psql_all("tenantry_down_*"), ("--exclude-schema=supabase_migrations",)
    ),
    "alembic": Tool(Target.ALEMBIC, _alembic_up, _alembic_down, ("--exclude-table=public.alembic_version",)),
}
