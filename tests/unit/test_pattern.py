"""Texts are made that match the patterns of checks."""

import re

import pytest

from tenantry.verify.synthesis.pattern import matching, patterns_in

PATTERNS = [
    r"^[a-z_]+:[a-z_]+$",
    r"^#[0-9A-Fa-f]{6}$",
    r"^[A-Z]{2,3}-[0-9]{4}$",
    r"^(draft|sent)-\d+$",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    r"^\+?[1-9]\d{1,14}$",
    r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^https?://.+$",
    r"^([0-9A-F]{2}[:-]){5}([0-9A-F]{2})$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("mark", ["a", "b", "A", "7"])
def test_a_text_made_for_a_pattern_matches_it(pattern, mark):
    assert re.search(pattern, matching(pattern, mark=mark))


def test_texts_differ_by_mark_where_the_pattern_lets_them():
    assert matching("^[a-z]{3}$", mark="a") != matching("^[a-z]{3}$", mark="b")


def test_only_patterns_that_must_match_are_read_from_a_check():
    assert patterns_in("((code ~ '^[A-Z]+$'::text) AND (code !~ 'X'::text))") == ["^[A-Z]+$"]


@pytest.mark.parametrize("broken", ["[", "(", "^[a-", "a{", "\\"])
def test_a_broken_pattern_gives_some_text(broken):
    assert isinstance(matching(broken), str)
