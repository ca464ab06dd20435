"""What does a person at a terminal read? What was verified, the matrix, the findings by harm, the verdict.

No fact is told by colour alone, and nothing but names needs more than ASCII. rich never sees markup: all text
is literal, and neutral before it gets here. What comes from the database is always indented, so that no name,
wherever it is wrapped, can look like a heading or a verdict.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import tenantry
from tenantry.verify.model import Finding, Level, Report, RoleFact, Skipped, Verb, Verdict
from tenantry.verify.report.accepted import reason_of
from tenantry.verify.report.conclusion import conclude, kill_ratio
from tenantry.verify.report.matrix import LABELS, MEANINGS, SHORT, Row, pivot
from tenantry.verify.report.neutral import neutralised
from tenantry.verify.report.options import Options
from tenantry.verify.report.sqltext import wrapped
from tenantry.verify.report.wording import by_reason, counted, few

__all__ = ["render"]

_ROWS_AT_MOST = 40
_STYLES: Mapping[Verdict, str] = {
    Verdict.LEAK: "bold white on red",
    Verdict.UNPROVEN: "yellow",
    Verdict.OWN_ROWS: "green",
    Verdict.DENIED: "dim",
}
_LEVEL_STYLES: Mapping[Level, str] = {
    Level.ERROR: "bold red",
    Level.WARNING: "bold yellow",
    Level.NOTE: "cyan",
}
_END_STYLES = {0: "bold green", 1: "bold red", 2: "bold yellow"}


def render(report: Report, options: Options) -> str:
    """Write the report for a terminal, or for a file where ``options.colour`` is off."""
    plain = neutralised(report)
    console = _console(options)
    _header(console, plain)
    _matrix(console, plain, options)
    _findings(console, plain, options)
    _items(console, "Unproven, never counted as safe", plain.unproven, options)
    _items(console, "Skipped", plain.skipped, options)
    _mutations(console, plain)
    _accepted(console, plain, options)
    _verdict(console, plain, options)
    return _written(console)


def _console(options: Options) -> Console:
    return Console(
        file=io.StringIO(),
        width=options.width,
        height=1000,
        force_terminal=options.colour,
        color_system="standard" if options.colour else None,
        no_color=not options.colour,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def _written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _title(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))


def _facts(console: Console, facts: Iterable[tuple[str, str]]) -> None:
    """Print labelled lines; a value that is too long goes on under itself."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=12, style="dim", overflow="fold")
    grid.add_column(overflow="fold", ratio=1)
    for label, value in facts:
        grid.add_row(Text(label), Text(value))
    console.print(Padding(grid, (0, 0, 0, 2)))


def _header(console: Console, report: Report) -> None:
    server = report.server
    who = f"{server.connected_as}{' (superuser)' if server.is_superuser else ''}"
    console.print(Text(f"tenantry {tenantry.__version__}: what was verified", style="bold"))
    _facts(
        console,
        [
            ("database", server.database),
            ("server", f"PostgreSQL {server.version}, connected as {who}"),
            ("tried", _tried(report)),
            *_roles(report.roles),
            *(
                (
                    "subject",
                    f"{one.role} as {one.subject}, by {one.opened_by}{' (guessed)' if one.is_guess else ''}",
                )
                for one in report.subjects
            ),
            *(("guessed", guess) for guess in report.guesses),
        ],
    )


def _tried(report: Report) -> str:
    attacks, lints = counted(report.attacks_run, "attack"), counted(report.lints_run, "lint")
    return f"{attacks} and {lints} in {report.seconds:.1f} s"


def _roles(roles: Iterable[RoleFact]) -> Iterator[tuple[str, str]]:
    """Name the roles, those with the same outcome on one line."""
    alike: dict[tuple[bool, str], list[str]] = {}
    for role in roles:
        alike.setdefault((role.attacked, role.reason), []).append(role.name)
    for (attacked, reason), names in sorted(alike.items(), key=lambda group: not group[0][0]):
        label = "attacked" if attacked else "not attacked"
        yield label, f"{few(names, 8)}{f': {reason}' if reason else ''}"


def _matrix(console: Console, report: Report, options: Options) -> None:
    matrix = pivot(report.matrix)
    if not matrix.rows:
        return
    shown = matrix.rows if options.verbose else matrix.shown(_ROWS_AT_MOST)
    _title(console, "Who reached what (the worst verdict over roles and subjects)")
    if shown:
        console.print(Padding(_table(shown, matrix.verbs, options), (0, 0, 0, 2)))
    if hidden := len(matrix.rows) - len(shown):
        console.print(Text(f"{counted(hidden, 'other relation')} with no leak and nothing unproven."))
    legend = "; ".join(f"{LABELS[verdict]} = {MEANINGS[verdict]}" for verdict in LABELS)
    console.print(Text(f"{legend}; blank = not tried", style="dim"))


def _table(rows: Iterable[Row], verbs: tuple[Verb, ...], options: Options) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("relation", overflow="fold", max_width=options.width - 5 * len(verbs) - 3)
    for verb in verbs:
        table.add_column(SHORT[verb], width=4, no_wrap=True)
    for row in rows:
        table.add_row(Text(row.relation), *_cells(row.verdicts, verbs))
        for part in row.split if row.is_interesting or options.verbose else ():
            table.add_row(Text(f"  as {few(part.roles)}", style="dim"), *_cells(part.verdicts, verbs))
    return table


def _cells(verdicts: Mapping[Verb, Verdict], verbs: Iterable[Verb]) -> list[Text]:
    found = [verdicts.get(verb) for verb in verbs]
    return [Text(LABELS[verdict], style=_STYLES[verdict]) if verdict else Text("") for verdict in found]


def _findings(console: Console, report: Report, options: Options) -> None:
    findings = report.worst_first()
    grouped = () if options.verbose else (Level.NOTE,)
    one_by_one = [one for one in findings if one.level not in grouped]
    if one_by_one:
        _title(console, "Findings, the most harmful first")
    for finding in one_by_one:
        _finding(console, finding, options)
    notes = [one for one in findings if one.level in grouped]
    if notes:
        _title(console, f"Notes ({len(notes)})")
        _facts(console, _notes(notes))


def _finding(console: Console, finding: Finding, options: Options) -> None:
    console.print()
    head = Text.assemble((finding.level.upper(), _LEVEL_STYLES[finding.level]), f" {finding.code} {finding.name}")
    console.print(head)
    _facts(console, [("what", finding.message), *_details(finding)])
    _sql(console, "attacked with", finding.statement, options)
    _sql(console, "mend with", finding.fix, options)
    if finding.intended:
        _sql(console, "may be intended: declare", finding.declare, options)


def _details(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.stolen:
        yield "whose row", "; ".join(finding.stolen)
    if finding.objects:
        yield "objects", few(finding.objects, 8)
    if finding.role:
        yield "as", f"{finding.role}, {finding.subject}" if finding.subject else finding.role
    if finding.meaning:
        yield "means", finding.meaning


def _sql(console: Console, label: str, sql: str, options: Options) -> None:
    if not sql:
        return
    console.print(Text(f"  {label}", style="dim"))
    for line in wrapped(sql, options.width - 6):
        console.print(Text(f"      {line}"), soft_wrap=True)


def _notes(notes: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    for code, group in groupby(sorted(notes, key=lambda note: note.code), key=lambda note: note.code):
        same = list(group)
        where = [note.relation or few(note.objects, 1) for note in same]
        yield code, f"{len(same)} x {same[0].name}: {few([name for name in where if name])}".rstrip(": ")


def _items(console: Console, title: str, items: tuple[Skipped, ...], options: Options) -> None:
    if not items:
        return
    _title(console, f"{title} ({len(items)})")
    for why, whats in by_reason(items):
        _facts(console, [(f"{len(whats)} x", why), ("", few(whats, len(whats) if options.verbose else 3))])


def _mutations(console: Console, report: Report) -> None:
    ratio = kill_ratio(report.mutations)
    if ratio is None:
        return
    survivors = [one for one in report.mutations if not one.is_killed]
    _title(console, f"Sabotage: {ratio:.0%} of {counted(len(report.mutations), 'weakened control')} noticed")
    _facts(console, [("not noticed", f"{one.control}: {one.statement}") for one in survivors])


def _accepted(console: Console, report: Report, options: Options) -> None:
    if not report.dismissed:
        return
    shown = report.dismissed if options.verbose else report.dismissed[:10]
    _title(console, f"Accepted ({len(report.dismissed)})")
    _facts(console, [(one.code, f"{one.relation or 'database'}: {reason_of(one)}") for one in shown])
    if more := len(report.dismissed) - len(shown):
        console.print(Text(f"  and {more} more"))


def _verdict(console: Console, report: Report, options: Options) -> None:
    end = conclude(report, fail_at=options.fail_at)
    console.print()
    word = (end.word, _END_STYLES[end.exit_status])
    console.print(Text.assemble(word, f" (exit status {end.exit_status}): {end.sentence}"))
    console.print(Text(end.next_step))
