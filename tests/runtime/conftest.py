"""The database that tests of the runtime share: one that ``apply`` has fenced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from running import template

from tenantry.testing.databases import Database, Workshop


@pytest.fixture
def fenced(workshop: Workshop, clone: Callable[[str], Database]) -> Database:
    """Give a copy of the fenced database with fifty tenants, five bookings each."""
    return clone(template(workshop))
