"""Over HTTP on Flask: is a request served only for a tenant of its actor, and a success only what is committed?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import flask
import httpx
import pytest
from flask.testing import FlaskClient
from serving import ADD, CODES, COUNT, OURS, THEIRS, bearer, count, tenancy_sync, tokens
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tenantry.testing.databases import Database
from tenantry.web.flask import Guard, Guarded, init_tenant_middleware
from tenantry.web.refusals import GuardUnset
from tenantry.web.sources import Claim, Header, Path

MANAGER = bearer("ann", OURS, ("manager",))


@pytest.fixture
def application(served: Database) -> Iterator[flask.Flask]:
    with tenancy_sync(served) as opened:
        guard = Guard(opened, tokens(), tenant=(Path("tenant"), Header("X-Tenant"), Claim()), codes=CODES)
        app = flask.Flask("shop")
        init_tenant_middleware(app, guard)
        _add_views(app, guard)
        yield app


def _add_views(app: flask.Flask, guard: Guard) -> None:
    def whose(g: Guarded, **_: str) -> dict[str, Any]:
        return {"rows": list(g.tx.execute(COUNT).fetchone() or ()), "actor": g.actor, "roles": g.roles}

    app.get("/whose", endpoint="whose")(guard.require_role()(whose))
    app.get("/orgs/<tenant>/whose", endpoint="of_path")(guard.require_role()(whose))

    @app.post("/bookings")
    @guard.require_role("manager")
    def create(g: Guarded) -> tuple[dict[str, Any], int]:
        said = flask.request.get_json()
        g.tx.execute(ADD, [said["id"], g.tenant, said.get("guest", "guest"), said["room"]])
        return {"id": said["id"]}, 201

    @app.post("/permitted")
    @guard.require_permission("delete", "booking")
    def permitted(g: Guarded) -> str:
        return g.actor

    @app.get("/bookings/<int:number>")
    @guard.require_role()
    def read(g: Guarded, number: int) -> dict[str, Any]:
        row = g.tx.execute("select guest from public.booking where id = %s", [number]).fetchone()
        return {"guest": g.found(row)[0]}

    @app.post("/no-response")
    @guard.require_role()
    def no_response(g: Guarded) -> object:
        g.tx.execute(ADD, [80, g.tenant, "guest", 80])
        return object()

    @app.get("/stream")
    @guard.require_role()
    def stream(g: Guarded) -> flask.Response:
        def lines() -> Iterator[str]:
            with g.later() as tx:
                for row in tx.execute("select org_id::text from public.booking").fetchall():
                    yield f"{row[0]}\n"

        return flask.Response(lines())

    @app.get("/fault")
    @guard.require_role()
    def fault(g: Guarded) -> None:
        g.tx.execute("select 'Ann Example' from public.no_such_table")

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("secret")


@pytest.fixture
def client(application: flask.Flask) -> FlaskClient:
    return application.test_client()


def code(response: TestResponse) -> str:
    said = response.get_json()["error"]
    assert response.headers["x-request-id"] == said["request_id"]
    return str(said["code"])


def test_a_token_s_tenant_is_served_with_its_actor_and_roles(client: FlaskClient) -> None:
    for tenant, actor in ((OURS, "ann"), (THEIRS, "bob"), (OURS, "ann")):
        said = client.get("/whose", headers=bearer(actor, tenant, ("manager",))).get_json()
        assert (said["rows"][1:], said["actor"], said["roles"]) == ([1, tenant], actor, ["manager"])


@pytest.mark.parametrize("way", ["header", "path"])
def test_what_a_client_names_is_served_to_members_alone_in_the_roles_they_hold(client: FlaskClient, way: str) -> None:
    def asked(actor: str) -> TestResponse:
        headers = bearer(actor, THEIRS, ("manager",))
        if way == "path":
            return client.get(f"/orgs/{OURS}/whose", headers=headers)
        return client.get("/whose", headers={**headers, "x-tenant": OURS})

    assert asked("sam").get_json() == {"rows": [5, 1, OURS], "actor": "sam", "roles": ["staff"]}
    for actor in ("bob", "eve", "nobody"):
        assert (asked(actor).status_code, code(asked(actor))) == (404, "tenant_not_found")


def test_a_role_or_permission_that_is_missing_is_refused(client: FlaskClient) -> None:
    staff = {**bearer("ann", OURS, ("manager",)), "x-tenant": THEIRS}
    for path in ("/bookings", "/permitted"):
        refused = client.post(path, headers=staff, json={"id": 60, "room": 60})
        assert (refused.status_code, code(refused)) == (403, "role_missing")
    assert client.post("/permitted", headers=MANAGER).text == "ann"


def test_a_commit_that_fails_is_no_success(application: flask.Flask, served: Database) -> None:
    """The constraint is deferred: only COMMIT finds out. Asked of a real server, so that nothing is between."""
    server = make_server("127.0.0.1", 0, application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
            refused = client.post("/bookings", headers=MANAGER, json={"id": 51, "room": 1})
            assert (refused.status_code, refused.json()["error"]["code"]) == (409, "BOOKING_CONFLICT")
            assert client.post("/bookings", headers=MANAGER, json={"id": 51, "room": 51}).status_code == 201
            assert count(served, 51) == 1
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert count(served, 1) == 2


def test_what_becomes_no_response_is_rolled_back(client: FlaskClient, served: Database) -> None:
    assert client.post("/no-response", headers=MANAGER).status_code == 500
    assert count(served, 80) == 0


def test_another_tenant_s_object_is_as_none_at_all(client: FlaskClient) -> None:
    assert client.get("/bookings/5", headers=MANAGER).get_json() == {"guest": "Ann Example"}
    for number in (6, 999):
        refused = client.get(f"/bookings/{number}", headers=MANAGER)
        assert (refused.status_code, code(refused)) == (404, "not_found")


def test_a_stream_has_a_transaction_of_its_own(client: FlaskClient) -> None:
    assert client.get("/stream", headers=MANAGER).text.split() == [OURS] * 5


def test_what_the_database_says_stays_inside(client: FlaskClient) -> None:
    for path, name, status in (
        ("/fault", "database_refused", 500),
        ("/broken", "internal_error", 500),
        ("/nowhere", "not_found", 404),
        ("/bookings", "method_not_allowed", 405),
    ):
        given = client.get(path, headers=MANAGER)
        assert (given.status_code, code(given)) == (status, name)
        assert not any(word in given.text for word in ("Ann", "no_such_table", "secret", "select"))
    problem = client.get("/fault", headers={**MANAGER, "accept": "application/problem+json"})
    assert (problem.mimetype, problem.get_json()["code"]) == ("application/problem+json", "database_refused")


HOSTILE: dict[str, Callable[[FlaskClient], TestResponse]] = {
    "no token": lambda client: client.get("/whose"),
    "no bearer": lambda client: client.get("/whose", headers={"authorization": "Basic YTpi"}),
    "two tokens": lambda client: client.get("/whose", headers=[*MANAGER.items(), *MANAGER.items()]),
    "expired": lambda client: client.get("/whose", headers=bearer(exp=1)),
    "no tenant": lambda client: client.get("/whose", headers=bearer()),
    "injection": lambda client: client.get("/whose", headers={**bearer(), "x-tenant": "' or 1=1 --"}),
    "two tenants": lambda client: client.get(
        "/whose", headers=[*bearer().items(), ("x-tenant", OURS), ("x-tenant", "")]
    ),
    "long": lambda client: client.get("/whose", headers={**bearer(), "x-tenant": "0" * 5000}),
    "path": lambda client: client.get("/orgs/%00%ff/whose", headers=bearer()),
    "no json": lambda client: client.post("/bookings", headers=MANAGER, data=b"{", content_type="application/json"),
    "another type": lambda client: client.post("/bookings", headers=MANAGER, data=b"<a/>", content_type="text/xml"),
    "nul": lambda client: client.post("/bookings", headers=MANAGER, json={"id": 1, "room": 53, "guest": "\0"}),
    "half": lambda client: client.post("/bookings", headers=MANAGER, json={"id": 1, "room": 53, "guest": "\ud800"}),
    "large": lambda client: client.post("/bookings", headers=MANAGER, json={"id": 10**20, "room": 53}),
    "negative": lambda client: client.post("/bookings", headers=MANAGER, json={"id": 53, "room": -1}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_clearly(client: FlaskClient, name: str) -> None:
    refused = HOSTILE[name](client)
    assert 400 <= refused.status_code < 500, refused.text
    assert code(refused)


def test_without_the_extension_nobody_is_served(served: Database) -> None:
    with tenancy_sync(served) as opened:
        app = flask.Flask("shop", static_folder=None)
        app.testing = True

        @app.get("/whose")
        @Guard(opened, tokens()).require_role()
        def whose(g: Guarded) -> str:
            return g.tenant

        with pytest.raises(GuardUnset):
            app.test_client().get("/whose", headers=MANAGER)
