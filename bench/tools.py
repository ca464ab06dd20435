"""How is each tool asked about a database, and what does it answer? One function a tool, all giving the same shape.

Every tool runs as its manual says, with nothing tuned for this benchmark. What it prints is reduced to sayings:
a rule, one of three levels, and the text that a person would read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

__all__ = ["Answer", "Saying", "Tool", "ask", "tools"]

ERROR, WARNING, NOTE = "error", "warning", "note"
LONGEST_RUN_S = 900
_TENANTRY = [sys.executable, "-c", "from tenantry.cli.main import main; main()"]
_APP_ROLES = ("authenticated", "anon")


class ToolFailed(Exception):
    """A tool did not answer; its last words are the message."""


@dataclass(frozen=True)
class Saying:
    """One thing a tool says about a database."""

    rule: str
    level: str
    text: str
    is_proved: bool = False


@dataclass(frozen=True)
class Answer:
    """All a tool says about a database, and how long it took; ``failure`` where it gave up."""

    sayings: tuple[Saying, ...]
    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Tool:
    """A tool under test."""

    name: str
    version: str
    says: Callable[[str], Iterator[Saying]]


def tools(programs: Mapping[str, Path], versions: Mapping[str, str], splinter: str | None) -> list[Tool]:
    """Give the tools that are at hand, tenantry first."""
    own = versions["tenantry"]
    found = [Tool("tenantry verify", own, _verify), Tool("tenantry lint", own, _lint)]
    if splinter is not None:
        found.append(Tool("splinter", versions["splinter"], lambda url: _splinter(url, splinter)))
    return [*found, *(tool for name, program in programs.items() for tool in _peer(name, versions[name], program))]


def _peer(name: str, version: str, program: Path) -> Iterator[Tool]:
    ways: dict[str, Callable[[Path, str], Iterator[Saying]]] = {
        "pgrls lint": _pgrls_lint,
        "pgrls verify": _pgrls_verify,
        "rlsautotest": _rlsautotest,
        "rlsgrid": _rlsgrid,
    }
    for way, says in ways.items():
        if way.partition(" ")[0] == name:
            yield Tool(way, version, partial(says, program))


def ask(tool: Tool, url: str) -> Answer:
    """Let a tool look at a database."""
    started = time.monotonic()
    try:
        sayings, failure = tuple(dict.fromkeys(tool.says(url))), ""
    except (ToolFailed, psycopg.Error, json.JSONDecodeError, subprocess.TimeoutExpired, KeyError, OSError) as error:
        sayings, failure = (), f"{type(error).__name__}: {error}"[:400]
    return Answer(sayings, round(time.monotonic() - started, 2), failure)


# -- tenantry -----------------------------------------------------------------------------------------


def _verify(url: str) -> Iterator[Saying]:
    return _tenantry("verify", url)


def _lint(url: str) -> Iterator[Saying]:
    return _tenantry("lint", url)


def _tenantry(verb: str, url: str) -> Iterator[Saying]:
    report = json.loads(_output([*_TENANTRY, verb, url, "--format", "json"], url))
    for one in report["findings"]:
        named = " ".join(filter(None, (one["relation"], *one["objects"], one["role"])))
        text = f"{one['name']}: {named}: {one['message']}"
        yield Saying(one["code"], one["level"], text, is_proved=one["proof"] == "attacked")


# -- splinter: one query; its roles and its list of exposed schemas are Supabase's ------------------------


def _splinter(url: str, query: str) -> Iterator[Saying]:
    levels = {"ERROR": ERROR, "WARN": WARNING, "INFO": NOTE}
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("select set_config('pgrst.db_schemas', 'public', true)")
        cursor = connection.execute(query.encode())
        while cursor.nextset():
            pass
        for row in cursor.fetchall():
            yield Saying(row["name"], levels[row["level"]], f"{row['title']}: {row['detail']} {row['metadata']}")


# -- pgrls: its linter; and its prover, in every mode, with its access matrix -------------------------------


def _pgrls_lint(program: Path, url: str) -> Iterator[Saying]:
    for one in _pgrls(program, url, "lint")["violations"]:
        level = NOTE if one["severity"] == "info" else one["severity"]
        yield Saying(one["rule_id"], level, f"{one['title']}: {one['location']}: {one['message']}")


def _pgrls_verify(program: Path, url: str) -> Iterator[Saying]:
    for mode in ("anon", "cross-tenant", "write", "escalation", "reachability"):
        yield from _pgrls_leaks(mode, _pgrls(program, url, "verify", "--mode", mode))
    yield from _pgrls_cells(_pgrls(program, url, "matrix"))


def _pgrls(program: Path, url: str, *arguments: str) -> Any:
    where = ["--database-url", url, "--schemas", ",".join(_schemas(url)), "--format", "json"]
    return json.loads(_output([str(program), *arguments, *where], url))


def _pgrls_leaks(mode: str, told: Any) -> Iterator[Saying]:
    for table in told["tables"]:
        if table["verdict"] == "leak":
            yield Saying(f"verify {mode}", ERROR, f"{table['table']} leak {json.dumps(table)}", is_proved=True)


def _pgrls_cells(told: Any) -> Iterator[Saying]:
    """Give what the matrix shows of the application's roles; a matrix accuses nobody, so these are notes."""
    for row in told["rows"]:
        for role in _APP_ROLES:
            cell = row["access"].get(role, {})
            if cell.get("verdict") in ("open", "undecided"):
                text = f"{row['table']}: {role} {row['command']} {cell['verdict']} {cell.get('note') or ''}"
                yield Saying("matrix", NOTE, text)


# -- rlsautotest: its lint and its report ------------------------------------------------------------------


def _rlsautotest(program: Path, url: str) -> Iterator[Saying]:
    with tempfile.TemporaryDirectory() as directory:
        for schema in _schemas(url):
            linted, reported = Path(directory) / f"{schema}.lint", Path(directory) / f"{schema}.report"
            _output([str(program), "lint", "--schema", schema, "--db-url", url, "--json", str(linted)], url)
            arguments = ["--schema", schema, "--db-url", url, "--report", "--report-json", str(reported)]
            _output([str(program), *arguments], url)
            yield from _rlsautotest_lints(schema, json.loads(linted.read_text(encoding="utf-8")))
            if reported.exists():
                yield from _rlsautotest_report(schema, json.loads(reported.read_text(encoding="utf-8")))


def _schemas(url: str) -> list[str]:
    """Give the schemas with tables of the application, for tools that want them named."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select distinct schemaname::text from pg_catalog.pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema', 'auth') order by 1"
        )
        return [name for (name,) in rows]


def _rlsautotest_lints(schema: str, told: Any) -> Iterator[Saying]:
    levels = {"CRITICAL": ERROR, "HIGH": ERROR, "MEDIUM": WARNING, "INFO": NOTE}
    for one in told:
        where = f"{schema}.{one['table']} {one['policy'] or ''}"
        yield Saying("lint", levels[one["severity"]], f"{where}: {one['message']}")


def _rlsautotest_report(schema: str, told: Any) -> Iterator[Saying]:
    for surface in told["bypass_surfaces"]:
        yield Saying("bypass", NOTE, f"{schema} {json.dumps(surface)}")
    for table in told["tables"]:
        where = f"{schema}.{table['table']}"
        if table.get("exposed"):
            yield Saying("report", ERROR, f"{where}: exposed, row level security is off")
        for kind in ("leak_cells", "transition_leaks", "multi_findings"):
            if table.get(kind):
                yield Saying("report", ERROR, f"{where}: {kind} {json.dumps(table[kind])}", is_proved=True)
        for command, identities in table.get("idgrid", {}).items():
            for identity, cell in identities.items():
                if cell["exp"] is False and cell["pass"] is False:
                    yield Saying("report", ERROR, f"{where}: {command} by {identity} should be blocked", is_proved=True)


# -- rlsgrid: its configuration from the database, then its plan and its check -----------------------------


def _rlsgrid(program: Path, url: str) -> Iterator[Saying]:
    with tempfile.TemporaryDirectory() as directory:
        _output([str(program), "init", "--from-db"], url, directory)
        planned = json.loads(_output([str(program), "plan", "--json"], url, directory))
        checked = json.loads(_output([str(program), "check", "--json"], url, directory))
    for one in checked["breaches"]:
        text = f"{one['schema']}.{one['table']}: {one['operation']} by {one['actor_role']}: {one['detail']}"
        yield Saying("breach", ERROR, text, is_proved=True)
    yield from _rlsgrid_cells(planned)


def _rlsgrid_cells(planned: Any) -> Iterator[Saying]:
    """Give what the plan shows open to the application's roles; like a matrix it accuses nobody."""
    for one in planned["cells"]:
        if one["role"] in _APP_ROLES and one["expected"] in ("unrestricted", "allow"):
            text = f"{one['schema']}.{one['table']}: {one['role']} {one['operation']} {one['reason']}"
            yield Saying("plan", NOTE, text)


# -- processes --------------------------------------------------------------------------------------------


def _output(command: list[str], url: str, directory: str | None = None) -> str:
    """Run a program and give what it printed; exit statuses 0 and 1 are answers, others are failures."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LONGEST_RUN_S,
        check=False,
        cwd=directory or tempfile.gettempdir(),
        env={**os.environ, "DATABASE_URL": url, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
    )
    if done.returncode not in (0, 1, 2) or "Traceback (most recent call last)" in done.stderr:
        raise ToolFailed((done.stderr or done.stdout).strip()[-300:])
    return done.stdout
