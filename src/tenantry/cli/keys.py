"""The verbs of key: add, list, retire and revoke the keys that context tokens are signed with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from tenantry.cli.choices import Url
from tenantry.errors import KeyFileExists, NothingApplied, TenantryError
from tenantry.session.connect import connect

__all__ = ["KeyFileUnwritable", "KeyRefused", "app"]

app = typer.Typer(name="key", help="The keys that context tokens are signed with.", no_args_is_help=True)

KeyId = Annotated[str, typer.Option("--id", help="Name of the key: 1 to 32 lower-case letters, digits, _ and -.")]
Out = Annotated[
    Path, typer.Option("--out", help="File the key is written to, as id:secret in hex, readable by its owner only.")
]
_SECRET_BYTES = 32
# why the owner: in a schema that somebody else made, functions of these names run with the rights of who calls them
_GENUINE = """
select exists (
    select from pg_catalog.pg_namespace as space join pg_catalog.pg_roles as owner on owner.oid = space.nspowner
    where space.nspname = 'tenantry' and (owner.rolsuper or owner.rolname in ('tenantry_owner', current_user))
) and pg_catalog.to_regclass('tenantry.key_ring') is not null
"""


class KeyRefused(TenantryError):
    """The key ring has no such key, has it already, or cannot have it."""

    code = "TN044"
    way_out = "Nothing was changed. `tenantry key list URL` tells which keys there are."


class KeyFileUnwritable(TenantryError):
    """The file for the key cannot be written."""

    code = "TN045"
    way_out = "Nothing was changed. Name a file in a directory that is there and may be written, with --out."


@app.command("add")
def add(url: Url = "", *, key_id: KeyId, out: Out) -> None:
    """Make a key, put it on the ring and write it to a file for the application. The newest valid key signs."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    with connect(url) as connection:
        _demand_context(connection)
        descriptor = _new_file(out)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{key_id}:{secret.hex()}\n")
            _ask(connection, "select tenantry.add_key(%s, %s)", key_id, secret)
        except BaseException:
            out.unlink()
            raise
    typer.echo(
        f"Key {key_id} is on the ring. Its secret is in {out}: give it to the application, then delete the file."
    )


@app.command("list")
def listed(url: Url = "") -> None:
    """List the keys, newest first, without their secrets."""
    with connect(url) as connection:
        _demand_context(connection)
        # why: as text, because an end may be infinity, which Python's own type cannot hold
        found = connection.execute(
            "select id, not_before::text, not_after::text, is_revoked, is_valid from tenantry.keys()"
        ).fetchall()
    for key_id, start, end, is_revoked, is_valid in found:
        state = "revoked" if is_revoked else "valid" if is_valid else "not valid now"
        typer.echo(f"{key_id}: {state}, from {start} to {end}")
    if not found:
        typer.echo("The ring is empty: no context can be opened. Add a key with tenantry key add.")


@app.command("retire")
def retire(url: Url = "", *, key_id: KeyId) -> None:
    """End a key now, once every application signs with a newer one."""
    _run(url, "select tenantry.retire_key(%s)", key_id)
    typer.echo(f"Key {key_id} is retired.")


@app.command("revoke")
def revoke(url: Url = "", *, key_id: KeyId) -> None:
    """End a key for good, because somebody else may know it."""
    _run(url, "select tenantry.revoke_key(%s)", key_id)
    typer.echo(f"Key {key_id} is revoked.")


def _run(url: str, statement: str, key_id: str) -> None:
    with connect(url) as connection:
        _demand_context(connection)
        _ask(connection, statement, key_id)


def _ask(connection: psycopg.Connection, statement: str, key_id: str, *more: bytes) -> None:
    """Run a statement about a key. Raises ``KeyRefused`` with what the ring has against its id."""
    try:
        connection.execute(statement.encode(), [key_id, *more])
    except psycopg.errors.UniqueViolation as error:
        raise KeyRefused(f"There is a key {key_id} already.") from error
    except psycopg.errors.CheckViolation as error:
        raise KeyRefused(f"{key_id} is no name for a key: 1 to 32 lower-case letters, digits, _ and -.") from error
    except psycopg.errors.NoDataFound as error:
        raise KeyRefused(f"There is no key {key_id}.") from error


def _demand_context(connection: psycopg.Connection) -> None:
    found = connection.execute(_GENUINE).fetchone()
    if not (found and found[0]):
        raise NothingApplied("This database has no key ring of tenantry's.")


def _new_file(out: Path) -> int:
    try:
        return os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileExists(f"{out} is there already.") from error
    except OSError as error:
        raise KeyFileUnwritable(f"{out} cannot be written: {error.strerror}.") from error
