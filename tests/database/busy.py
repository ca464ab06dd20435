"""The database that must look the same before and after: the restaurant, with much that a rollback does not undo."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import psycopg

HERE = Path(__file__).parent
RESTAURANT = HERE.parent.parent / "examples" / "restaurant"


def load_busy(connection: psycopg.Connection) -> None:
    """Fill an empty database with the restaurant before tenantry, its rows, and the additions of busy.sql."""
    for file in sorted((RESTAURANT / "schema" / "before").glob("*.sql")):
        connection.execute(file.read_bytes())
    _restaurant_data().load(connection, tenants=20)
    connection.execute((HERE / "busy.sql").read_bytes())


def _restaurant_data() -> ModuleType:
    """Import the example's rows by path: the examples are no part of the package."""
    name = "restaurant_data_for_tests"
    spec = importlib.util.spec_from_file_location(name, RESTAURANT / "data.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
