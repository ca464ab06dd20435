"""Is a blueprint read as it was meant, and every fault named with its file and key?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tenantry.blueprint.load import load
from tenantry.blueprint.model import Blueprint
from tenantry.errors import BlueprintInvalid

FULL = """
version = 1
statements = ["select 1"]
[tenant]
table = "public.tenants"
columns = ["tenant_id"]
[roles]
attack = ["app"]
[[subject]]
role = "app"
settings = { "app.tenant_id" = "{tenant}" }
[tables."public.plans"]
shared = "price list"
[[dismiss]]
code = "T27"
reason = "known"
until = 2030-01-02
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tenantry.toml"


def test_everything_that_is_said_is_read(file: Path) -> None:
    file.write_text(FULL, encoding="utf-8")
    blueprint = load(file)
    assert blueprint.tenant.columns == ("tenant_id",)
    assert blueprint.subject[0].settings == {"app.tenant_id": "{tenant}"}
    assert blueprint.tables["public.plans"].shared == "price list"
    assert blueprint.dismiss[0].until == date(2030, 1, 2)


def test_an_empty_file_leaves_everything_to_be_guessed(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    assert load(file) == Blueprint()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", ":1: colour: There is no such key."),
        ("[tenant]\ntabel = 'x'", ":2: [tenant] tabel: There is no such key. Write table."),
        ("[tenant]\ntable = 1", ":2: [tenant] table: This is a number"),
        ("[[subject]]\nname = 'member'", ":1: [[subject]] role: This key is missing."),
        ("[tables.'public.plans']\nskip = ''", ':2: [tables."public.plans"] skip: This is empty'),
        ("[tables.public.plans]\nskip = 'old'", 'Write [tables."public.plans"]'),
        (
            "[roles]\nattack = ['a']\ntrusted = ['a']",
            ":3: [roles] trusted, item 1: The role a is also in attack (line 2)",
        ),
        ("[tenant", ":1: This is not TOML"),
        ("[tenant]\n[tenant]", ":2: This is not TOML: Cannot declare ('tenant',) twice"),
        ("a = 1\nb = 2\nc = 3\nd = 4\ne = 5", "And 2 more: tenantry check"),
    ],
)
def test_a_fault_is_named_with_file_line_and_key(file: Path, text: str, named: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BlueprintInvalid) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert named in str(refused.value)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BlueprintInvalid, match="not TOML: This is no text in UTF-8"):
        load(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintInvalid, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(BlueprintInvalid, match="No such file"):
        load(tmp_path / "absent.toml")
