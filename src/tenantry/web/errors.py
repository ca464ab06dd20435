"""What is a refusal as an answer to a request: status, headers and body?

The body says a code, the sentence of the registry and the request's id; never the server's text, and nothing of a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import psycopg

from tenantry.errors import TenantryError
from tenantry.session.refused import Refusal, ValueRefused, refused
from tenantry.web.refusals import Code, CodeRefused, GuardUnset

__all__ = ["Answer", "Codes", "Told", "answer", "answer_of", "told"]

JSON, PROBLEM = "application/json", "application/problem+json"
RETRY_AFTER_S = 1
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_LONGEST_ACCEPT = 1000


@dataclass(frozen=True)
class Told:
    """What a client is told; ``reference`` is the registry's code, under which the way out is documented."""

    code: str
    status: int
    message: str
    reference: str = ""
    retryable: bool = False


@dataclass(frozen=True)
class Answer:
    """A response, ready to be sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Codes:
    """An application's own codes, by the constraint that was broken (``name`` or ``table.name``) or by SQLSTATE."""

    constraints: Mapping[str, Code] = field(default_factory=dict)
    sqlstates: Mapping[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if wrong := [state for state in self.sqlstates if not _SQLSTATE.fullmatch(state)]:
            raise GuardUnset(f"{wrong[0]!r} is no SQLSTATE, which has five digits or capital letters.")

    def of(self, refusal: Refusal) -> Code | None:
        """Give the application's code for a refusal, if it has one."""
        if isinstance(refusal, CodeRefused):
            return refusal.said
        by_constraint = (
            self.constraints.get(f"{refusal.table}.{refusal.constraint}") or self.constraints.get(refusal.constraint)
            if refusal.constraint
            else None
        )
        return by_constraint or self.sqlstates.get(refusal.sqlstate)


def told(error: BaseException, codes: Codes | None = None) -> Told:
    """Say what a client is told about an error."""
    refusal = _refusal(error)
    if not isinstance(refusal, Refusal):
        return _fault(refusal)
    said = (codes or Codes()).of(refusal)
    if said:
        return Told(said.code, said.status, said.message or _phrase(said.status), refusal.code, refusal.retryable)
    # why not the message: it is for the log, and may name hosts
    return Told(refusal.name, refusal.status, _sentence(type(refusal)), refusal.code, refusal.retryable)


def answer(error: BaseException, *, accept: str = "", request_id: str = "", codes: Codes | None = None) -> Answer:
    """Give the answer to a request that ended with an error."""
    return answer_of(told(error, codes), accept=accept, request_id=request_id)


def answer_of(what: Told, *, accept: str = "", request_id: str = "", more: Mapping[str, Any] | None = None) -> Answer:
    """Give the answer that tells something; ``more`` are members beside it."""
    is_problem = _prefers_problem(accept)
    held = {
        "code": what.code,
        "message": what.message,
        "request_id": request_id,
        "retryable": what.retryable,
        "reference": what.reference,
        **(more or {}),
    }
    body = _problem(what, held) if is_problem else {"error": held}
    return Answer(what.status, tuple(_headers(what, is_problem=is_problem)), json.dumps(body).encode())


def _refusal(error: BaseException) -> BaseException:
    if isinstance(error, UnicodeEncodeError):
        # why: half a character, which JSON can say and the database cannot hold
        return ValueRefused()
    return refused(error) if isinstance(error, psycopg.Error) else error


def _problem(what: Told, held: dict[str, Any]) -> dict[str, Any]:
    """Give the members of RFC 9457, and the registry's beside them."""
    rest = {name: value for name, value in held.items() if name != "message"}
    problem_type = f"urn:tenantry:error:{re.sub(r'[^0-9A-Za-z_-]', '-', what.code)}"
    title = _phrase(what.status)
    return {"type": problem_type, "title": title, "status": what.status, "detail": what.message, **rest}


def _headers(what: Told, *, is_problem: bool) -> list[tuple[str, str]]:
    headers = [
        ("content-type", PROBLEM if is_problem else JSON),
        # why: a refusal to one actor is no answer to another
        ("cache-control", "no-store"),
    ]
    if what.retryable:
        headers.append(("retry-after", str(RETRY_AFTER_S)))
    if what.status == HTTPStatus.UNAUTHORIZED:
        headers.append(("www-authenticate", "Bearer" if what.code == "token_missing" else _BEARER_REFUSED))
    return headers


_BEARER_REFUSED = 'Bearer error="invalid_token"'


def _prefers_problem(accept: str) -> bool:
    weights = _weights(accept[:_LONGEST_ACCEPT])
    return weights.get(PROBLEM, 0.0) > 0 and weights[PROBLEM] >= weights.get(JSON, 0.0)


def _weights(accept: str) -> dict[str, float]:
    """Give the weight of each media type that a header names (RFC 9110, 12.5.1); what cannot be read weighs nothing."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        said = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        weights[name] = float(said) if re.fullmatch(r"[01](\.[0-9]{0,3})?", said) else 0.0
    return weights


def _fault(error: BaseException) -> Told:
    reference = error.code if isinstance(error, TenantryError) else ""
    return Told("internal_error", 500, "Something went wrong here. It was noted under the request's id.", reference)


def _sentence(kind: type[Refusal]) -> str:
    return (kind.__doc__ or "").split("\n", maxsplit=1)[0]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"
