"""Does a run under TENANTRY_REQUIRE_ALL=1 fail where it could not test, instead of skipping?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent

SKIPS = """
import pytest

def test_that_skips():
    pytest.skip("no such server")

@pytest.fixture
def absent():
    pytest.skip("no such input")

def test_whose_fixture_skips(absent):
    pass

@pytest.mark.skip(reason="not now")
def test_that_is_marked():
    pass

@pytest.mark.xfail(reason="known")
def test_that_is_expected_to_fail():
    assert False
"""

SKIPPED_MODULE = """
import pytest
pytest.skip("no such package", allow_module_level=True)
"""


def outcome(folder: Path, text: str, require_all: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_some.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "TENANTRY_REQUIRE_ALL": require_all}
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-rfs"]
    return subprocess.run(
        [*command, "--rootdir", folder, folder],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_skips_are_skips_on_a_desk(tmp_path: Path) -> None:
    done = outcome(tmp_path, SKIPS, require_all="0")
    assert done.returncode == 0, done.stdout
    assert "3 skipped, 1 xfailed" in done.stdout


def test_skips_are_failures_where_everything_is_required(tmp_path: Path) -> None:
    done = outcome(tmp_path, SKIPS, require_all="1")
    assert done.returncode == 1, done.stdout
    assert "1 xfailed" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]
    for reason in ("no such server", "no such input", "not now"):
        assert f"TENANTRY_REQUIRE_ALL=1 forbids that: Skipped: {reason}" in done.stdout


@pytest.mark.parametrize(("require_all", "status"), [("1", 2), ("0", 5)])
def test_a_skipped_module_counts_too(tmp_path: Path, require_all: str, status: int) -> None:
    done = outcome(tmp_path, SKIPPED_MODULE, require_all)
    assert done.returncode == status, done.stdout
