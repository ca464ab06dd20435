"""Is a plain handler, in any ASGI application, guarded in the same way?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from serving import ADD, CODES, COUNT, OURS, THEIRS, ask, bearer, count, tenancy, tokens
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tenantry.testing.databases import Database
from tenantry.web.asgi import Guard, Guarded, GuardMiddleware, with_tenant_guard
from tenantry.web.sources import Claim, Header, Path

MANAGER = ("manager",)


async def whose(g: Guarded) -> list[Any]:
    return list((await (await g.tx.execute(COUNT)).fetchone()) or ())


async def read(request: Request) -> Response:
    return JSONResponse(await with_tenant_guard(request, whose))


async def create(request: Request) -> Response:
    said = await request.json()

    async def add(g: Guarded) -> int:
        await g.tx.execute(ADD, [said["id"], g.tenant, "guest", said["room"]])
        return int(said["id"])

    return JSONResponse(await with_tenant_guard(request, add, "manager"), 201)


async def within(request: Request) -> Response:
    """Answer within the handler, where the transaction is still open."""

    async def early(g: Guarded) -> None:
        await JSONResponse("done")(request.scope, request.receive, request._send)

    await with_tenant_guard(request, early)
    return Response()


def asked(database: Database, work: Callable[[httpx.AsyncClient], Awaitable[None]], claim: Claim | None = None) -> None:
    opened = tenancy(database)
    routes = [
        Route("/whose", read),
        Route("/orgs/{tenant}/whose", read),
        Route("/bookings", create, methods=["POST"]),
        Route("/within", within),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(
        GuardMiddleware,
        guard=Guard(opened, tokens(), tenant=(Path("tenant"), Header("X-Tenant"), claim or Claim()), codes=CODES),
    )
    ask(app, opened, work)


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["x-request-id"] == response.json()["error"]["request_id"]
    return response.status_code, response.json()["error"]["code"]


def test_a_handler_is_given_its_tenant_alone(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for tenant, actor, role in ((OURS, "sam", "staff"), (THEIRS, "bob", "manager")):
            assert (await client.get("/whose", headers=bearer(actor, tenant, (role,)))).json()[1:] == [1, tenant]
            named = await client.get(f"/orgs/{tenant}/whose", headers=bearer(actor))
            assert named.json()[1:] == [1, tenant]
            other = THEIRS if tenant == OURS else OURS
            assert code(await client.get(f"/orgs/{other}/whose", headers=bearer(actor))) == (404, "tenant_not_found")
        assert code(await client.get("/whose")) == (401, "token_missing")

    asked(served, work)


def test_a_claim_that_is_not_believed_is_checked_like_all_else(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for actor, roles, status, name in (
            ("eve", MANAGER, 404, "tenant_not_found"),
            ("bob", MANAGER, 404, "tenant_not_found"),
            ("sam", MANAGER, 403, "role_missing"),
        ):
            refused = await client.post("/bookings", headers=bearer(actor, OURS, roles), json={"id": 73, "room": 73})
            assert code(refused) == (status, name)
        made = await client.post("/bookings", headers=bearer("ann", OURS), json={"id": 73, "room": 73})
        assert made.status_code == 201

    asked(served, work, Claim(is_believed=False))
    assert count(served, 73) == 1


def test_its_value_is_given_once_it_is_committed(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        headers = bearer("ann", OURS, MANAGER)
        assert (await client.post("/bookings", headers=headers, json={"id": 70, "room": 70})).status_code == 201
        assert count(served, 70) == 1
        refused = await client.post("/bookings", headers=headers, json={"id": 71, "room": 1})
        assert code(refused) == (409, "BOOKING_CONFLICT")
        staff = await client.post("/bookings", headers=bearer("sam", OURS, ("staff",)), json={"id": 72, "room": 72})
        assert code(staff) == (403, "role_missing")

    asked(served, work)
    assert count(served, 1) == 2


def test_nothing_is_answered_while_the_transaction_is_open(served: Database) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        refused = await client.get("/within", headers=bearer("ann", OURS, MANAGER))
        assert code(refused) == (500, "guard_unset")

    asked(served, work)
