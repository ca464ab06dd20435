"""Where does an application get the key it signs tokens with? From a variable, a file, or a command of a secret store.

The form is what ``tenantry key add`` writes: the key's id, a colon, the secret in hex. No message ever holds it.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tenantry.context.token import Minter
from tenantry.session.refused import TenancyUnset

__all__ = ["minter_from", "minter_of"]

KEY, KEY_FILE, KEY_COMMAND = "TENANTRY_KEY", "TENANTRY_KEY_FILE", "TENANTRY_KEY_COMMAND"
_COMMAND_S = 10


def minter_from(environment: Mapping[str, str]) -> Minter:
    """Give the minter that the environment names; raises ``TenancyUnset`` where it names none that can be read."""
    if text := environment.get(KEY):
        return minter_of(text, KEY)
    if path := environment.get(KEY_FILE):
        return minter_of(_read(Path(path)), KEY_FILE)
    if command := environment.get(KEY_COMMAND):
        return minter_of(_run(command), KEY_COMMAND)
    raise TenancyUnset(f"No key to sign tokens with: none of {KEY}, {KEY_FILE} and {KEY_COMMAND} is set.")


def minter_of(text: str, where: str) -> Minter:
    """Give the minter of a key as ``id:hex``; ``where`` is what a refusal names."""
    key_id, _, secret = text.strip().partition(":")
    try:
        return Minter(key_id, bytes.fromhex(secret))
    except ValueError:
        raise TenancyUnset(f"{where} gives no key: write it as id:secret in hex, as tenantry key add does.") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise TenancyUnset(f"{KEY_FILE} cannot be read: {error.strerror}.") from None
    except ValueError:
        return ""


def _run(command: str) -> str:
    """Run the command without a shell and give what it printed; what it complains of is not repeated."""
    try:
        done = subprocess.run(  # noqa: S603 (the operator's own words)
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_S, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise TenancyUnset(f"{KEY_COMMAND} could not be run: {type(error).__name__}.") from None
    if done.returncode != 0:
        raise TenancyUnset(f"{KEY_COMMAND} ended with status {done.returncode}.")
    return done.stdout
