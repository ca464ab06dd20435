"""How a guard stands in an ASGI application: ids, answers to refusals, and no response while a transaction is open.

app.add_middleware(GuardMiddleware, guard=guard)

async def create(request):
    return JSONResponse(await with_tenant_guard(request, add_booking, "manager"), 201)
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeVar

from tenantry.session.refused import Refusal
from tenantry.web.errors import Answer, answer, told
from tenantry.web.guard import Call, Guard, Guarded
from tenantry.web.refusals import GuardUnset
from tenantry.web.request import REQUEST_ID, Asked, request_id_of

__all__ = ["Guard", "GuardMiddleware", "Guarded", "asked_of", "call_of", "with_tenant_guard"]

Value = TypeVar("Value")
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOG = logging.getLogger("tenantry")
_CALL, _GUARD = "tenantry.call", "tenantry.guard"
_TOO_EARLY = (
    "The response would begin before the commit, which may still fail. In FastAPI write "
    'Depends(guard.require_role(...), scope="function").'
)


class GuardMiddleware:
    """Gives each request an id, and answers refusals. Pure ASGI: it copies no body and breaks no stream."""

    def __init__(self, app: App, guard: Guard) -> None:
        self.app, self.guard = app, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = Call(request_id_of(_first(scope, REQUEST_ID)))
        scope[_CALL], scope[_GUARD] = call, self.guard
        response = _Response(call, send)
        try:
            await self.app(scope, receive, response.send)
        except Exception as error:
            if response.has_begun:
                raise
            await self._refuse(error, scope, call, response)
            if told(error).code == "internal_error":
                # why: the server's log is where a fault belongs, with its traceback
                raise

    async def _refuse(self, error: Exception, scope: Scope, call: Call, response: _Response) -> None:
        given = answer(error, accept=_first(scope, "accept"), request_id=call.request_id, codes=self.guard.codes)
        if given.status >= 500 and isinstance(error, Refusal):
            _LOG.warning("request %s was refused: %s %s", call.request_id, error.code, error.sqlstate or error)
        await response.answer(given)


class _Response:
    """What is sent for one request; nothing of it while its transaction is open."""

    def __init__(self, call: Call, send: Send) -> None:
        self._call, self._send = call, send
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._call.guarded is not None:
                raise GuardUnset(_TOO_EARLY)
            self.has_begun = True
            message["headers"] = [*message.get("headers", ()), (REQUEST_ID.encode(), self._call.request_id.encode())]
        await self._send(message)

    async def answer(self, given: Answer) -> None:
        headers = [*given.headers, ("content-length", str(len(given.body)))]
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self.send({"type": "http.response.start", "status": given.status, "headers": encoded})
        await self.send({"type": "http.response.body", "body": given.body})


async def with_tenant_guard(request: Any, handler: Callable[[Guarded], Awaitable[Value]], *roles: str) -> Value:
    """Do a handler's work for the request's tenant, and give its value once it is committed.

    ``request`` is Starlette's, or anything with the ASGI ``scope``.
    """
    call = call_of(request.scope)
    guard: Guard = request.scope[_GUARD]
    async with guard.unit(call, asked_of(request.scope), roles) as guarded:
        return await handler(guarded)


def call_of(scope: Mapping[str, Any]) -> Call:
    """Give the request's call; raises ``GuardUnset`` where the middleware is not there to answer for it."""
    call = scope.get(_CALL)
    if not isinstance(call, Call):
        raise GuardUnset("The middleware is missing: app.add_middleware(GuardMiddleware, guard=guard).")
    return call


def asked_of(scope: Mapping[str, Any]) -> Asked:
    """Give what the guard looks at."""
    return Asked(tuple(_headers(scope)), scope.get("path_params") or {})


def _headers(scope: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in scope["headers"]:
        yield name.decode("latin-1").lower(), value.decode("latin-1")


def _first(scope: Mapping[str, Any], name: str) -> str:
    return next((value for key, value in _headers(scope) if key == name), "")
