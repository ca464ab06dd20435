"""Is every key of a TOML file found at the line and column where it stands?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantry.blueprint.place import Path, Place, places
from tenantry.blueprint.write import toml_string

# In each text, the key called "here" is looked for where the mark @ stands.
MARKED = {
    "a key": ((), "a = 1\n@here = 2\n"),
    "a key in a section": (("one",), "[one]\n@here = 2\n"),
    "a dotted key": (("one", "two"), "one . two.@here = 2\n"),
    "a quoted key": ((), 'a = 1\n\n@"\\u0068ere" = 2\n'),
    "a key in single quotes": ((), "@'here' = 2\n"),
    "a key behind one that looks like a section": (("one",), "[one]\n'[two]' = 1\n@here = 2\n"),
    "an inline table": (("one",), "one = { a = '}', b = [1, 2], @here = 1 }\n"),
    "an inline table in a list": (("one", 1), "one = [ { a = 1 },\n  { @here = 1 } ]\n"),
    "a list of several lines, with comments": ((), "one = [ # ]\n  'a', # ', here = 1\n  'b',\n]\n@here = 1\n"),
    "a text of several lines": ((), 'one = """\nhere = 1\n\\""" [x]\n"""\n@here = 1\n'),
    "a text of several lines in single quotes": ((), "one = '''\nhere = 1\n[x]'''\n@here = 1\n"),
    "texts that end in quotes": ((), 'a = """x"""""\nb = \'\'\'y\'\'\'\'\'\nc = ""\nd = """"""\n@here = 1\n'),
    "escapes": ((), 'one = "\\" # \\\\"\n@here = 1\n'),
    "the first of several tables": (("one", 0), "[[one]]\n@here = 1\n[[one]]\nthere = 2\n"),
    "the second of several tables": (("one", 1), "[[one]]\nhere_not = 1\n[[one]] # here\n\n@here = 1\n"),
    "a section in one of several tables": (("one", 1, "two"), "[[one]]\n[one.two]\n[[one]]\n[one.two]\n@here = 1\n"),
    "tables in tables": (
        ("one", 1, "two", 1),
        "[[one]]\n[[one.two]]\n[[one]]\n[[one.two]]\n[[one.two]]\n@here = 1\n",
    ),
    "a section named after one inside it": (("one",), "[one.two]\na = 1\n[one]\n@here = 1\n"),
    "a section with spaces in its header": (("one", "t.w.o"), '[ one . "t.w.o" ] # x\n  @here = 1\n'),
    "times and numbers": ((), "a = 1979-05-27 07:32:00Z\nb = +1_0.5e3\nc = 0xff\nd = -inf\n@here = 1"),
}


@pytest.mark.parametrize(("section", "marked"), MARKED.values(), ids=MARKED.keys())
def test_a_key_is_found_where_it_stands(section: Path, marked: str) -> None:
    before, _, after = marked.partition("@")
    found = places(before + after).by_path
    place = Place(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert found[(*section, "here")] == place
    assert set(found) == set(paths_of(tomllib.loads(before + after)))


def test_items_of_a_list_have_places_of_their_own() -> None:
    found = places("one = [\n  'a', 'b',\n  ['c'],\n]\n")
    assert [found.of(("one", index)).line for index in (0, 1, 2)] == [2, 2, 3]
    assert found.of(("one", 2, 0)) == Place(3, 4)


def test_a_header_is_the_place_of_its_section() -> None:
    found = places("[one.two]\n[one]\n[[three]]\n[[three]]\n")
    assert {path: place.line for path, place in found.by_path.items()} == {
        ("one", "two"): 1,
        ("one",): 2,
        ("three",): 3,
        ("three", 0): 3,
        ("three", 1): 4,
    }


def test_what_is_not_there_is_told_at_what_stands_around_it() -> None:
    found = places("\n[one]\na = 1\n")
    assert found.of(("one", "b", 0)).line == 2
    assert found.of(("two",)) == Place(1, 1)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = st.one_of(st.integers(-5, 5), st.booleans(), NAMES, st.dates())
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
SECTIONS = st.dictionaries(NAMES, VALUES, max_size=3)


def literal(value: Any) -> str:
    """Write a value as TOML, with line ends and comments where they may stand."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return toml_string(value)
        case list():
            return "[" + "".join(f"\n # ]\n {literal(item)} ,\r\n" for item in value) + "]"
        case dict():
            return "{ " + ", ".join(f"{toml_string(key)}={literal(item)}" for key, item in value.items()) + " }"
        case _:
            return str(value)


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """Give every path in a value that tomllib read."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*path, key)
        yield from paths_of(below, (*path, key))


@settings(deadline=None)
@given(SECTIONS, st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3), SECTIONS, st.booleans()), max_size=4))
def test_every_path_that_tomllib_reads_has_a_place(top: dict[str, Any], sections: list[Any]) -> None:
    lines = [f"{toml_string(key)} = {literal(value)}" for key, value in top.items()]
    for names, keys, is_list in sections:
        header = ".".join(map(toml_string, names))
        lines += [f"[[{header}]]" if is_list else f" [ {header} ] # x"]
        lines += [f"{toml_string(key)} = {literal(value)}" for key, value in keys.items()]
    text = "\n".join(lines)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # why: two of the drawn names may be one
    found = places(text.replace("\r\n", "\n")).by_path
    assert set(found) == set(paths_of(content))
