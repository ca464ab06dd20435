"""Is every character of a name to be seen?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import HOSTILE, LEAK, hostile_report

from tenantry.verify.model import Verb
from tenantry.verify.report.neutral import neutralised, visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Köln 東京", "Köln 東京"),
        ("\x1b[0m", "\\x1b[0m"),
        ("a\nb", "a\\nb"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\udc80", "\\udc80"),
        ("\u00a0", "\\xa0"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_does_not_print_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_lines_where_they_matter() -> None:
    assert visible_lines("a\r\n\tb\x07") == "a\n    b\\x07"


@given(st.text())
def test_every_text_becomes_printable(text: str) -> None:
    assert visible(text).isprintable()
    assert all(line.isprintable() for line in visible_lines(text).split("\n"))


def test_a_whole_report_is_neutral_however_deep() -> None:
    plain = neutralised(hostile_report())
    assert plain.matrix[0].relation == visible(HOSTILE)
    assert plain.findings[0].stolen == (visible(HOSTILE),)
    assert plain.server.database == visible(HOSTILE)


def test_what_is_harmless_stays_as_it_is() -> None:
    assert neutralised(LEAK) == LEAK
    assert neutralised(hostile_report()).matrix[0].verb is Verb.SELECT
