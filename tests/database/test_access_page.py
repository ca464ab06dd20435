"""Does the example of docs/access.md do what the page says?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from offices import add_key, count, session
from planning import apply_to

from tenantry.blueprint.check import examined
from tenantry.blueprint.doubts import Known
from tenantry.blueprint.model import Blueprint
from tenantry.testing.databases import Database

PAGE = Path(__file__).parent.parent.parent / "docs" / "access.md"
SCHEMA = """
    create role shop_migrations;
    create table shops (id bigint primary key);
    create table sales (id bigint primary key, shop_id bigint not null references shops);
    create table shifts (id bigint primary key, shop_id bigint not null references shops, user_id bigint not null);
    create table jobs (id bigint primary key, shop_id bigint not null references shops);
    insert into shops values (1), (2);
    insert into sales values (1, 1), (2, 2);
    insert into jobs values (1, 1), (2, 2);
    insert into shifts values (1, 1, 11), (2, 1, 12), (3, 2, 21);
"""


def _example() -> str:
    return "\n".join(re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


def test_the_example_is_of_one_piece_and_does_what_the_page_says(fresh_database: Callable[[str], Database]) -> None:
    found = examined(_example().encode())
    assert found.faults == ()
    assert found.doubts(Known(frozenset(), frozenset(), date(2026, 1, 1))) == ()
    database = fresh_database(SCHEMA)
    apply_to(database, Blueprint.model_validate(tomllib.loads(_example())))
    add_key(database)
    with session(database, "shop_app", roles=("staff",)) as connection:
        assert count(connection, "select from sales") == 1
        assert count(connection, "delete from sales") == 0
        assert count(connection, "update shifts set id = id") == 1
    with session(database, "shop_worker", roles=("job",)) as connection:
        assert count(connection, "update jobs set id = id") == 1
        assert count(connection, "select from shifts") == 0
    with session(database, "shop_worker", "", actor="worker-7", roles=("job",), scope="crossing") as connection:
        assert count(connection, "update jobs set id = id") == 2
        assert count(connection, "delete from jobs") == 0
    with session(database, "shop_app", "", roles=("manager",), scope="crossing") as connection:
        assert count(connection, "select from jobs") == 0
    with session(database, "shop_reports", roles=("manager",)) as connection:
        assert count(connection, "select from shifts") == 2
        assert count(connection, "delete from shifts") == -1
