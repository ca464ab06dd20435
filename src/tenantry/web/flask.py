"""How a guard stands in a Flask application.

    guard = Guard(tenancy, tokens)
    init_tenant_middleware(app, guard)

    @app.post("/bookings")
    @guard.require_role("manager")
    def create(g: Guarded): ...

The view runs within the transaction; what it returns becomes a response once that is committed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask
import psycopg
from werkzeug.exceptions import HTTPException

from tenantry.session.refused import Refusal
from tenantry.web.errors import Answer, Told, answer, answer_of
from tenantry.web.guard_sync import Call, GuardSync
from tenantry.web.guard_sync import GuardedSync as Guarded
from tenantry.web.permissions import roles_for
from tenantry.web.refusals import GuardUnset
from tenantry.web.request import REQUEST_ID, Asked, request_id_of

__all__ = ["Guard", "Guarded", "init_tenant_middleware"]

View = Callable[..., Any]
_LOG = logging.getLogger("tenantry")
_EXTENSION, _CALL = "tenantry", "_tenantry_call"


class Guard(GuardSync):
    """A guard whose demands are decorators."""

    def require_role(self, *roles: str) -> Callable[[View], View]:
        """Give a view its request's transaction as the first argument, to an actor with one of the roles."""

        def decorated(view: View) -> View:
            @wraps(view)
            def guarded(**arguments: Any) -> flask.Response:
                _demand_extension()
                with self.unit(_call(), _asked(), roles) as found:
                    # why a response already: what cannot be made one is to be rolled back
                    return flask.current_app.make_response(flask.current_app.ensure_sync(view)(found, **arguments))

            return guarded

        return decorated

    def require_permission(self, verb: str, table: str) -> Callable[[View], View]:
        """Give the same for the roles that the blueprint's personas let do something with a table."""
        return self.require_role(*roles_for(self.blueprint, verb, table))


def init_tenant_middleware(app: flask.Flask, guard: Guard) -> None:
    """Give each request an id, and answer refusals and the application's own errors with the same body."""
    app.extensions[_EXTENSION] = guard
    for kind in (Refusal, psycopg.Error, UnicodeEncodeError):
        app.register_error_handler(kind, _refuse)
    app.register_error_handler(HTTPException, _told_by_application)
    app.after_request(_with_id)


def _refuse(error: Exception) -> flask.Response:
    guard: Guard = flask.current_app.extensions[_EXTENSION]
    call = _call()
    given = answer(error, accept=_accept(), request_id=call.request_id, codes=guard.codes)
    if given.status >= 500:
        name = error.code if isinstance(error, Refusal) else type(error).__name__
        _LOG.warning("request %s was refused: %s", call.request_id, name)
    return _response(given)


def _told_by_application(error: HTTPException) -> flask.Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _response(answer(error, accept=_accept(), request_id=_call().request_id))
    code = HTTPStatus(status).name.lower() if status in set(HTTPStatus) else "refused"
    what = Told(code, status, error.description or "")
    response = _response(answer_of(what, accept=_accept(), request_id=_call().request_id))
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def _with_id(response: flask.Response) -> flask.Response:
    response.headers[REQUEST_ID] = _call().request_id
    return response


def _call() -> Call:
    if _CALL not in flask.g:
        setattr(flask.g, _CALL, Call(request_id_of(flask.request.headers.get(REQUEST_ID, ""))))
    call: Call = getattr(flask.g, _CALL)
    return call


def _asked() -> Asked:
    headers = tuple((name.lower(), value) for name, value in flask.request.headers)
    return Asked(headers, flask.request.view_args or {})


def _accept() -> str:
    return flask.request.headers.get("accept", "")


def _response(given: Answer) -> flask.Response:
    return flask.Response(given.body, given.status, list(given.headers))


def _demand_extension() -> None:
    if _EXTENSION not in flask.current_app.extensions:
        raise GuardUnset("The extension is missing: init_tenant_middleware(app, guard).")
