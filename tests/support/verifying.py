"""How tests verify a database: in this process, with a blueprint if they have one."""

from __future__ import annotations

import tomllib

import psycopg

from tenantry.blueprint.model import Blueprint
from tenantry.verify.model import Cell, Finding, Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify


def report_on(database, blueprint: str = "", **options) -> Report:
    """Verify a test's database; the blueprint is TOML text."""
    declared = Blueprint.model_validate(tomllib.loads(blueprint))
    with psycopg.connect(database.url(), autocommit=True, prepare_threshold=None) as connection:
        second = lambda: psycopg.connect(database.url(), autocommit=True)  # noqa: E731
        return verify(connection, declared, Options(may_write=True, second=second, **options))


def cell(report: Report, relation: str, verb: str, subject: str = "member") -> Cell:
    """Give the one cell of the matrix that is meant."""
    found = [c for c in report.matrix if (c.relation, c.verb, c.subject) == (relation, verb, subject)]
    assert len(found) == 1, f"{len(found)} cells for {relation} {verb} {subject}"
    return found[0]


def found(report: Report, code: str, relation: str = "") -> list[Finding]:
    """Give the findings with a code, on a relation if one is named."""
    return [one for one in report.findings if one.code == code and relation in ("", one.relation)]
