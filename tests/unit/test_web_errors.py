"""Is every refusal an answer with a code, a status and nothing of the database's own words?"""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tenantry.session.refused import ConflictFound, DatabaseRefused, DatabaseUnavailable, Refusal, registry
from tenantry.web.errors import Answer, Codes, answer
from tenantry.web.refusals import Code, CodeRefused, GuardUnset, NotFound, TokenMissing, TokenRefused

CONFLICT = Code("BOOKING_CONFLICT", 409, "These dates are taken.")
CODES = Codes(
    constraints={"booking_once": CONFLICT, "room.room_key": Code("ROOM_TAKEN")},
    sqlstates={"BK001": Code("CLOSED", 422)},
)


def error_of(given: Answer) -> dict[str, Any]:
    return dict(json.loads(given.body)["error"])


@pytest.mark.parametrize("kind", [each for each in registry() if each is not CodeRefused], ids=lambda each: each.name)
def test_every_refusal_has_an_answer_that_tells_only_the_registry_s_words(kind: type[Refusal]) -> None:
    given = answer(kind("secret host db.internal row Ann", sqlstate="23505", constraint="pk"), request_id="r1")
    assert given.status == kind.status
    assert error_of(given) == {
        "code": kind.name,
        "message": (kind.__doc__ or "").splitlines()[0],
        "request_id": "r1",
        "retryable": kind.retryable,
        "reference": kind.code,
    }
    assert ("retry-after" in dict(given.headers)) is kind.retryable


def test_what_nobody_expected_says_nothing() -> None:
    for error in (ValueError("secret"), psycopg.ProgrammingError("secret"), KeyError("secret")):
        given = answer(error)
        assert (given.status, b"secret" in given.body) == (500, False)


def test_an_application_s_own_codes_are_told() -> None:
    for refusal, code, status in (
        (ConflictFound(sqlstate="23P01", constraint="booking_once", table="booking"), "BOOKING_CONFLICT", 409),
        (ConflictFound(sqlstate="23505", constraint="room_key", table="room"), "ROOM_TAKEN", 409),
        (ConflictFound(sqlstate="23505", constraint="room_key", table="other"), "conflict_error", 409),
        (DatabaseRefused(sqlstate="BK001"), "CLOSED", 422),
        (CodeRefused(CONFLICT), "BOOKING_CONFLICT", 409),
    ):
        given = answer(refusal, codes=CODES)
        assert (error_of(given)["code"], given.status) == (code, status)
    assert error_of(answer(CodeRefused(CONFLICT)))["message"] == "These dates are taken."


def test_codes_that_could_never_be_told_are_refused() -> None:
    for make in (lambda: Code("", 409), lambda: Code("X", 200), lambda: Codes(sqlstates={"bk1": CONFLICT})):
        with pytest.raises(GuardUnset):
            make()


@pytest.mark.parametrize(
    ("accept", "is_problem"),
    [
        ("", False), ("*/*", False), ("application/json", False), ("application/problem+json", True),
        ("application/json, application/problem+json", True), ("APPLICATION/PROBLEM+JSON", True),
        ("application/json, application/problem+json;q=0.5", False), ("application/problem+json;q=0", False),
        ("application/problem+json;q=nan", False), ("application/problem+json; charset=utf-8; q=0.9", True),
    ],
)  # fmt: skip
def test_the_form_is_the_one_asked_for(accept: str, is_problem: bool) -> None:
    given = answer(NotFound(), accept=accept, request_id="r1")
    assert dict(given.headers)["content-type"] == ("application/problem+json" if is_problem else "application/json")
    if is_problem:
        assert json.loads(given.body) == {
            "type": "urn:tenantry:error:not_found",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no such object among those that the actor may see.",
            "code": "not_found",
            "request_id": "r1",
            "retryable": False,
            "reference": "TN339",
        }


@given(some.text())
def test_any_accept_header_has_an_answer(accept: str) -> None:
    assert answer(NotFound(), accept=accept).status == 404


def test_who_is_not_known_is_told_how_to_be() -> None:
    assert dict(answer(TokenMissing()).headers)["www-authenticate"] == "Bearer"
    assert dict(answer(TokenRefused()).headers)["www-authenticate"] == 'Bearer error="invalid_token"'


def test_no_refusal_is_kept_by_a_cache() -> None:
    assert dict(answer(DatabaseUnavailable()).headers)["cache-control"] == "no-store"
