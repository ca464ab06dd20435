"""Does a token hold what it was minted with, is what it cannot hold refused, and does its secret stay out of sight?"""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.context.token import Claims, Minter, TokenInvalid, read

SECRET = bytes(range(32))
MINTER = Minter("first", SECRET)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=100)
roles = st.lists(texts.filter(lambda text: text and "," not in text), max_size=4).map(tuple)


@given(
    tenant=texts, actor=texts, roles=roles, scope=texts, pid=st.integers(0, 10**9 - 1), secret=st.binary(min_size=32)
)
def test_a_token_says_what_it_was_minted_with(
    tenant: str, actor: str, roles: tuple[str, ...], scope: str, pid: int, secret: bytes
) -> None:
    token = Minter("first", secret).mint(tenant, actor=actor, roles=roles, scope=scope, backend_pid=pid)
    said = read(token, secret)
    assert said == Claims(tenant, actor, roles, scope, said.expires_s, pid, said.context_id)
    assert 0 < said.expires_s - time.time() <= 30


@given(place=st.integers(0), digit=st.sampled_from("0123456789abcdef."))
def test_a_changed_token_is_refused(place: int, digit: str) -> None:
    token = MINTER.mint("us", actor="ann")
    place %= len(token)
    changed = token[:place] + digit + token[place + 1 :]
    if changed != token:
        with pytest.raises(TokenInvalid):
            read(changed, SECRET)


def test_a_token_ends() -> None:
    token = Minter("first", SECRET, clock=lambda: 1000.0).mint("us", ttl_s=10)
    assert read(token, SECRET, now_s=1009.9).tenant == "us"
    with pytest.raises(TokenInvalid, match="expired"):
        read(token, SECRET, now_s=1010.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tenant": "a\0b"},
        {"tenant": "\ud800"},
        {"tenant": "x" * 3000},
        {"roles": ("a,b",)},
        {"roles": ("",)},
        {"ttl_s": 0},
        {"ttl_s": 61},
        {"backend_pid": -1},
        {"backend_pid": 10**9},
    ],
)
def test_what_no_token_can_hold_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(TokenInvalid):
        MINTER.mint(**{"tenant": "us", **wrong})


@pytest.mark.parametrize("key_id", ["", "A", "a.b", "x" * 33, "é"])
def test_a_key_id_that_would_bend_the_format_is_refused(key_id: str) -> None:
    with pytest.raises(TokenInvalid):
        Minter(key_id, SECRET)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(TokenInvalid, match="32 bytes"):
        Minter("first", SECRET[:31])


def test_a_secret_is_not_shown() -> None:
    assert repr(SECRET) not in repr(MINTER)
    assert hashlib.sha256(SECRET).hexdigest() not in repr(MINTER)
