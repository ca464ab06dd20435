"""Can a stolen value be recognised, and not be read?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenantry.verify.report import masked


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Jennifer", "J*** (8 characters)"),
        ("DE", "*** (2 characters)"),
        ("", "*** (0 characters)"),
        ("anna.smith@example.com", "a***@e***.com"),
        ("a@b.co.uk", "a***@b***.uk"),
        ("4111 1111 1111 1111", "(16 digits)"),
        ("+49 (151) 2345-678", "(12 digits)"),
        (12345, "(5 digits)"),
        (-1, "(1 digit)"),
        (Decimal("99.50"), "(4 digits)"),
        (float("nan"), "(a value)"),
        (True, "(true or false)"),
        (None, "null"),
        (UUID("3f2a1b4c-0000-4000-8000-123456789abc"), "3f2a..."),
        ("3f2a1b4c-0000-4000-8000-123456789abc", "3f2a..."),
        (date(1984, 5, 6), "1984-**-**"),
        (datetime(1984, 5, 6, 7, 8, tzinfo=UTC), "1984-**-**"),
        ("1984-05-06", "1984-**-**"),
        ("1984-05-06 07:08:09+00", "1984-**-**"),
        (b"secret", "(6 bytes)"),
        (memoryview(b"secret"), "(6 bytes)"),
        ({"name": "Anna"}, "(1 key)"),
        (["Anna", "Ben"], "(2 items)"),
        ("\x1b[31mred", "\\x1b*** (8 characters)"),
    ],
)
def test_a_value_shows_its_shape_only(value: object, shown: str) -> None:
    assert masked(value) == shown


class Unprintable:
    """A value that cannot be shown."""

    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [Unprintable(), 10**5000], ids=["unprintable", "endless"])
def test_a_value_that_cannot_be_shown_is_not(value: object) -> None:
    assert masked(value) == "(a value)"


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=4))
def test_no_text_is_shown_whole(text: str) -> None:
    assume(not set(text) <= set("* (character)s0123456789"))
    assert text not in masked(text)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.dates(), st.uuids(), st.decimals(), st.none()))
def test_any_value_has_a_printable_mask(value: object) -> None:
    assert masked(value).isprintable()


@given(st.emails())
def test_an_e_mail_address_keeps_only_first_letters_and_ending(address: str) -> None:
    mailbox, _, domain = address.partition("@")
    shown = masked(address)
    assert shown.startswith(f"{mailbox[0]}***")
    assert domain not in shown
