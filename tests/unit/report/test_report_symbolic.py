"""Is a statement shown without the values it was sent with?"""

from __future__ import annotations

import pytest

from tenantry.verify.report.sqltext import wrapped
from tenantry.verify.report.symbolic import symbolic

KEY = "5d9dc9f8-1818-4811-892f-902bd23f0824"


def test_bound_values_are_numbered_and_explained() -> None:
    shown = symbolic('insert into "t" ("id", "name") overriding system value values (%s, %s, %s)', ())
    assert shown.splitlines() == [
        'insert into "t" ("id", "name") overriding system value values ($1, $2, $3)',
        "-- $1 to $3: the values of the new row, column by column",
    ]


def test_the_place_of_a_row_and_a_named_value_are_told_apart() -> None:
    shown = symbolic('update "t" set "org" = %s where tableoid = %s and ctid = %s::tid', ())
    assert "-- $1: a value for org" in shown
    assert "-- $2, $3: where the row stands" in shown
    assert "%s" not in shown


@pytest.mark.parametrize("value", [KEY, "ann@example.org", "+44 20 7946 0000", '{"sub": "x"}', "1984-01-02"])
def test_a_literal_that_looks_like_a_value_is_masked(value: str) -> None:
    assert value not in symbolic(f"select set_config('app.x', '{value}', true)", ())


def test_a_literal_that_is_a_value_of_a_row_is_masked_also_within_another() -> None:
    shown = symbolic("select query_to_xml('select f(''Ann Smith'')'), 'Ann Smith', 'app.tenant'", {"Ann Smith"})
    assert "Ann Smith" not in shown
    assert "'app.tenant'" in shown


def test_a_percent_sign_in_a_name_stays_one() -> None:
    assert symbolic('select "50%s off" from "t" where "a%%b" = %s', ()).startswith(
        'select "50%s off" from "t" where "a%%b" = $1'
    )


def test_a_name_cannot_end_the_comment_it_is_told_in() -> None:
    assert len(symbolic('select f("a\ndrop table x" => %s)', ()).splitlines()) == 3


def test_numbered_holes_do_not_keep_a_statement_from_being_wrapped() -> None:
    assert len(wrapped(symbolic(f'insert into "t" ("c") values ({", ".join(["%s"] * 60)})', ()), 60)) > 2
