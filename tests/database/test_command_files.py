"""What does the command line say of files, URLs and outputs it cannot use, before it does any work?"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from command import COMMAND, Ended, environment, run

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
