"""Which servers and databases a test may ask for, and what a run under TENANTRY_REQUIRE_ALL demands.

``server``            a running PostgreSQL; a test that asks for it runs once on each version
``database``          an empty database for one test (the module's ``database_sql`` fixture may fill it)
``fresh_database``    call it with SQL: another database for this test
``template_database`` call it with a name and a loader, once per server; gives the template's name
``clone``             call it with a template's name: a copy for this test
``inputs``            the directory of real schemas beside the project

Roles are cluster-wide: those a test creates are dropped with its databases, those of a template stay.
To run on one version only: ``@pytest.mark.parametrize("server", [18], indirect=True)``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tenantry.testing.databases import Database, Loader, Workshop
from tenantry.testing.embedded import EmbeddedNotInstalled, embedded
from tenantry.testing.servers import Server, ServerNotInstalled, installed

PROJECT = Path(__file__).parent.parent
REQUIRE_ALL = os.environ.get("TENANTRY_REQUIRE_ALL") == "1"

STARTERS: dict[int, Callable[[], AbstractContextManager[Server]]] = {18: embedded, 15: lambda: installed(15)}
NAMES = {18: "18-embedded", 15: "15-debian"}


@dataclass
class Servers:
    """The servers started so far in this run; each starts when it is first asked for."""

    running: ExitStack
    workshops: dict[int, Workshop] = field(default_factory=dict)

    def workshop(self, version: int) -> Workshop:
        """Give the workshop of a version's server, starting the server if need be."""
        if version not in self.workshops:
            self.workshops[version] = Workshop(self.running.enter_context(STARTERS[version]()))
        return self.workshops[version]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Hold every started server until the run ends."""
    with ExitStack() as running:
        yield Servers(running)


@pytest.fixture(scope="session", params=list(STARTERS), ids=NAMES.get)
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    """Give a running server."""
    try:
        return servers.workshop(request.param).server
    except (EmbeddedNotInstalled, ServerNotInstalled) as missing:
        pytest.skip(missing.sentence())


@pytest.fixture(scope="session")
def workshop(server: Server, servers: Servers) -> Workshop:
    """Give what makes databases on the server."""
    return servers.workshop(server.major)


@pytest.fixture(scope="session")
def template_database(workshop: Workshop) -> Callable[[str, Loader], str]:
    """Give the function that loads a template the first time its name is asked for."""
    return workshop.template


@pytest.fixture
def clone(workshop: Workshop) -> Iterator[Callable[[str], Database]]:
    """Give the function that copies a template for this test."""
    with ExitStack() as databases:
        yield lambda template: databases.enter_context(workshop.database(template))


@pytest.fixture
def fresh_database(clone: Callable[[str], Database]) -> Callable[[str], Database]:
    """Give the function that makes a database from SQL for this test."""

    def make(sql_text: str = "") -> Database:
        made = clone("template0")
        made.execute(sql_text)
        return made

    return make


@pytest.fixture
def database_sql() -> str:
    """Say what ``database`` holds; a module overrides this."""
    return ""


@pytest.fixture
def database(fresh_database: Callable[[str], Database], database_sql: str) -> Database:
    """Give a database of this test's own."""
    return fresh_database(database_sql)


@pytest.fixture(scope="session")
def inputs() -> Path:
    """Give the directory of real schemas, ``../shared/inputs`` beside the project."""
    found = PROJECT.parent / "shared" / "inputs"
    if not found.is_dir():
        pytest.skip(f"The real schemas are not there: {found} is missing.")
    return found


def pytest_configure() -> None:
    """Forget what would point a connection at another server."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, so that ``-m 'not database'`` leaves it out."""
    for item in items:
        call = getattr(item, "callspec", None)
        if call is not None and "server" in call.params:
            item.add_marker(pytest.mark.database(call.params["server"]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Turn a skipped test into a failure where everything is required."""
    report = yield
    return _required(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Turn a skipped module into a failure where everything is required."""
    report = yield
    return _required(report)


def _required(report):
    if REQUIRE_ALL and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and TENANTRY_REQUIRE_ALL=1 forbids that: {_reason(report.longrepr)}"
    return report


def _reason(longrepr) -> str:
    return longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
