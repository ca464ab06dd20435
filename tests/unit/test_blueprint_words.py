"""What do names of tables and columns suggest, and what do they not?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.blueprint.words import is_audit_column, is_user_column, singular, tenant_weight, user_weight, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("team_members", ["team", "members"]),
        ("teamMembers", ["team", "members"]),
        ("Team Members!", ["team", "members"]),
        ("tbl2Users", ["tbl2", "users"]),
        ("___", []),
        ("", []),
    ],
)
def test_a_name_is_split_into_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("tenants", "tenant"),
        ("companies", "company"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("branches", "branch"),
        ("business", "business"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("pies", "pie"),
        ("org", "org"),
    ],
)
def test_a_plural_becomes_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_a_list_of_tenants_weighs_more_than_what_belongs_to_them() -> None:
    assert tenant_weight("organizations") > tenant_weight("app_organizations") > tenant_weight("user_organizations")
    assert tenant_weight("organization_settings") == 0


def test_a_list_of_users_weighs_more_than_what_belongs_to_them() -> None:
    assert user_weight("users") > user_weight("app_users") > user_weight("team_users") > 0
    assert user_weight("user_settings") == 0


@pytest.mark.parametrize("name", ["user_id", "owner_id", "userId", "profile_id", "submitted_by", "uid"])
def test_columns_of_a_user_are_recognised(name: str) -> None:
    assert is_user_column(name)


@pytest.mark.parametrize("name", ["created_by", "updated_by", "approved_by"])
def test_who_touched_a_row_is_not_whose_it_is(name: str) -> None:
    assert is_audit_column(name)
    assert not is_user_column(name)


@given(st.text())
def test_any_name_can_be_judged(name: str) -> None:
    assert all(word == word.lower() and word for word in words_of(name))
    assert 0 <= tenant_weight(name) <= 100
    assert 0 <= user_weight(name) <= 100
    assert is_user_column(name) in (True, False)
    assert is_audit_column(name) in (True, False)
