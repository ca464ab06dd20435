"""How a database is verified, from the catalog to the report. The main flow of tenantry reads top to bottom here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace

import psycopg

from tenantry.blueprint.anchors import PLATFORM_SCHEMAS
from tenantry.blueprint.context import custom_settings
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.ownership import Ownership, ownership
from tenantry.blueprint.roles import choose_roles
from tenantry.catalog.model import Catalog
from tenantry.catalog.read import read
from tenantry.errors import NothingToVerify, ServerTooOld, StatementStuck, TenantsUnknown
from tenantry.session.connect import pin
from tenantry.session.cursor import NameSafeCursor
from tenantry.session.watch import watched
from tenantry.verify import lint
from tenantry.verify.facts import LintFacts, OwnedRelation
from tenantry.verify.fight import Fight, attack_all
from tenantry.verify.model import Finding, Report, Skipped
from tenantry.verify.options import Options
from tenantry.verify.production import signs_of_production
from tenantry.verify.reporting import report_of, role_facts, server_fact
from tenantry.verify.rights import demand_rights, demand_writes

__all__ = ["lint_only", "verify"]

_OLDEST = 150_000
_PATIENCE_S = 2.0
_MOST_AVOIDED = 5
_END_WAIT_MS = 5_000


def verify(connection: psycopg.Connection, blueprint: Blueprint, options: Options) -> Report:
    """Lint and attack a database. The connection must be in autocommit mode; everything is rolled back.

    A server that looks like production is linted only, and the report says that the attacks were ``refused``.
    Raises the errors of ``tenantry.errors`` where nothing can be said at all.
    """
    started = time.monotonic()
    connection.cursor_factory = NameSafeCursor
    pin(connection)
    catalog = _catalog(connection)
    owned = ownership(catalog, blueprint)
    if not owned.anchors.tenants and not owned.anchors.users:
        raise TenantsUnknown
    demand_rights(catalog, blueprint)
    signs = signs_of_production(catalog)
    if signs and not options.may_write:
        return _unattacked(lint_only(connection, blueprint, options), "; ".join(signs))
    demand_writes(connection)
    linted, failed = _lint(connection, catalog, blueprint, owned, options)
    fought = _fought(connection, catalog, blueprint, owned, options)
    return replace(
        report_of(fought, linted, failed),
        seconds=round(time.monotonic() - started, 2),
    )


def _fought(
    connection: psycopg.Connection, catalog: Catalog, blueprint: Blueprint, owned: Ownership, options: Options
) -> Fight:
    """Attack in a transaction that is rolled back; begin anew without whatever made the server stop answering."""
    avoided: dict[str, str] = {}
    opened: AbstractContextManager[psycopg.Connection] = nullcontext(connection)
    while True:
        with opened as current:
            process = current.info.backend_pid
            try:
                with watched(current, _bound_s(options)), current.transaction(force_rollback=True):
                    return attack_all(current, catalog, blueprint, owned, _bounded(options), avoided)
            except StatementStuck as stuck:
                if options.second is None or stuck.about in {"", *avoided} or len(avoided) == _MOST_AVOIDED:
                    raise
                avoided[stuck.about] = "a statement here did not end when told to, and its connection was cut"
        opened = _reopened(options.second, process)


def _bounded(options: Options) -> Options:
    """Bound what is asked on a second connection as well: also there the database's code may not want to end."""
    second = options.second
    if second is None:
        return options

    @contextmanager
    def opened() -> Iterator[psycopg.Connection]:
        with second() as connection, watched(connection, _bound_s(options)):
            connection.execute("select pg_catalog.set_config('client_connection_check_interval', '1s', false)")
            yield connection

    return replace(options, second=opened)


def _bound_s(options: Options) -> float:
    """Give the client's bound of time: well after the server's own, which is the one that should act."""
    return options.statement_timeout_ms / 1000 + _PATIENCE_S


@contextmanager
def _reopened(
    second: Callable[[], AbstractContextManager[psycopg.Connection]], process: int
) -> Iterator[psycopg.Connection]:
    """Open another connection, once the server process of the one that was cut is gone with all its locks."""
    with second() as connection:
        connection.cursor_factory = NameSafeCursor
        pin(connection)
        # why: a server process told to end (not to cancel) ends its session, which no exception handler can catch
        connection.execute("select pg_catalog.pg_terminate_backend(%s, %s)", [process, _END_WAIT_MS])
        yield connection


def lint_only(connection: psycopg.Connection, blueprint: Blueprint, options: Options) -> Report:
    """Run the catalog lints alone, in a read-only transaction."""
    started = time.monotonic()
    pin(connection)
    catalog = _catalog(connection)
    owned = ownership(catalog, blueprint)
    found, failed = _lint(connection, catalog, blueprint, owned, options)
    if not owned.anchors.tenants and not owned.anchors.users:
        failed.append(Skipped("lints of tenants' tables", str(TenantsUnknown())))
    return Report(
        server=server_fact(catalog),
        roles=role_facts(catalog, blueprint),
        guesses=owned.guesses,
        findings=tuple(found),
        unproven=tuple(failed),
        lints_run=len(lint.discover()),
        seconds=round(time.monotonic() - started, 2),
    )


def _unattacked(linted: Report, signs: str) -> Report:
    """Say in the report itself that no attack was run, so that every format tells it."""
    refused = Skipped("every attack", f"this looks like a production server: {signs}")
    return replace(linted, refused=signs, unproven=(refused, *linted.unproven))


def _catalog(connection: psycopg.Connection) -> Catalog:
    catalog = read(connection)
    if catalog.server.version_num < _OLDEST:
        raise ServerTooOld(f"The server is PostgreSQL {catalog.server.version}.")
    if not catalog.tables:
        raise NothingToVerify(f"The database {catalog.server.database} has no table of an application.")
    return catalog


def _lint(
    connection: psycopg.Connection, catalog: Catalog, blueprint: Blueprint, owned: Ownership, options: Options
) -> tuple[list[Finding], list[Skipped]]:
    options.progress("lints", 0, 1)
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        return lint.run_all(connection, _facts(catalog, blueprint, owned))


def _facts(catalog: Catalog, blueprint: Blueprint, owned: Ownership) -> LintFacts:
    anchors = owned.anchors
    relations = tuple(
        OwnedRelation(
            relid=oid,
            tenant_column=owner.columns[0] if owner.is_direct and len(owner.columns) == 1 else "",
            is_tenant_table=oid == anchors.tenants,
            is_user_table=oid == anchors.users,
        )
        for oid, owner in owned.owners.items()
        if owned.is_owned(oid) and catalog.relations[oid].schema not in PLATFORM_SCHEMAS
    )
    roles = tuple(choice.role.oid for choice in choose_roles(catalog, blueprint) if choice.is_attacked)
    return LintFacts(owned=relations, app_roles=roles, context_settings=custom_settings(catalog))
