"""Does `tenantry key` say in words what the key ring refuses, and leave no file without a key behind?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command import run
from grounds import ground

from tenantry.context.model import Profile
from tenantry.testing.databases import Database


@pytest.fixture
def url(fresh_database: Callable[[str], Database]) -> str:
    """Give a database whose ring has one key, named first."""
    return ground(fresh_database, Profile.SEALED).database.url()


def test_a_key_is_added_listed_retired_and_revoked(url: str, tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    assert run("key", "add", url, "--id", "second", "--out", str(file), cwd=tmp_path).status == 0
    assert file.read_text(encoding="ascii").startswith("second:")
    assert "second: valid" in run("key", "list", url, cwd=tmp_path).stdout
    assert run("key", "retire", url, "--id", "first", cwd=tmp_path).status == 0
    assert run("key", "revoke", url, "--id", "second", cwd=tmp_path).status == 0
    told = run("key", "list", url, cwd=tmp_path).stdout
    assert "first: not valid now" in told
    assert "second: revoked" in told


@pytest.mark.parametrize(("key_id", "words"), [("first", "There is a key first already."), ("A b", "is no name for")])
def test_a_refused_key_leaves_no_file(url: str, tmp_path: Path, key_id: str, words: str) -> None:
    file = tmp_path / "key.txt"
    refused = run("key", "add", url, "--id", key_id, "--out", str(file), cwd=tmp_path)
    assert (refused.status, words in refused.stderr, "TN044" in refused.stderr) == (2, True, True), refused.stderr
    assert not file.exists()


@pytest.mark.parametrize("verb", ["retire", "revoke"])
def test_a_key_that_is_not_there_is_told(url: str, tmp_path: Path, verb: str) -> None:
    refused = run("key", verb, url, "--id", "gone", cwd=tmp_path)
    assert (refused.status, "There is no key gone." in refused.stderr) == (2, True), refused.stderr


def test_a_file_that_cannot_be_written_adds_no_key(url: str, tmp_path: Path) -> None:
    refused = run("key", "add", url, "--id", "second", "--out", str(tmp_path / "none" / "key.txt"), cwd=tmp_path)
    assert (refused.status, "TN045" in refused.stderr) == (2, True), refused.stderr
    assert "second" not in run("key", "list", url, cwd=tmp_path).stdout


def test_no_connection_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    refused = run("key", "add", "postgresql://127.0.0.1:1/none", "--id", "k", "--out", str(file), cwd=tmp_path)
    assert (refused.status, file.exists()) == (2, False), refused.stderr
