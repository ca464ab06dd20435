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
        ("colour = 1", "colour"),
        ("[tenant]\ntabel = 'x'", "tenant.tabel"),
        ("[tenant]\ntable = 1", "tenant.table"),
        ("[tenant]\ncolumns = ['']", "tenant.columns.0"),
        ("version = 2", "version"),
        ("[[subject]]\nname = 'member'", "subject.0.role"),
        ("[[subject]]\nrole = 'app'\nname = 'king'", "subject.0.name"),
        ("[tables.'public.plans']\nopen = true", "tables.public.plans.open"),
        ("[tables.'public.plans']\nskip = ''", "tables.public.plans.skip: This is empty"),
        ("[tables.'public.plans']\nshared = ' '", "tables.public.plans.shared: This is empty"),
        ("[tables.'public.plans']\npublic = ''", "tables.public.plans.public: This is empty"),
        ("[tables.'public.plans']\nowner = ''", "tables.public.plans.owner: This is empty"),
        ("[tables.'public.plans']\nwritable = true", "tables.public.plans: writable = true goes with shared"),
        ("[tables.public.plans]\nskip = 'old'", '[tables."public.plans"]'),
        ("[[dismiss]]\ncode = 'T27'", "dismiss.0.reason"),
        ("[[dismiss]]\ncode = 'T27'\nreason = 'x'\nuntil = 'soon'", "dismiss.0.until"),
        ("[tenant", "is not TOML"),
        ("[tenant]\n[tenant]", "line 2"),
    ],
)
def test_a_fault_is_named_with_file_and_key(file: Path, text: str, named: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BlueprintInvalid) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert named in str(refused.value)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BlueprintInvalid, match="is not TOML"):
        load(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintInvalid, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(BlueprintInvalid, match="No such file"):
        load(tmp_path / "absent.toml")
