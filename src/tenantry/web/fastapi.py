"""How a guard stands in a FastAPI application.

    guard = Guard(tenancy, tokens)
    guard.install(app)

    @app.post("/bookings")
    async def create(booking: Booking, g: Guarded = Depends(guard.require_role("manager"), scope="function")): ...

With scope="function" the transaction is committed before the response begins, so a commit that fails is no success.
Without, the request is refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tenantry.web import guard as any_guard
from tenantry.web.asgi import GuardMiddleware, asked_of, call_of
from tenantry.web.errors import Answer, Told, answer_of
from tenantry.web.guard import Guarded
from tenantry.web.permissions import roles_for

__all__ = ["Guard", "Guarded"]

Dependency = Callable[[Request], AsyncIterator[Guarded]]
_MOST_FAULTS = 20


class Guard(any_guard.Guard):
    """A guard whose demands are dependencies."""

    def install(self, app: FastAPI) -> None:
        """Put the middleware before the application, and let its own errors have the same body."""
        app.add_middleware(GuardMiddleware, guard=self)
        app.add_exception_handler(HTTPException, _told_by_application)
        app.add_exception_handler(RequestValidationError, _told_of_fields)

    def require_role(self, *roles: str) -> Dependency:
        """Give a dependency that opens the request's transaction, to an actor with one of the roles; of any without."""

        # why no functools.partial: FastAPI reads the signature and asks whether this is an async generator
        async def guarded(request: Request) -> AsyncIterator[Guarded]:
            async with self.unit(call_of(request.scope), asked_of(request.scope), roles) as found:
                yield found

        return guarded

    def require_permission(self, verb: str, table: str) -> Dependency:
        """Give the same for the roles that the blueprint's personas let do something with a table."""
        return self.require_role(*roles_for(self.blueprint, verb, table))


async def _told_by_application(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name.lower() if error.status_code in set(HTTPStatus) else "refused"
    message = error.detail if isinstance(error.detail, str) else ""
    given = _answered(request, Told(code, error.status_code, message))
    given.headers.update(error.headers or {})
    return given


async def _told_of_fields(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # why not the input: a refusal is logged in more places than what was sent
    fields = [{"at": list(one["loc"]), "message": one["msg"]} for one in error.errors()[:_MOST_FAULTS]]
    return _answered(request, Told("request_invalid", 422, "The request does not fit."), {"fields": fields})


def _answered(request: Request, what: Told, more: dict[str, Any] | None = None) -> Response:
    request_id = call_of(request.scope).request_id
    return _response(answer_of(what, accept=request.headers.get("accept", ""), request_id=request_id, more=more))


def _response(given: Answer) -> Response:
    return Response(given.body, given.status, dict(given.headers))
