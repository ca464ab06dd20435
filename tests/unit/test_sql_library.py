"""Is a .sql file split into header, body and sections as it stands, whatever its SQL looks like?"""

from __future__ import annotations

from tenantry.sql.library import parse

FILE = """\
-- title: Rows are open
-- why: The first line
--   and the second: with a colon

select 1; -- fix: not a header
"""
CASES = """\
-- about: before the first case
-- case: fires: with a colon
-- expect: public.note
create table public.note ();
-- case: is silent
-- expect: nothing
-- case study: no section
select 2;
"""


def test_a_header_line_may_go_on_in_the_next() -> None:
    assert parse("lint.sql", FILE).header == {
        "title": "Rows are open",
        "why": "The first line and the second: with a colon",
    }


def test_the_body_starts_at_the_first_line_of_sql_and_keeps_its_comments() -> None:
    assert parse("lint.sql", FILE).body == "select 1; -- fix: not a header\n"


def test_sections_have_a_title_a_header_and_a_body_of_their_own() -> None:
    file = parse("cases.sql", CASES, section="case")
    assert file.header == {"about": "before the first case"}
    assert [section.title for section in file.sections] == ["fires: with a colon", "is silent"]
    assert [section.header for section in file.sections] == [{"expect": "public.note"}, {"expect": "nothing"}]
    assert file.sections[0].body == "create table public.note ();\n"
    assert file.sections[1].body == "-- case study: no section\nselect 2;\n"


def test_without_a_word_for_sections_there_are_none() -> None:
    assert parse("cases.sql", CASES).sections == ()


def test_a_file_of_headers_alone_has_an_empty_body() -> None:
    assert parse("empty.sql", "-- title: nothing\n").body == ""
    assert parse("empty.sql", "").header == {}
