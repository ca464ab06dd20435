"""Where do the other tools come from? From PyPI, each in an environment of its own; nothing of theirs is committed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

__all__ = ["PINNED", "SPLINTER", "installed_peers", "own_version", "splinter_query", "splinter_version"]

PINNED = {"pgrls": "0.57.1", "rlsautotest": "0.7.1", "rlsgrid": "0.5.7"}
SPLINTER = "SPLINTER"
HOME = Path(__file__).parent.parent / ".tenantry" / "bench"


def installed_peers() -> dict[str, Path]:
    """Give each peer's program, installing it where it is missing; what cannot be had is left out, and said."""
    programs = {}
    for name, pinned in PINNED.items():
        environment = HOME / f"{name}-{pinned}"
        program = environment / "bin" / name
        if program.exists() or _install(environment, f"{name}=={pinned}"):
            programs[name] = program
    return programs


def splinter_query(path: str | None) -> str | None:
    """Give splinter.sql from a file, a work tree or a bare repository; nothing where no path was given."""
    where = path or os.environ.get(SPLINTER)
    if not where:
        return None
    if Path(where).is_file():
        return Path(where).read_text(encoding="utf-8")
    return _git(where, "show", "HEAD:splinter.sql")


def splinter_version(path: str | None) -> str:
    """Give the commit of the repository, or the name of the file."""
    where = path or os.environ.get(SPLINTER) or ""
    if Path(where).is_file():
        return Path(where).name
    return _git(where, "log", "-1", "--format=%h %cs", "HEAD").strip()


def own_version() -> str:
    """Give tenantry's version, with its commit where there is one, and whether the sources differ from it."""
    repository = str(HOME.parent.parent)
    try:
        commit = _git(repository, "rev-parse", "--short", "HEAD").strip()
        changed = _git(repository, "status", "--porcelain", "src").splitlines()
    except (subprocess.CalledProcessError, OSError):
        return version("tenantry")
    return f"{version('tenantry')} at {commit}" + (f" with {len(changed)} files changed" if changed else "")


def _git(repository: str, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def _install(environment: Path, requirement: str) -> bool:
    print(f"Installing {requirement} into {environment}", file=sys.stderr)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, capture_output=True)
        subprocess.run([*pip, "install", requirement], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        print(f"{requirement} could not be installed and is left out: {error.stderr[-200:]!r}", file=sys.stderr)
        return False
    return True
