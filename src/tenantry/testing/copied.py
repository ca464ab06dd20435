"""How a database's schema is copied to a PostgreSQL of our own, where anything may be tried."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import psycopg
from psycopg import conninfo, sql

from tenantry.catalog.model import Catalog
from tenantry.errors import TenantryError
from tenantry.plan.live import live
from tenantry.plan.refusal import RehearsalImpossible
from tenantry.plan.rehearsal import Copy
from tenantry.sql.name import spoken
from tenantry.sql.refusal import told
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, installed

__all__ = ["copied"]

_BOOTSTRAP = 10
_MAKER = "tenantry_rehearsal"
_DUMP = ("--schema-only", "--no-subscriptions", "--lock-wait-timeout=5s")


@contextmanager
def copied(url: str, catalog: Catalog) -> Iterator[Copy]:
    """Start a server of the same major version with a copy of the schema and roles, without rows and passwords.

    The database is read by pg_dump and nothing else. Raises ``RehearsalImpossible``.
    """
    with _server(catalog.server.version_num // 10_000) as server:
        owner = catalog.roles[_BOOTSTRAP].name
        try:
            _name_owner(server, owner)
            _make_roles(server, catalog, owner)
            _make_database(server, catalog, owner)
        except psycopg.Error as error:
            raise RehearsalImpossible(f"The copy was refused: {told(error)}.") from error
        place = server.dsn(catalog.server.database, owner)
        _restore(server, place, _dumped(server, url))
        _execute(server, catalog, owner, live(catalog, "grants on database"))
        yield Copy(place, partial(_dumped, server, place))


@contextmanager
def _server(major: int) -> Iterator[Server]:
    """Start a server of a major version, from wherever its programs are."""
    starters: tuple[AbstractContextManager[Server], ...] = (installed(major), embedded())
    for starter in starters:
        try:
            server = starter.__enter__()
        except TenantryError:
            continue
        try:
            if server.major == major:
                yield server
                return
        finally:
            starter.__exit__(None, None, None)
    raise RehearsalImpossible(f"PostgreSQL {major} is not installed here: tenantry[embedded], or postgresql-{major}.")


def _name_owner(server: Server, owner: str) -> None:
    """Give the superuser the name it has there."""
    if owner == "postgres":
        return
    with server.connect("template1") as connection:
        connection.execute(sql.SQL("create role {} superuser login").format(sql.Identifier(_MAKER)))
    with server.connect("template1", _MAKER) as connection:
        connection.execute(sql.SQL("alter role postgres rename to {}").format(sql.Identifier(owner)))
    with server.connect("template1", owner) as connection:
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(_MAKER)))


def _make_roles(server: Server, catalog: Catalog, owner: str) -> None:
    names = [role.name for role in catalog.roles.values() if not role.name.startswith("pg_") and role.name != owner]
    roles = (text for name in sorted(names) for text in live(catalog, f"role {spoken(name)}"))
    # why: a membership may be granted by a role that holds it only by another one; here the superuser grants all
    members = (
        text
        for one in catalog.memberships
        if not catalog.roles[one.member].name.startswith("pg_")
        for text in live(
            catalog, f"membership {spoken(catalog.roles[one.role].name)} to {spoken(catalog.roles[one.member].name)}"
        )
    )
    with server.connect("template1", owner) as connection:
        for text in (*roles, *members):
            connection.execute(text.encode())
        for name in catalog.parameter_grants:
            for text in live(catalog, f"parameter {name}"):
                connection.execute(text.encode())


def _make_database(server: Server, catalog: Catalog, owner: str) -> None:
    names = {
        "name": sql.Identifier(catalog.server.database),
        "owner": sql.Identifier(catalog.roles[catalog.server.owner].name),
    }
    with server.connect("template1", owner) as connection:
        connection.execute(sql.SQL("drop database if exists {name}").format(**names))
        connection.execute(sql.SQL("create database {name} template template0 owner {owner}").format(**names))


def _execute(server: Server, catalog: Catalog, owner: str, texts: tuple[str, ...]) -> None:
    with server.connect(catalog.server.database, owner) as connection:
        for text in texts:
            connection.execute(text.encode())


def _dumped(server: Server, url: str) -> str:
    """Give the schema as pg_dump tells it; a password travels in no argument, which others could see."""
    said = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    secret = {"PGPASSWORD": said.pop("password")} if "password" in said else {}
    # why: newer versions guard a dump with a word that is random each time
    text = _run(server, "pg_dump", *_DUMP, conninfo.make_conninfo(**said), env=secret)
    return "\n".join(line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def _restore(server: Server, place: str, dump: str) -> None:
    _run(server, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", place, given=dump)


def _run(server: Server, program: str, *words: str, given: str = "", env: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            [server.bin_dir / program, *words],
            input=given,
            env={**os.environ, "LC_ALL": "C", "PGCLIENTENCODING": "UTF8", **(env or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except OSError as error:
        raise RehearsalImpossible(f"{program} cannot be run: {error.strerror}.") from error
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise RehearsalImpossible(f"{program} refused: {said}")
    return done.stdout
