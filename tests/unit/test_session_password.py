"""Is a password never shown, however malformed the URL around it is?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.errors import ConnectionFailed, NotPostgres
from tenantry.session.connect import connect
from tenantry.session.password import blotted, without_password

SECRET = "s3cr3t-horse"
MALFORMED = [
    "postgres//someone:{}@127.0.0.1/shop",
    "postgresql:/someone:{}@127.0.0.1/shop",
    "mysql://someone:{}@127.0.0.1/shop",
    "postgresql://someone:{}@127.0.0.1:99999/shop",
    "postgresql://someone:{}@[::1/shop",
    "postgresql://someone:{}@127.0.0.1/shop?colour=blue",
    "postgresql://someone:{}%zz@127.0.0.1/shop",
    "host=127.0.0.1 port=1 password={}",
    "host=127.0.0.1 port=1 password = '{} and more'",
    "host=127.0.0.1 password='{} and",
    "postgresql://someone@127.0.0.1:1/shop?password={}",
    "postgresql://someone:{}",
    "someone:{}@127.0.0.1/shop",
]


@pytest.mark.parametrize("url", MALFORMED)
def test_a_connection_that_fails_says_so_without_the_password(url: str) -> None:
    with pytest.raises((ConnectionFailed, NotPostgres)) as failed, connect(url.format(SECRET)):
        pass
    assert SECRET not in failed.value.sentence()
    assert failed.value.__cause__ is None


@pytest.mark.parametrize("url", MALFORMED)
def test_the_rest_of_the_url_stays_legible(url: str) -> None:
    assert "***" in without_password(url.format(SECRET))
    assert "someone" in without_password(url.format(SECRET)) or "host" in url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone@host/shop",
        "postgresql://host:5432/shop",
        "postgresql:///shop?host=%2Ftmp&port=5432",
        "dbname=shop",
        "shop",
        "",
    ],
)
def test_a_url_without_a_password_is_shown_as_it_is(url: str) -> None:
    assert without_password(url) == url


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=6))
def test_no_password_survives_whatever_it_is_made_of(secret: str) -> None:
    url = f"postgresql://someone:§{secret}§@host/shop"
    assert f"§{secret}§" not in without_password(url)
    assert f"§{secret}§" not in blotted(f'server says: "§{secret}§" in "{url}"', url)
