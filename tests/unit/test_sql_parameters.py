"""Do named parameters become numbered ones, and nothing else in a query change?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.sql.parameters import positional


def test_a_name_gets_one_number_however_often_it_stands() -> None:
    text, values = positional("select %(b)s, %(a)s, %(b)s", {"a": 1, "b": 2, "c": 3})
    assert (text, values) == ("select $1, $2, $1", [2, 1])


def test_other_percent_signs_stay() -> None:
    query = "select format('%I %s %%', name) where name like 'a%' and 5 % 2 = 1"
    assert positional(query, {}) == (query, [])


def test_a_name_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError, match="missing"):
        positional("select %(missing)s", {})


@given(st.lists(st.tuples(st.sampled_from(["", "%", " %s ", "$", "''", "\n"]), st.sampled_from("abc"))))
def test_every_number_points_at_its_value(parts: list[tuple[str, str]]) -> None:
    query = "".join(f"{text}%({name})s;" for text, name in parts)
    text, values = positional(query, {"a": "A", "b": "B", "c": "C"})
    for number, value in reversed(list(enumerate(values, start=1))):
        text = text.replace(f"${number};", f"{value};")
    assert text == "".join(f"{before}{name.upper()};" for before, name in parts)
