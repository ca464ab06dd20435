"""Which planted faults does each tool find? Runs tenantry and its peers on each, and prints them side by side.

A fault is found when a tool says something about the planted database that

    1. it does not say about the base schema,
    2. names the planted object (the header ``expect``), and
    3. is about the fault (a word of the header ``topic``), not about something else in the same place.

FOUND is said as an error or a warning, note only as information. The rule and its words are the same for every tool.
False is what a tool says, as an error or a warning, about the base schema, in which nothing is wrong, except what is
true of every such database: that the server lacks minor releases, and that SQL can set the claims.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from peers import PINNED as PEER_VERSIONS
from peers import SPLINTER, installed_peers, own_version, splinter_query, splinter_version
from plantings import Planting, discover, planted, proof_succeeds
from tools import NOTE, Answer, Saying, Tool, ask, tools

from tenantry.testing.databases import Workshop
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, installed

FOUND, NOTED, SILENT, FAILED = "FOUND", "note", "-", "failed"
INHERENT_FAULTS = re.compile(r"CVE-|minor release|request\.jwt\.claims", re.IGNORECASE)
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Cell:
    """What one tool made of one planting."""

    mark: str
    is_proved: bool
    seconds: float
    because: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.mark}!" if self.is_proved else self.mark


@dataclass(frozen=True)
class Column:
    """One tool's whole result."""

    tool: str
    version: str
    cells: dict[str, Cell]
    false: tuple[str, ...]

    def count(self, mark: str) -> int:
        """Count the plantings with a mark."""
        return sum(cell.mark == mark for cell in self.cells.values())


def main() -> int:
    """Run the benchmark; the exit status says whether it could be run, not who won."""
    chosen = _arguments()
    plantings = [one for one in discover() if re.search(chosen.only, one.name)]
    with _server(chosen.server) as server:
        workshop = Workshop(server)
        unreal = _unreal(workshop, plantings)
        for name in unreal:
            print(f"{name}: its proof does not tell the planted database from the base", file=sys.stderr)
        if unreal or chosen.prove:
            print(f"{len(plantings) - len(unreal)} of {len(plantings)} plantings are proved on {_title(server)}")
            return 1 if unreal else 0
        columns = [_column(workshop, tool, plantings) for tool in _tools(chosen)]
        _print(plantings, columns, _title(server))
        if not (chosen.only or chosen.tools):
            _keep(plantings, columns, server)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="embedded", help="embedded (PostgreSQL 18), or a version Debian installed")
    parser.add_argument("--splinter", help=f"splinter.sql, or its repository; else the environment variable {SPLINTER}")
    parser.add_argument("--only", default="", help="only plantings whose name has this regular expression")
    parser.add_argument("--tools", default="", help="only tools whose name has this regular expression")
    parser.add_argument("--prove", action="store_true", help="only show that every planting is a real fault")
    return parser.parse_args()


def _server(name: str) -> AbstractContextManager[Server]:
    return embedded() if name == "embedded" else installed(int(name))


def _title(server: Server) -> str:
    return f"PostgreSQL {server.major}.{server.version_num % 10_000}"


def _tools(chosen: argparse.Namespace) -> list[Tool]:
    query = splinter_query(chosen.splinter)
    if query is None:
        print(f"splinter is left out: name its repository with --splinter or {SPLINTER}", file=sys.stderr)
    versions = {**PEER_VERSIONS, "tenantry": own_version()}
    versions["splinter"] = splinter_version(chosen.splinter) if query else ""
    return [tool for tool in tools(installed_peers(), versions, query) if re.search(chosen.tools, tool.name)]


def _unreal(workshop: Workshop, plantings: Iterable[Planting]) -> list[str]:
    """Name the plantings whose proof fails where the fault is, or succeeds where it is not."""
    return [one.name for one in plantings if not _is_real(workshop, one)]


def _is_real(workshop: Workshop, planting: Planting) -> bool:
    with planted(workshop, planting) as database:
        succeeds = proof_succeeds(database, planting)
    with planted(workshop, None) as database:
        return succeeds and proof_succeeds(database, planting) is planting.is_inherent


def _column(workshop: Workshop, tool: Tool, plantings: Iterable[Planting]) -> Column:
    with planted(workshop, None) as database:
        base = ask(tool, database.url())
    known = {_identity(one) for one in base.sayings}
    cells = {}
    for planting in plantings:
        with planted(workshop, planting) as database:
            answer = ask(tool, database.url())
        cells[planting.name] = _cell(planting, answer, set() if planting.is_inherent else known)
        print(f"{tool.name:16} {planting.name:30} {cells[planting.name]!s:8} {answer.seconds:6.1f} s", file=sys.stderr)
    return Column(tool.name, tool.version, cells, _false(base))


def _cell(planting: Planting, answer: Answer, known: set[tuple[str, str, str]]) -> Cell:
    if answer.failure:
        return Cell(FAILED, is_proved=False, seconds=answer.seconds, because=(answer.failure,))
    telling = [one for one in answer.sayings if _identity(one) not in known and _is_about(planting, one)]
    loud = [one for one in telling if one.level != NOTE]
    return Cell(
        mark=FOUND if loud else NOTED if telling else SILENT,
        is_proved=any(one.is_proved for one in loud),
        seconds=answer.seconds,
        because=tuple(f"{one.rule} ({one.level}): {one.text}"[:300] for one in loud or telling),
    )


def _is_about(planting: Planting, said: Saying) -> bool:
    text = f"{said.rule} {said.text}"
    return any(_names(text, name) for name in planting.expect) and planting.topic.search(text) is not None


def _names(text: str, name: str) -> bool:
    """Look for the object's own name as a whole word: tools write schemas in different ways, or not at all."""
    bare = re.escape(name.rpartition(".")[2])
    return re.search(rf"(?<![a-z0-9_]){bare}(?![a-z0-9_])", text, re.IGNORECASE) is not None


def _identity(said: Saying) -> tuple[str, str, str]:
    """Tell sayings apart without the numbers and keys that differ from run to run."""
    return said.rule, said.level, re.sub(r"[0-9a-f-]{8,}|\d+", "#", said.text)


def _false(base: Answer) -> tuple[str, ...]:
    if base.failure:
        return (f"failed: {base.failure}",)
    loud = (one for one in base.sayings if one.level != NOTE and not INHERENT_FAULTS.search(one.text))
    return tuple(f"{one.rule} ({one.level}): {one.text}"[:300] for one in loud)


# -- the table ----------------------------------------------------------------------------------------


def _print(plantings: list[Planting], columns: list[Column], server: str) -> None:
    print(f"{len(plantings)} planted faults on {server}, {datetime.now(UTC):%Y-%m-%d}")
    print(", ".join(f"{column.tool} {column.version}" for column in columns), end="\n\n")
    for line in _lines(plantings, columns):
        print(line)
    print("\nFOUND said as an error or a warning; FOUND! shown to happen or proved; note said as information; - silent")
    for column in columns:
        for said in column.false:
            print(f"false, {column.tool}: {said}")


def _lines(plantings: list[Planting], columns: list[Column]) -> Iterator[str]:
    head = ["planted fault", *(column.tool for column in columns)]
    rows = [[one.fault, *(str(column.cells[one.name]) for column in columns)] for one in plantings]
    sums = [
        [f"found of {len(plantings)}", *(str(column.count(FOUND)) for column in columns)],
        ["said as a note only", *(str(column.count(NOTED)) for column in columns)],
        ["false on the right schema", *(str(len(column.false)) for column in columns)],
        ["seconds a database (median)", *(f"{_typical_s(column):.1f}" for column in columns)],
    ]
    widths = [max(len(row[at]) for row in [head, *rows, *sums]) for at in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows, *sums]:
        yield "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"


def _typical_s(column: Column) -> float:
    return median(cell.seconds for cell in column.cells.values())


def _keep(plantings: list[Planting], columns: list[Column], server: Server) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ".gitignore").write_text("*\n", encoding="utf-8")
    kept = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "server": _title(server),
        "plantings": {one.name: one.about for one in plantings},
        "tools": [asdict(column) for column in columns],
    }
    file = RESULTS / f"plantings-{server.major}.json"
    file.write_text(json.dumps(kept, indent=2), encoding="utf-8")
    print(f"\nWhy each fault counts as found: {file}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
