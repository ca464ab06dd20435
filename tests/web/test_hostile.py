"""Does whatever a client sends get a clear answer, and does a database that is gone?"""

from __future__ import annotations

import random
from collections.abc import Iterator

import httpx
import pytest
from psycopg import sql
from serving import OURS, THEIRS, ask, bearer
from test_fastapi import MANAGER, application

from tenantry.testing.databases import Database

# Tokens of people who are no members of THEIRS, or no longer members of anything; what they claim is as they like.
PEOPLE = [
    bearer(actor, tenant, roles) for actor in ("sam", "eve") for tenant in ("", THEIRS, "x") for roles in ((), MANAGER)
]
PIECES = [
    *(
        "",
        " ",
        ",",
        ";",
        ".",
        "=",
        "Bearer",
        "bearer ",
        "Basic ",
        "null",
        "'",
        '"',
        "--",
        "%00",
        "../",
        "{}",
        "[]",
        "-1",
    ),
    *(OURS, THEIRS, "x" * 300, "\t", "\x7f", "\xe9", "eyJhbGciOiJub25lIn0.e30.", "application/problem+json", ";q=9"),
    *("shops.example", ":", "a.b", "x.shops.example", "ours", *(person["authorization"] for person in PEOPLE[:3])),
]
NAMES = ("authorization", "x-tenant", "host", "accept", "x-request-id", "content-type", "transfer-encoding", "x-odd")
PATHS = (
    "/whose",
    "/bookings/6",
    "/orgs/%00/whose",
    "/orgs/%ff/whose",
    f"/orgs/{THEIRS}/whose",
    "/bookings/-9e9",
    "/%2e",
)
BODIES = (b"", b"{}", b"\x00", b'{"id": 1, "room": 1, "guest": {}}', b'{"id": true, "room": "1"}', b"\xff" * 100)
REQUESTS = 400


def requests(seed: int) -> Iterator[tuple[str, str, list[tuple[bytes, bytes]], bytes]]:
    dice = random.Random(seed)
    for _ in range(REQUESTS):
        names = dice.choices(NAMES, k=dice.randint(0, 5))
        said = [(name, "".join(dice.choices(PIECES, k=dice.randint(1, 3)))) for name in names]
        said += dice.choice(PEOPLE).items() if dice.random() < 0.7 else ()
        headers = [(name.encode(), value.encode("latin-1")) for name, value in said]
        yield dice.choice(("GET", "GET", "POST", "HEAD")), dice.choice(PATHS), headers, dice.choice(BODIES)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_sent_there_is_a_clear_answer_and_no_row_of_another(served: Database, seed: int) -> None:
    statuses: set[int] = set()

    async def work(client: httpx.AsyncClient) -> None:
        for method, path, headers, body in requests(seed):
            given = await client.request(method, path, headers=headers, content=body)
            assert given.status_code < 500, (method, path, headers, body, given.text)
            assert given.headers["x-request-id"].isascii()
            # why: a refusal repeats the id that the request was sent with
            assert not given.is_success or THEIRS not in given.text
            assert "Example" not in given.text
            statuses.add(given.status_code)

    ask(*application(served), work)
    assert {200, 400, 401, 404, 405} <= statuses


def test_a_database_that_is_gone_is_told_with_when_to_try_again(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        headers = bearer("ann", OURS, MANAGER)
        assert (await client.get("/whose", headers=headers)).is_success
        _close(served)
        refused = await client.get("/whose", headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "database_unavailable")
        assert refused.json()["error"]["retryable"] is True
        assert refused.headers["retry-after"] == "1"
        assert served.name not in refused.text

    ask(*application(served), work)


def _close(database: Database) -> None:
    with database.server.connect("postgres") as connection:
        name = sql.Identifier(database.name)
        connection.execute(sql.SQL("alter database {} with allow_connections false").format(name))
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database.name])
