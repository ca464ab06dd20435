"""Are holes filled where SQL has an identifier, refused everywhere else, and is nothing left over on either side?"""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from tenantry.errors import UnsafeName
from tenantry.sql import library
from tenantry.sql.template import HoleMismatch, holes, render, statements

FOLDER = files("tenantry.context") / "sql"
FILES = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".sql"))


def test_a_hole_becomes_a_quoted_name() -> None:
    assert render(["select __column__ from __table__"], {"column": 'a"b', "table": ("s", "t")}) == (
        'select "a""b" from "s"."t"',
    )


def test_a_literal_stands_where_a_column_would() -> None:
    assert render(["select __noun__"], {"noun": sql.Literal("it's")}) == ("select 'it''s'",)


@pytest.mark.parametrize(
    "text",
    [
        "select '__name__'",
        'select "__name__"',
        "select 1 -- __name__",
        "select /* __name__ */ 1",
        "do $$ begin perform __name__; end $$",
        "do $body$ begin perform __name__; end $body$",
    ],
)
def test_a_hole_in_quotes_a_comment_or_a_body_is_refused(text: str) -> None:
    with pytest.raises(HoleMismatch, match="stands within"):
        render([text], {"name": "x"})


def test_a_hole_without_a_binding_and_a_binding_without_a_hole_are_refused() -> None:
    with pytest.raises(HoleMismatch, match="without a binding: \\['column'\\]"):
        render(["select __column__"], {})
    with pytest.raises(HoleMismatch, match="without a hole: \\['other'\\]"):
        render(["select __column__"], {"column": "x", "other": "y"})


def test_texts_that_belong_together_share_their_bindings() -> None:
    assert render(["create __a__", "drop __b__"], {"a": "x", "b": "y"}) == ('create "x"', 'drop "y"')


@pytest.mark.parametrize("name", ["", "\0"])
def test_what_no_name_can_be_is_refused(name: str) -> None:
    with pytest.raises(UnsafeName):
        render(["select __column__"], {"column": name})


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_what_fills_a_hole_stays_one_name(name: str) -> None:
    (text,) = render(["select __column__ from x"], {"column": name})
    assert text == 'select "' + name.replace('"', '""') + '" from x'


def test_a_blank_line_ends_a_statement() -> None:
    assert statements("select 1;\n\ndo $$\nbegin\nend\n$$;\n") == ("select 1;", "do $$\nbegin\nend\n$$;")


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_what_it_makes_why_what_it_locks_and_how_it_is_undone(name: str) -> None:
    file = library.read(FOLDER / name)
    assert set(file.header) == {"object", "about", "lock", "undo"}
    assert holes(file.header["undo"]) <= holes(file.body) | holes(file.header["object"])
    assert all(part.endswith(";") for part in statements(file.body))
    assert not file.header["undo"].endswith(";")
