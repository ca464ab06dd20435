"""Which lints there are, and what each says about a database. Lints only read the catalog.

A lint is a folder ``lints/<code>_<name>/`` with ``lint.sql`` and ``cases.sql``; it is found, not listed.
``lint.sql``: header (title, level, kind, why, fix; uses, source), then one query that gives the columns
object, relation, role, detail, fix. ``uses`` names queries of ``lints/shared`` that it reads (see ``lint_text``).
``cases.sql``: sections ``-- case:`` with ``-- expect:`` and, where a case needs a newer server, ``-- min_version:``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import psycopg

from tenantry.sql import library
from tenantry.sql.parameters import fetch
from tenantry.sql.refusal import told
from tenantry.verify.facts import LintFacts, OwnedRelation
from tenantry.verify.lint_text import SharedQuery, assemble, read_shared
from tenantry.verify.model import Finding, Kind, Level, Proof, Skipped

__all__ = ["Case", "Lint", "discover", "run_all", "run_case"]


@dataclass(frozen=True)
class Case:
    """One small database a lint is tried on, and the objects it must name there (none: it must be silent).

    ``min_version`` is the first ``server_version_num`` that understands its statements.
    """

    title: str
    statements: str
    expect: frozenset[str]
    min_version: int = 0

    def runs_on(self, server_version: int) -> bool:
        """Say whether a server of this ``server_version_num`` can be asked."""
        return server_version >= self.min_version


@dataclass(frozen=True)
class Lint:
    """One question to the catalog, with why it matters and how to mend what it finds."""

    code: str
    name: str
    title: str
    level: Level
    kind: Kind
    why: str
    fix: str
    query: str
    cases: tuple[Case, ...]


@cache
def discover() -> tuple[Lint, ...]:
    """Load every lint folder, in the order of their codes."""
    folder = resources.files("tenantry.verify") / "lints"
    shared = read_shared(folder / "shared")
    found = [_load(entry, shared) for entry in folder.iterdir() if entry.is_dir() and (entry / "lint.sql").is_file()]
    return tuple(sorted(found, key=lambda lint: lint.code))


def run_all(connection: psycopg.Connection, facts: LintFacts) -> tuple[list[Finding], list[Skipped]]:
    """Run every lint in savepoints of the current transaction; what fails is reported, never silent."""
    findings: list[Finding] = []
    failed: list[Skipped] = []
    for lint in discover():
        try:
            findings.extend(_findings(connection, lint, facts))
        except psycopg.errors.DatabaseError as error:
            if connection.broken:
                raise
            failed.append(Skipped(what=f"lint {lint.code} {lint.name}", why=told(error)))
    return findings, failed


def run_case(connection: psycopg.Connection, lint: Lint, case: Case) -> frozenset[str]:
    """Build a case, ask the lint, and give the objects it named; what was built is rolled back.

    Leave out a case that does not ``runs_on`` the server: it is refused with a ``ValueError``.
    In cases, by convention: tables called ``tenant`` list tenants, tables called ``actor`` list users, a
    column ``tenant_id`` says whose a row is, and roles whose names start with ``case_app`` are attacked.
    """
    if not case.runs_on(connection.info.server_version):
        raise ValueError(f"{lint.code} {case.title}: needs server_version_num {case.min_version} or later.")
    with connection.transaction(force_rollback=True):
        connection.execute("set local search_path = public")
        connection.execute(case.statements.encode())
        facts = _case_facts(connection)
        return frozenset(finding.relation or finding.objects[0] for finding in _findings(connection, lint, facts))


def _load(folder: Traversable, shared: Mapping[str, SharedQuery]) -> Lint:
    code, _, name = folder.name.partition("_")
    file = library.read(folder / "lint.sql")
    cases = library.read(folder / "cases.sql", section="case")
    return Lint(
        code=code,
        name=name,
        title=file.header["title"],
        level=Level(file.header["level"]),
        kind=Kind(file.header["kind"]),
        why=file.header["why"],
        fix=file.header["fix"],
        query=assemble(file, shared),
        cases=tuple(_case(section) for section in cases.sections),
    )


def _case(section: library.Section) -> Case:
    expected = section.header["expect"]
    names = () if expected == "nothing" else (name.strip() for name in re.split(r",(?![^(]*\))", expected))
    return Case(
        title=section.title,
        statements=section.body,
        expect=frozenset(names),
        min_version=int(section.header.get("min_version", "0")),
    )


def _findings(connection: psycopg.Connection, lint: Lint, facts: LintFacts) -> Iterator[Finding]:
    # why: names in a lint must mean the catalog's own, whatever the database's search path says
    with connection.transaction():
        connection.execute("set local search_path = pg_catalog, pg_temp")
        rows = fetch(connection, lint.query, facts.parameters())
    for row in rows:
        yield Finding(
            code=lint.code,
            name=lint.name,
            level=lint.level,
            kind=lint.kind,
            proof=Proof.LINT,
            message=row.detail,
            meaning=lint.why,
            fix=row.fix or "",
            relation=row.relation or "",
            role=row.role or "",
            objects=() if row.relation == row.object else (row.object,),
        )


_CASE_OWNED = """
select c.oid as relid, coalesce(a.attname, '') as tenant_column,
       c.relname = 'tenant' as is_tenant_table, c.relname = 'actor' as is_user_table
from pg_catalog.pg_class as c
left join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
  and (a.attname is not null or c.relname in ('tenant', 'actor'))
order by c.oid
"""

_CASE_ROLES = "select r.oid from pg_catalog.pg_roles as r where r.rolname like 'case\\_app%' order by r.oid"


def _case_facts(connection: psycopg.Connection) -> LintFacts:
    owned = fetch(connection, _CASE_OWNED, {})
    roles = fetch(connection, _CASE_ROLES, {})
    return LintFacts(
        owned=tuple(OwnedRelation(**row._asdict()) for row in owned),
        app_roles=tuple(role.oid for role in roles),
        context_settings=("app.tenant_id",),
    )
