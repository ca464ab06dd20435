"""The database that tests over HTTP share: fenced by ``apply``, with members and personas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from serving import template

from tenantry.testing.databases import Database, Workshop


@pytest.fixture
def served(workshop: Workshop, clone: Callable[[str], Database]) -> Database:
    """Give a copy of it."""
    return clone(template(workshop))
