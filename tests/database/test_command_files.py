"""What does the command line say of files, URLs and outputs it cannot use, before it does any work?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from command import COMMAND, Ended, environment, run
from jsonschema import Draft202012Validator

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

UNUSED = "postgresql://nobody@127.0.0.1:1/nothing"


def one_sentence(done: Ended, code: str, *words: str) -> None:
    """Check that the command ended with status 2 and one line that says what happened and what to do."""
    assert (done.status, done.stdout) == (2, "")
    assert re.fullmatch(rf"tenantry: \S.*\. \[{code}\]\n", done.stderr), done.stderr
    assert [word for word in words if word not in done.stderr] == []


@pytest.mark.parametrize("verb", ["verify", "lint"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", ("is not JSON", "line 1")),
        (b"", ("is empty",)),
        (b"[]", ("no baseline",)),
        (b'{"version": "9", "findings": {}}', ("has version '9'",)),
        (b'{"version": "1", "findings": {"x": {}}}', ("an entry, x,",)),
        (b"\xff\xfe", ("no text",)),
    ],
)
def test_a_bad_baseline_is_told_before_anything_runs(server, tmp_path: Path, verb, content, words) -> None:
    (tmp_path / "old.json").write_bytes(content)
    done = run(verb, "--baseline", "old.json", UNUSED, cwd=tmp_path)
    one_sentence(done, "TN023", "The baseline old.json", "version control", "remove it", *words)
    assert (tmp_path / "old.json").read_bytes() == content


@pytest.mark.parametrize(("place", "words"), [("here", "Is a directory"), ("no/such/file", "no/such is no directory")])
def test_a_baseline_that_cannot_be_a_file_is_told(server, tmp_path: Path, place, words) -> None:
    (tmp_path / "here").mkdir()
    one_sentence(run("lint", "--baseline", place, UNUSED, cwd=tmp_path), "TN023", place, words)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root:s3cret@localhost/shop", ("starts with mysql://", "postgresql://user:password@host/database")),
        ("sqlite:///shop.db", ("sqlite://",)),
        ("postgresql+psycopg://u:s3cret@localhost/shop", ("Leave out the driver's name",)),
        ("shop", ("shop is no URL",)),
    ],
)
def test_another_product_s_url_is_told_without_its_password(server, tmp_path: Path, url, words) -> None:
    done = run("verify", url, cwd=tmp_path)
    one_sentence(done, "TN022", *words)
    assert "s3cret" not in done.stderr


def test_a_directory_is_no_blueprint_wherever_it_is_named(server, tmp_path: Path) -> None:
    (tmp_path / "tenantry.toml").mkdir()
    one_sentence(run("lint", UNUSED, cwd=tmp_path), "TN008", "tenantry.toml cannot be read: Is a directory")
    one_sentence(run("lint", "-b", "tenantry.toml", UNUSED, cwd=tmp_path), "TN008", "Is a directory")
    one_sentence(run("init", "--force", UNUSED, cwd=tmp_path), "TN025", "tenantry.toml is a directory")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_report_that_could_not_be_written_is_not_called_clean(database, tmp_path: Path) -> None:
    database.execute("create table public.tenants (id uuid primary key)")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "lint", "--fail-at", "error", database.url()],
            cwd=tmp_path, env=environment(None), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    one_sentence(Ended(done.returncode, "", done.stderr), "TN024", "could not be written")


# -- check: what a blueprint says, without a database -----------------------------------------------------

CONTRADICTORY = """[roles]
attack = ["app"]
trusted = ["jobs",
  "app"]
[[dismiss]]
code = "T27"
reason = "known"
until = 2020-01-01
"""


def checked(folder: Path, text: str | bytes, *options: str) -> Ended:
    """Run check on a file of this directory."""
    (folder / "tenantry.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("check", *options, cwd=folder)


def test_a_blueprint_without_fault_is_called_so(server, tmp_path: Path) -> None:
    done = checked(tmp_path, "version = 1\n")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.startswith("tenantry.toml: nothing to mend.")


def test_each_fault_is_one_line_with_its_place(server, tmp_path: Path) -> None:
    done = checked(tmp_path, CONTRADICTORY)
    assert (done.status, done.stderr) == (1, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("tenantry.toml:4: [roles] trusted, item 2: The role app is also in attack (line 2)")
    assert second.startswith("tenantry.toml:8: [[dismiss]] until: The dismissal has expired on 2020-01-01.")


def test_faults_are_a_list_for_programs(server, tmp_path: Path) -> None:
    faults = json.loads(checked(tmp_path, CONTRADICTORY, "--format", "json").stdout)
    assert [(one["file"], one["line"], one["column"], one["key"]) for one in faults] == [
        ("tenantry.toml", 4, 3, "[roles] trusted, item 2"),
        ("tenantry.toml", 8, 1, "[[dismiss]] until"),
    ]
    assert all(one["message"] and one["write"] for one in faults)
    assert json.loads(checked(tmp_path, "", "--format", "json").stdout) == []


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"[tenant]\ntabel = 1\n", 1, "tenantry.toml:2: [tenant] tabel: There is no such key. Write table."),
        (b"\n[tenant\n", 2, "tenantry.toml:2: This is not TOML: "),
        (b"\n\xff\xfe", 2, "tenantry.toml:2: This is not TOML: This is no text in UTF-8."),
        (b'[roles]\nattack = ["\\u001b[31m", "\\u001b[31m"]', 1, "The role \\x1b[31m is named twice"),
    ],
)
def test_the_status_tells_what_is_to_mend_from_what_could_not_be_read(server, tmp_path, content, status, words) -> None:
    done = checked(tmp_path, content)
    assert (done.status, done.stderr) == (status, "")
    assert words in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_a_blueprint_that_is_not_there_is_told_with_the_way_to_one(server, tmp_path: Path) -> None:
    one_sentence(run("check", cwd=tmp_path), "TN029", "no blueprint tenantry.toml", "`tenantry init URL`")
    one_sentence(run("check", "else.toml", cwd=tmp_path), "TN029", "no blueprint else.toml")
    (tmp_path / "tenantry.toml").mkdir()
    one_sentence(run("check", cwd=tmp_path), "TN008", "tenantry.toml cannot be read: Is a directory")


@pytest.mark.parametrize("verb", ["verify", "lint", "plan", "apply"])
def test_no_command_uses_a_blueprint_that_contradicts_itself(server, tmp_path: Path, verb) -> None:
    (tmp_path / "tenantry.toml").write_text(CONTRADICTORY, encoding="utf-8")
    done = run(verb, UNUSED, cwd=tmp_path)
    one_sentence(done, "TN008", "tenantry.toml:4: [roles] trusted, item 2: The role app is also in attack (line 2)")


def test_the_schema_is_printed_for_editors(server, tmp_path: Path) -> None:
    done = run("check", "--schema", cwd=tmp_path)
    assert done.status == 0
    assert json.loads(done.stdout)["title"] == "tenantry.toml"


def test_what_init_writes_has_nothing_to_mend(database, tmp_path: Path) -> None:
    database.execute(
        "create table public.tenants (id uuid primary key);"
        'create table public."Price List" (id uuid primary key, tenant_id uuid references public.tenants);'
        "create table public.plans (id int primary key, name text)"
    )
    assert run("init", database.url(), cwd=tmp_path).status == 0
    done = run("check", cwd=tmp_path)
    assert (done.status, done.stderr) == (0, ""), done.stdout
    content = tomllib.loads((tmp_path / "tenantry.toml").read_text(encoding="utf-8"))
    schema = json.loads(run("check", "--schema", cwd=tmp_path).stdout)
    assert list(Draft202012Validator(schema).iter_errors(content)) == []
    assert content["tables"]["public.plans"]["shared"]
