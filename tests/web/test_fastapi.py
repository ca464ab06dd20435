"""Over HTTP on FastAPI: is a request served only for a tenant of its actor, and a success only what is committed?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from serving import ADD, CODES, COUNT, OURS, THEIRS, ask, bearer, count, tenancy, tokens

from tenantry.blueprint.model import Blueprint
from tenantry.testing.databases import Database
from tenantry.web.fastapi import Guard, Guarded
from tenantry.web.refusals import Code, CodeRefused, GuardUnset
from tenantry.web.sources import Claim, Header, Path, Subdomain

ORDER = (Path("tenant"), Header("X-Tenant"), Subdomain("shops.example", key={"ours": OURS}.get), Claim())
MANAGER = ("manager",)


class Booking(BaseModel):
    id: int
    room: int
    guest: str = "guest"


def application(database: Database) -> tuple[FastAPI, Any]:
    opened = tenancy(database)
    guard = Guard(opened, tokens(), tenant=ORDER, codes=CODES)
    app = FastAPI()
    guard.install(app)
    anyone = Depends(guard.require_role(), scope="function")
    manager = Depends(guard.require_role("manager"), scope="function")
    later: list[object] = []
    app.state.later = later

    async def whose(g: Guarded) -> dict[str, Any]:
        return {"rows": list((await (await g.tx.execute(COUNT)).fetchone()) or ()), "actor": g.actor, "roles": g.roles}

    @app.get("/whose")
    async def of_anyone(g: Guarded = anyone) -> dict[str, Any]:
        return await whose(g)

    @app.get("/orgs/{tenant}/whose")
    async def of_path(g: Guarded = anyone) -> dict[str, Any]:
        return await whose(g)

    @app.post("/bookings", status_code=201)
    async def create(booking: Booking, g: Guarded = manager) -> dict[str, Any]:
        await g.tx.execute(ADD, [booking.id, g.tenant, booking.guest, booking.room])
        return {"id": booking.id}

    @app.post("/early", status_code=201)
    async def create_early(booking: Booking, g: Guarded = Depends(guard.require_role("manager"))) -> dict[str, Any]:
        await g.tx.execute(ADD, [booking.id, g.tenant, booking.guest, booking.room])
        return {"id": booking.id}

    @app.post("/permitted", status_code=201)
    async def create_permitted(
        g: Guarded = Depends(guard.require_permission("insert", "public.booking"), scope="function"),
    ) -> str:
        return g.actor

    @app.post("/as/{org}", status_code=201)
    async def create_as(org: str, g: Guarded = manager) -> None:
        await g.tx.execute(ADD, [77, org, "guest", 77])

    @app.get("/bookings/{number}")
    async def read(number: int, g: Guarded = anyone) -> dict[str, Any]:
        row = await (await g.tx.execute("select guest from public.booking where id = %s", [number])).fetchone()
        return {"guest": g.found(row)[0]}

    @app.post("/twice", dependencies=[anyone])
    async def twice(g: Guarded = manager) -> str:
        return g.tenant

    @app.get("/stream")
    async def stream(g: Guarded = anyone) -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            async with g.later() as tx:
                for row in await (await tx.execute("select org_id::text from public.booking")).fetchall():
                    yield f"{row[0]}\n"

        return StreamingResponse(lines())

    @app.post("/background")
    async def background(tasks: BackgroundTasks, g: Guarded = manager) -> None:
        async def work() -> None:
            async with g.later() as tx:
                later.append((await (await tx.execute(COUNT)).fetchone() or ())[2])

        tasks.add_task(work)

    @app.post("/second")
    async def second(g: Guarded = manager) -> None:
        async with g.later():
            pass

    @app.get("/fault")
    async def fault(g: Guarded = anyone) -> None:
        await g.tx.execute("select 'Ann Example' from public.no_such_table")

    @app.get("/closed")
    async def closed(g: Guarded = anyone) -> None:
        raise CodeRefused(Code("SHOP_CLOSED", 423, "Closed on Sundays."))

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("secret")

    return app, opened


def asked(database: Database, work: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    ask(*application(database), work)


def code(response: httpx.Response) -> str:
    assert response.headers["x-request-id"] == response.json()["error"]["request_id"]
    return str(response.json()["error"]["code"])


def test_a_token_s_tenant_is_served_with_its_actor_and_roles(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for tenant, actor, roles in ((OURS, "ann", MANAGER), (THEIRS, "bob", MANAGER), (OURS, "sam", ("staff",))):
            said = (await client.get("/whose", headers=bearer(actor, tenant, roles))).json()
            assert (said["rows"][1:], said["actor"], tuple(said["roles"])) == ([1, tenant], actor, roles)

    asked(served, work)


WAYS: dict[str, Callable[[str], tuple[str, dict[str, str]]]] = {
    "header": lambda tenant: ("/whose", {"x-tenant": tenant}),
    "path": lambda tenant: (f"/orgs/{tenant}/whose", {}),
    "subdomain": lambda tenant: ("/whose", {"host": f"{'ours' if tenant == OURS else 'other'}.shops.example:443"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_client_names_is_served_to_members_alone_in_the_roles_they_hold(served: Database, way: str) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        path, headers = WAYS[way](OURS)
        # the token says manager, and of another tenant: neither is believed here
        said = await client.get(path, headers={**headers, **bearer("sam", THEIRS, MANAGER)})
        assert said.json() == {"rows": [5, 1, OURS], "actor": "sam", "roles": ["staff"]}
        for actor in ("bob", "eve", "nobody"):
            refused = await client.get(path, headers={**headers, **bearer(actor, THEIRS, MANAGER)})
            assert (refused.status_code, code(refused)) == (404, "tenant_not_found")
        path, headers = WAYS[way](THEIRS)
        assert (await client.get(path, headers={**headers, **bearer("sam", OURS, MANAGER)})).status_code == 404

    asked(served, work)


def test_the_first_place_that_names_a_tenant_counts(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        headers = {**bearer("ann", OURS, MANAGER), "x-tenant": THEIRS}
        assert (await client.get("/whose", headers=headers)).json()["roles"] == ["staff"]
        assert (await client.get(f"/orgs/{OURS}/whose", headers=headers)).json()["roles"] == ["manager"]

    asked(served, work)


def test_a_role_of_one_tenant_is_none_in_another(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        headers = {**bearer("ann", OURS, MANAGER), "x-tenant": THEIRS}
        refused = await client.post("/bookings", headers=headers, json={"id": 60, "room": 60})
        assert (refused.status_code, code(refused)) == (403, "role_missing")

    asked(served, work)
    assert count(served, 60) == 0


def test_a_permission_is_the_personas_that_have_it(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        assert (await client.post("/permitted", headers=bearer("ann", OURS, MANAGER))).status_code == 201
        refused = await client.post("/permitted", headers=bearer("sam", OURS, ("staff",)))
        assert (refused.status_code, code(refused)) == (403, "role_missing")

    asked(served, work)


def test_who_is_not_known_or_names_no_tenant_is_refused(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for headers, status, name in (
            ({}, 401, "token_missing"),
            ({"authorization": "Basic YTpi"}, 401, "token_invalid"),
            ({"authorization": "Bearer x.y.z"}, 401, "token_invalid"),
            (bearer(exp=1), 401, "token_expired"),
            (bearer(aud="other"), 401, "token_invalid"),
            (bearer(), 400, "tenant_unnamed"),
        ):
            refused = await client.get("/whose", headers=headers)
            assert (refused.status_code, code(refused)) == (status, name)
            assert ("www-authenticate" in refused.headers) is (status == 401)

    asked(served, work)


def test_a_success_is_committed_when_the_client_reads_of_it(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        made = await client.post("/bookings", headers=bearer("ann", OURS, MANAGER), json={"id": 50, "room": 50})
        assert (made.status_code, count(served, 50)) == (201, 1)

    asked(served, work)


def test_a_commit_that_fails_is_no_success(served: Database) -> None:
    """The constraint is deferred: only COMMIT finds out. Asked of a real server, so that nothing is between."""
    app, opened = application(served)

    async def work() -> None:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
        async with opened:
            running = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                headers = bearer("ann", OURS, MANAGER)
                refused = await client.post("/bookings", headers=headers, json={"id": 51, "room": 1})
                assert (refused.status_code, code(refused)) == (409, "BOOKING_CONFLICT")
                assert "Example" not in refused.text
                assert (await client.post("/bookings", headers=headers, json={"id": 51, "room": 51})).is_success
            server.should_exit = True
            await running

    asyncio.run(work())
    assert (count(served, 1), count(served, 51)) == (2, 1)


def test_a_response_that_would_begin_before_the_commit_is_refused(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for room in (1, 52):
            refused = await client.post("/early", headers=bearer("ann", OURS, MANAGER), json={"id": 52, "room": room})
            assert (refused.status_code, code(refused)) == (500, "guard_unset")
        assert (await client.get("/whose", headers=bearer("ann", OURS, MANAGER))).json()["rows"][0] == 5

    asked(served, work)


def test_another_tenant_s_object_is_as_none_at_all(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        headers = bearer("ann", OURS, MANAGER)
        theirs, none = [await client.get(f"/bookings/{number}", headers=headers) for number in (6, 999)]
        assert theirs.status_code == none.status_code == 404
        assert code(theirs) == code(none) == "not_found"
        assert (await client.get("/bookings/5", headers=headers)).json() == {"guest": "Ann Example"}

    asked(served, work)


def test_a_row_of_another_tenant_is_not_written(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        refused = await client.post(f"/as/{THEIRS}", headers=bearer("ann", OURS, MANAGER))
        assert (refused.status_code, code(refused)) == (403, "rls_violation")

    asked(served, work)
    assert count(served, 77) == 0


def test_a_request_has_one_unit_however_many_dependencies_ask(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        assert (await client.post("/twice", headers=bearer("ann", OURS, MANAGER))).json() == OURS
        assert (await client.post("/twice", headers=bearer("sam", OURS, ("staff",)))).status_code == 403
        refused = await client.post("/second", headers=bearer("ann", OURS, MANAGER))
        assert (refused.status_code, code(refused)) == (500, "guard_unset")

    asked(served, work)


def test_streams_and_background_tasks_have_a_transaction_of_their_own(served: Database) -> None:
    app, opened = application(served)

    async def work(client: httpx.AsyncClient) -> None:
        streamed = await client.get("/stream", headers=bearer("ann", OURS, MANAGER))
        assert streamed.text.split() == [OURS] * 5
        assert (await client.post("/background", headers=bearer("ann", OURS, MANAGER))).is_success

    ask(app, opened, work)
    assert app.state.later == [OURS]


def test_what_the_database_says_stays_inside(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for path, name, status in (
            ("/fault", "database_refused", 500),
            ("/broken", "internal_error", 500),
            ("/closed", "SHOP_CLOSED", 423),
            ("/nowhere", "not_found", 404),
        ):
            given = await client.get(path, headers=bearer("ann", OURS, MANAGER))
            assert (given.status_code, code(given)) == (status, name)
            assert not any(word in given.text for word in ("Ann", "no_such_table", "secret", "select"))
        problem = await client.get("/fault", headers={**bearer("ann", OURS), "accept": "application/problem+json"})
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["code"] == "database_refused"

    asked(served, work)


HOSTILE_HEADERS: list[list[tuple[str, str | bytes]]] = [
    [("x-tenant", "' or 1=1 --")], [("x-tenant", "not a uuid")], [("x-tenant", "0" * 5000)],
    [("x-tenant", b"\xff\xfe")],
    [("x-tenant", OURS), ("x-tenant", THEIRS)], [("x-tenant", f"{OURS},{THEIRS}")], [("x-tenant", "\x7f")],
    [("x-tenant", b"\xe4\xb8\xad")], [("host", "a.b.shops.example")],
    [("host", "\x00.shops.example"), ("x-tenant", "x")],
    [("host", "evil.shops.example")], [("x-tenant", "00000000-0000-0000-0000-000000000000")], [("x-tenant", "1e308")],
]  # fmt: skip


@pytest.mark.parametrize("headers", HOSTILE_HEADERS, ids=str)
def test_hostile_headers_are_refused_clearly(served: Database, headers: list[tuple[str, str | bytes]]) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        sent = [*headers, *bearer("ann").items()]
        raw = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in sent]
        refused = await client.get("/whose", headers=raw)
        assert refused.status_code in (400, 404)
        assert code(refused) in {"request_malformed", "tenant_not_found", "tenant_unnamed"}

    asked(served, work)


def test_hostile_bodies_are_refused_clearly(served: Database) -> None:
    bodies = [
        b"", b"{", b"[]", b"null", b'{"id": 1}', b'{"id": "x", "room": 1}', b'{"id": 1e400, "room": 1}', b"\xff\xfe",
        b'{"id": 99999999999999999999, "room": 1}', b'{"id": 53, "room": -1}', b'{"id": 3000000000, "room": 53}',
        b'{"id": 53, "room": 53, "guest": "\\u0000"}', b'{"id": 53, "room": 53, "guest": "\\ud800"}', b"[" * 5000,
        b'{"id": 53, "room": 53, "guest": null}',
    ]  # fmt: skip

    async def work(client: httpx.AsyncClient) -> None:
        for body in bodies:
            headers = {**bearer("ann", OURS, MANAGER), "content-type": "application/json"}
            refused = await client.post("/bookings", headers=headers, content=body)
            assert 400 <= refused.status_code < 500, (body, refused.text)
            assert code(refused) in {"request_invalid", "value_error", "bad_request"}

    asked(served, work)
    assert count(served, 53) == 0


def test_a_tenant_of_a_token_that_no_tenant_can_have_is_no_fault(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for tenant in ("not a uuid", "'; drop table public.booking; --", "\u4e2d" * 60):
            refused = await client.get("/whose", headers=bearer("ann", tenant, MANAGER))
            assert 400 <= refused.status_code < 500

    asked(served, work)


def test_a_request_keeps_the_id_it_came_with_where_that_can_stand_in_a_log(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for sent, is_kept in (("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ("a\tb", False)):
            given = await client.get("/whose", headers={"x-request-id": sent})
            assert (given.headers["x-request-id"] == sent) is is_kept
            assert code(given)

    asked(served, work)


def test_a_guard_that_could_not_be_kept_is_refused(served: Database) -> None:
    alone = Blueprint.model_validate({"tenant": {"table": "public.org", "columns": ["org_id"]}})
    for source in (Header("X-Tenant"), Path("tenant"), Subdomain("shops.example"), Claim(is_believed=False)):
        with pytest.raises(GuardUnset):
            Guard(tenancy(served, alone), tokens(), tenant=(Claim(), source))
    with pytest.raises(GuardUnset):
        Guard(tenancy(served), tokens(), tenant=())
    with pytest.raises(GuardUnset):
        Guard(tenancy(served), tokens()).require_permission("drop", "public.booking")
    with pytest.raises(GuardUnset):
        Guard(tenancy(served, alone), tokens()).require_permission("insert", "public.booking")


def test_without_the_middleware_nobody_is_served(served: Database) -> None:
    opened = tenancy(served)
    app = FastAPI()
    guard = Guard(opened, tokens())

    @app.get("/whose")
    async def whose(g: Guarded = Depends(guard.require_role(), scope="function")) -> str:
        return g.tenant

    async def work(client: httpx.AsyncClient) -> None:
        assert (await client.get("/whose", headers=bearer("ann", OURS, MANAGER))).status_code == 500

    ask(app, opened, work)
