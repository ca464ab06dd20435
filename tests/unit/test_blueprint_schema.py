"""Does the published JSON Schema take and refuse what the model takes and refuses?"""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.schema import json_schema

PROJECT = Path(__file__).parent.parent.parent
FILES = [PROJECT / "src/tenantry/verify/reference.toml", PROJECT / "examples/restaurant/clean.toml"]

TAKEN = [
    "",
    "version = 1",
    "[tenant]\ntable = ''\ncolumns = []",
    "[context]\nprofile = 'plain'\ntenant = 'app.tenant_id'\ninternal = ['worker']",
    "[isolation]\nunknown = 'share'",
    "[[subject]]\nrole = 'a'\nname = 'stranger'\nchannel = 'api'\nsettings = { 'a.b' = 'c' }\nsql = ['select 1']",
    "[tables.\"public.a\"]\nshared = 'x'\nwritable = true\n[tables.b]\nwritable = false\n[tables.c]\nowner = 'd'",
    "statements = ['select 1']",
    "[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = 2030-01-31",
    "[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = '2030-01-31'\nrelation = ''",
]

REFUSED = [
    "colour = 1",
    "version = 2",
    "version = '1'",
    "tenant = 'a'",
    "tenant = []",
    "[tenant]\ntabel = 'x'",
    "[tenant]\ntable = 1",
    "[tenant]\ncolumns = 'a'",
    "[tenant]\ncolumns = ['']",
    "[tenant]\ncolumns = [1]",
    "[roles]\nattack = 'app'",
    "[context]\nprofile = 'open'",
    "[isolation]\nunknown = true",
    "[subject]\nrole = 'a'",
    "subject = ['a']",
    "[[subject]]\nname = 'member'",
    "[[subject]]\nrole = ''",
    "[[subject]]\nrole = 'a'\nname = 'king'",
    "[[subject]]\nrole = 'a'\nsettings = { 'a.b' = 1 }",
    "[[subject]]\nrole = 'a'\nsettings = ['a.b']",
    "[[tables]]",
    "[tables]\na = 'shared'",
    "[tables.public.plans]\nskip = 'x'",
    "[tables.a]\nopen = true",
    "[tables.a]\nshared = ''",
    "[tables.a]\npublic = ' '",
    '[tables.a]\nskip = "\\t"',
    "[tables.a]\nowner = ''",
    "[tables.a]\nwritable = true",
    "[tables.a]\nshared = 'x'\nwritable = 'yes'",
    "[tables.a]\nshared = 'x'\nwritable = 1",
    "statements = 'select 1'",
    "[[dismiss]]\nreason = 'x'",
    "[[dismiss]]\ncode = 'T27'",
    "[[dismiss]]\ncode = 'T27'\nreason = ''",
    "[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = 'soon'",
    "[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = '2030-02-30'",
    "[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = 864000",
    "[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = 2030-01-31T10:00:00",
]


def as_editors_read(text: str) -> Any:
    """Give TOML as an editor hands it to a schema: days and times are text."""
    return json.loads(json.dumps(tomllib.loads(text), default=lambda value: value.isoformat()))


def schema_takes(text: str) -> bool:
    return Draft202012Validator(json_schema(), format_checker=FormatChecker()).is_valid(as_editors_read(text))


def model_takes(text: str) -> bool:
    try:
        Blueprint.model_validate(tomllib.loads(text))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("text", [*TAKEN, *(file.read_text(encoding="utf-8") for file in FILES)])
def test_what_the_model_takes_the_schema_takes(text: str) -> None:
    assert (model_takes(text), schema_takes(text)) == (True, True)


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_model_refuses_the_schema_refuses(text: str) -> None:
    assert (model_takes(text), schema_takes(text)) == (False, False)


def test_it_is_a_schema_of_draft_2020_12_without_an_address_of_its_own() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema


def test_every_key_is_described() -> None:
    schema = json_schema()
    sections = [schema, *schema["$defs"].values()]
    silent = [
        key for part in sections for key, said in part["properties"].items() if not {"description", "$ref"} & {*said}
    ]
    assert silent == []
    assert all(part["description"] for part in sections)


def test_the_published_file_is_this_schema() -> None:
    published = PROJECT / "docs" / "reference" / "blueprint.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == json_schema()


def test_days_and_times_reach_the_schema_as_text() -> None:
    assert as_editors_read("a = 2030-01-31\nb = 2030-01-31T10:00:00") == {
        "a": date(2030, 1, 31).isoformat(),
        "b": datetime(2030, 1, 31, 10).isoformat(),
    }
