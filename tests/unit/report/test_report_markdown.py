"""Is the pull request comment what we wrote, whatever the names are?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sample_reports import LEAK, clean_report, hostile_report, large_report, report

from tenantry.verify.report import Format, render
from tenantry.verify.report.markdown import MARKER, block, code, prose

OURS = {"code", "details", "summary", "b"}


def written(of) -> str:
    return render(of, Format.MARKDOWN)


def tokens(text: str) -> list[Token]:
    return list(flat(MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)))


def flat(found: list[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from flat(token.children or [])


def tags(text: str) -> set[str]:
    html = [token.content for token in tokens(text) if token.type in {"html_block", "html_inline"}]
    return {tag for part in html for tag in re.findall(r"<\s*/?\s*([a-zA-Z?][a-zA-Z0-9]*)", part)}


def test_a_bot_finds_its_comment_again() -> None:
    assert written(report()).startswith(MARKER)


def test_it_says_the_verdict_the_matrix_and_the_findings() -> None:
    text = written(report())
    assert "## tenantry: FAILED" in text
    assert "| <code>public.booking</code> | ❌ LEAK |  | ✅ own |" in text
    assert "```sql\nalter table public.booking" in text


def test_what_may_be_intended_says_how_to_declare_it() -> None:
    assert "May be intended: declare\n\n```toml\n[shared]" in written(report())


@pytest.mark.parametrize("of", [report(), clean_report(), large_report(), hostile_report()])
def test_every_table_row_has_as_many_cells(of) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", written(of), re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_it_fits_into_one_comment() -> None:
    many = tuple(replace(LEAK, relation=f"public.t{number}", message="m" * 500) for number in range(1000))
    text = written(report(findings=many))
    assert len(text) < 65_536
    assert "more findings; the JSON report lists all." in text


def test_a_large_matrix_is_cut_and_counted() -> None:
    assert "59 relations not shown" in written(large_report(60))


def test_hostile_names_bring_no_tags_links_or_mentions() -> None:
    text = written(hostile_report())
    assert tags(text) <= OURS
    assert not [token for token in tokens(text) if token.type in {"link_open", "image"}]
    outside_of_blocks = re.sub(r"(?ms)^(`{3,})(?:sql|toml)\n.*?^\1$", "", text)
    assert "@team" not in outside_of_blocks
    assert "www." not in outside_of_blocks
    assert "http:" not in outside_of_blocks


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_brings_no_structure(name: str) -> None:
    text = written(hostile_report(name))
    assert tags(text) <= OURS
    kinds = {token.type for token in tokens(text)}
    assert not kinds & {"link_open", "image", "strong_open", "em_open", "code_inline", "code_block"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_block_holds_all_of_its_text(text: str) -> None:
    fences = [token for token in tokens(block(text)) if token.type == "fence"]
    assert len(tokens(block(text))) == len(fences) == 1


def test_a_table_cell_cannot_be_ended_by_a_name() -> None:
    assert "|" not in code("a|b")
    assert "`" not in code("a`b")
    assert prose("<b>") == "&#60;b&#62;"
