"""Is the page one file, without scripts, accessible, and safe whatever the names are?"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import clean_report, hostile_report, large_report, report

from tenantry.verify.report import Format, render

VOID = {"meta", "br", "link", "img", "input"}


class Page(HTMLParser):
    """The tags of a page, with attributes, and whether each is closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def written(of) -> str:
    return render(of, Format.HTML)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, paper: str) -> float:
    dark, light = sorted([luminance(ink), luminance(paper)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("of", [report(), clean_report(), large_report(), hostile_report()])
def test_every_tag_is_closed(of) -> None:
    assert Page(written(of)).open == []


def test_it_loads_nothing_and_runs_nothing() -> None:
    page = Page(written(report()))
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name in {"src", "href", "style"}]
    assert "default-src 'none'" in written(report())


def test_hostile_names_bring_no_tags_and_no_attributes() -> None:
    ours, theirs = Page(written(report())), Page(written(hostile_report()))
    assert {tag for tag, _ in theirs.tags} <= {tag for tag, _ in ours.tags}
    names = {name for _, attributes in ours.tags for name in attributes}
    assert {name for _, attributes in theirs.tags for name in attributes} <= names
    assert "49" not in re.sub(r"(?s)<style>.*</style>", "", written(hostile_report()))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_only_text(name: str) -> None:
    text = written(hostile_report(name))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert len(Page(text).tags) == len(Page(written(hostile_report("x"))).tags)


def test_headers_of_the_table_say_what_they_head() -> None:
    assert {attributes.get("scope") for attributes in Page(written(report())).named("th")} == {"row", "col"}


def test_a_verdict_is_told_in_words_as_well_as_colour() -> None:
    assert re.search(r'<td class="leak" title="[^"]+">LEAK</td>', written(report()))
    assert re.search(r'<td class="own_rows" title="[^"]+">own</td>', written(report()))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_can_be_read_on_its_paper(scheme: str) -> None:
    light, dark = written(report()).split("@media (prefers-color-scheme: dark)")
    pairs = re.findall(r"--(\w+)-ink: (#\w{6}); --\1-paper: (#\w{6});", light if scheme == "light" else dark)
    assert len(pairs) == 7
    assert {name: contrast(ink, paper) for name, ink, paper in pairs if contrast(ink, paper) < 4.5} == {}


def test_errors_are_open_and_notes_are_closed() -> None:
    text = written(report())
    assert re.search(r'<details open>\s*<summary><span class="badge error">', text)
    assert re.search(r'<details>\s*<summary><span class="badge note">', text)


def test_it_says_the_verdict_and_the_exit_status() -> None:
    assert "<h1>tenantry: FAILED</h1>" in written(report())
    assert "(exit status 1)" in written(report())
