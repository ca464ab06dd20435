"""What tests share that leave nothing behind, and so can use one database one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tenantry.testing.databases import Database, Loader, Workshop

BEFORE = Path(__file__).parent.parent.parent / "examples" / "restaurant" / "schema" / "before"


@pytest.fixture(scope="session")
def scratch_database(workshop: Workshop) -> Iterator[Database]:
    """Give one empty database per server, for work that is rolled back."""
    with workshop.database() as made:
        yield made


@pytest.fixture
def scratch(scratch_database: Database) -> Iterator[psycopg.Connection]:
    """Give a superuser's connection to the scratch database, in autocommit; roll back what you do."""
    with scratch_database.connect() as connection:
        yield connection


@pytest.fixture
def restaurants(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give the restaurant application's schema in the state before tenantry, without rows."""
    return clone(template_database("restaurants_bare", _load_restaurants))


def _load_restaurants(connection: psycopg.Connection) -> None:
    for file in sorted(BEFORE.glob("*.sql")):
        connection.execute(file.read_bytes())
