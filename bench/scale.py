"""How do time and memory grow with the number of tables? Verifies databases of 100, 300 and 1,000 tables.

The server has its default settings, but for those the tests use as well (no fsync). Runs come one after another.
Seconds of processor time, tenantry's and the server's together, hold on a busy machine too; the wall clock's do not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from grown import grown_sql
from peers import PINNED, SPLINTER, installed_peers, own_version, splinter_query
from tools import ask, tools

from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, ServerNotInstalled, installed

HEAD = "| server | tables | verb | seconds | CPU s (own + server) | CPU ms a table | MiB | attacks | found | unproven |"
RESULTS = Path(__file__).parent / "results"
PROFILED_LINES = 45
PROFILER = Path(__file__).parent / "profiled.py"
_RUN = "from tenantry.cli.main import main; main()"


@dataclass(frozen=True)
class Run:
    """One command on one database."""

    server: str
    tables: int
    verb: str
    seconds: float
    own_cpu_s: float
    server_cpu_s: float
    peak_mib: float
    attacks: int
    findings: int
    unproven: int

    @property
    def ms_per_table(self) -> float:
        """Give the processor time one table costs."""
        return 1000 * (self.own_cpu_s + self.server_cpu_s) / self.tables


def main() -> int:
    """Measure, and print one table."""
    chosen = _arguments()
    if not chosen.profile and not chosen.peers:
        print(HEAD)
    runs = [run for server in _servers(chosen.servers) for run in _runs(server, chosen)]
    if runs:
        _keep(runs)
    return 0


def _runs(server: Server, chosen: argparse.Namespace) -> Iterator[Run]:
    workshop = Workshop(server)
    for tables in chosen.sizes:
        with _grown(workshop, tables) as database:
            if chosen.profile:
                _profile(database, chosen.verbs[0], chosen.profile)
            elif chosen.peers:
                _peers(database, tables, chosen.splinter)
            else:
                yield from _measurements(database, tables, chosen.verbs)


def _measurements(database: Database, tables: int, verbs: list[str]) -> Iterator[Run]:
    for verb in verbs:
        run = _measured(database, tables, verb)
        print(_line(run), flush=True)
        yield run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000], help="numbers of tables")
    parser.add_argument("--servers", nargs="+", default=["embedded", "15"], help="embedded, or Debian's by version")
    parser.add_argument("--verbs", nargs="+", default=["lint", "verify"], choices=["lint", "verify"])
    parser.add_argument("--profile", choices=["cumulative", "tottime"], help="show where the first verb's time goes")
    parser.add_argument("--peers", action="store_true", help="show the other tools' seconds instead")
    parser.add_argument("--splinter", help=f"splinter.sql, or its repository; else the environment variable {SPLINTER}")
    return parser.parse_args()


def _servers(names: list[str]) -> Iterator[Server]:
    for name in names:
        try:
            with embedded() if name == "embedded" else installed(int(name)) as server:
                yield server
        except ServerNotInstalled as error:
            print(f"left out: {error}", file=sys.stderr)


def _title(server: Server) -> str:
    return f"{server.major}.{server.version_num % 10_000}"


@contextmanager
def _grown(workshop: Workshop, tables: int) -> Iterator[Database]:
    with workshop.database() as database:
        database.execute(grown_sql(tables))
        yield database


def _measured(database: Database, tables: int, verb: str) -> Run:
    started, server_started_s = time.monotonic(), _server_cpu_s(database.server)
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, verb, database.url(), "--format", "json"],
            stdout=printed,
            stderr=subprocess.PIPE,
            cwd=tempfile.gettempdir(),
        )
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        printed.seek(0)
        text = printed.read()
    if not text:
        raise SystemExit(f"{verb} on {tables} tables failed:\n{said.decode(errors='replace')[-800:]}")
    report = json.loads(text)
    return Run(
        server=_title(database.server),
        tables=tables,
        verb=verb,
        seconds=round(seconds, 2),
        own_cpu_s=round(usage.ru_utime + usage.ru_stime, 2),
        server_cpu_s=round(_server_cpu_s(database.server) - server_started_s, 2),
        peak_mib=round(usage.ru_maxrss / 1024, 1),
        attacks=report["counts"]["attacks_run"],
        findings=len(report["findings"]),
        unproven=len(report["unproven"]),
    )


def _server_cpu_s(server: Server) -> float:
    """Give the processor time of all sessions of a server that have ended, as Linux counts it."""
    postmaster = (server.directory / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    fields = Path(f"/proc/{postmaster}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _line(run: Run) -> str:
    cells = (
        run.server,
        run.tables,
        run.verb,
        f"{run.seconds:.1f}",
        f"{run.own_cpu_s:.1f} + {run.server_cpu_s:.1f}",
        f"{run.ms_per_table:.0f}",
        f"{run.peak_mib:.0f}",
        run.attacks,
        run.findings,
        run.unproven,
    )
    return f"| {' | '.join(map(str, cells))} |"


def _profile(database: Database, verb: str, order: str) -> None:
    subprocess.run(
        [sys.executable, str(PROFILER), order, str(PROFILED_LINES), verb, database.url(), "--format", "json"],
        stdout=subprocess.DEVNULL,
        check=False,
        cwd=tempfile.gettempdir(),
    )


def _peers(database: Database, tables: int, splinter: str | None) -> None:
    versions = {**PINNED, "tenantry": own_version(), "splinter": ""}
    for tool in tools(installed_peers(), versions, splinter_query(splinter)):
        answer = ask(tool, database.url())
        told = answer.failure or f"{len(answer.sayings)} sayings"
        print(f"| {tables} | {tool.name} | {answer.seconds:.1f} | {told} |", flush=True)


def _keep(runs: list[Run]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ".gitignore").write_text("*\n", encoding="utf-8")
    kept = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "tenantry": own_version()}
    text = json.dumps({**kept, "runs": [asdict(run) for run in runs]}, indent=2)
    (RESULTS / "scale.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
