"""How a test gets a database of its own, and how nothing of it outlives the test.

Roles belong to the whole cluster, not to a database. So a ``Workshop`` remembers which roles are there to
stay (the server's own and those of templates) and drops every other one with the database that brought it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
from psycopg import sql

from tenantry.testing.servers import Server

__all__ = ["Database", "Loader", "Workshop"]

Loader = Callable[[psycopg.Connection], object]

# why: the default strategy, wal_log; file_copy, which forces two checkpoints, was no faster on either version
_CLONE: LiteralString = "create database {name} template {template}"


@dataclass(frozen=True)
class Database:
    """A database on a private server."""

    server: Server
    name: str

    def url(self, user: str = "postgres") -> str:
        """Give the database's URL for a role; the role needs no password."""
        return self.server.dsn(self.name, user)

    def connect(self, user: str = "postgres") -> psycopg.Connection:
        """Connect as a role, in autocommit. Close it, or use it as a context manager."""
        return self.server.connect(self.name, user)

    def execute(self, statements: str) -> None:
        """Run statements as superuser, each committed by itself unless they open a transaction."""
        with self.connect() as connection:
            connection.execute(statements.encode())


@dataclass
class Workshop:
    """Makes, clones and drops databases on one server."""

    server: Server
    kept_roles: set[str] = field(default_factory=set)
    _templates: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.kept_roles |= self._roles()

    def template(self, name: str, load: Loader) -> str:
        """Give the name of a database to clone, loading it the first time ``name`` is asked for.

        Its roles stay until the server goes, so two templates that create the same role must both
        ask first whether it exists.
        """
        if name not in self._templates:
            self._templates[name] = self._loaded(f"template_{name}", load)
            self.kept_roles |= self._roles()
        return self._templates[name]

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[Database]:
        """Clone a template and drop the clone afterwards, together with roles made meanwhile."""
        made = Database(self.server, f"test_{next(self._numbers)}")
        self._run(_CLONE, name=made.name, template=template)
        try:
            yield made
        finally:
            self._run("drop database if exists {name} with (force)", name=made.name)
            self._drop_new_roles()

    def _loaded(self, name: str, load: Loader) -> str:
        self._run(_CLONE, name=name, template="template0")
        try:
            with self.server.connect(name) as connection:
                load(connection)
        except BaseException:
            self._run("drop database {name} with (force)", name=name)
            self._drop_new_roles()
            raise
        return name

    def _drop_new_roles(self) -> None:
        for role in sorted(self._roles() - self.kept_roles):
            # why: privileges on shared objects, such as a parameter, would hold the role back
            self._run("drop owned by {role}; drop role {role}", role=role)

    def _roles(self) -> set[str]:
        with self.server.connect() as connection:
            return {name for (name,) in connection.execute("select rolname from pg_catalog.pg_roles")}

    def _run(self, statement: LiteralString, **names: str) -> None:
        with self.server.connect() as connection:
            for part in statement.split(";"):
                holes = {key: sql.Identifier(name) for key, name in names.items()}
                connection.execute(sql.SQL(part).format(**holes))
