"""What tests share that leave nothing behind, and so can use one database one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tenantry.testing.databases import Database, Workshop


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
