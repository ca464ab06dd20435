"""What does a person at a terminal read? What was verified, the matrix, the findings by harm, the verdict.

No fact is told by colour alone, and nothing but names needs more than ASCII. rich never sees markup: all text
is literal, and neutral before it gets here. What comes from the database is always indented, so that no name,
wherever it is wrapped, can look like a heading or a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import tenantry
from tenantry.verify.model import Finding, Report, RoleFact, Skipped, Verb, Verdict
from tenantry.verify.report.accepted import reason_of
from tenantry.verify.report.conclusion import conclude, kill_ratio
from tenantry.verify.report.findings_text import findings
from tenantry.verify.report.matrix import LABELS, MEANINGS, SHORT, Row, pivot
from tenantry.verify.report.neutral import neutralised
from tenantry.verify.report.options import Options
from tenantry.verify.report.terminal import facts, heading, open_console, written
from tenantry.verify.report.wording import by_reason, counted, few, tried

__all__ = ["render"]

_ROWS_AT_MOST = 40
_STYLES: Mapping[Verdict, str] = {
    Verdict.LEAK: "bold white on red",
    Verdict.UNPROVEN: "yellow",
    Verdict.OWN_ROWS: "green",
    Verdict.DENIED: "dim",
}
_END_STYLES = {0: "bold green", 1: "bold red", 2: "bold yellow"}


def render(report: Report, options: Options) -> str:
    """Write the report for a terminal, or for a file where ``options.colour`` is off."""
    plain = neutralised(report)
    console = open_console(options)
    _header(console, plain)
    _matrix(console, plain, options)
    findings(console, plain.worst_first(), options)
    _items(console, "Unproven, never counted as safe", plain.unproven, options)
    _items(console, "Skipped", plain.skipped, options)
    _mutations(console, plain)
    _accepted(console, plain, options)
    _verdict(console, plain, options)
    return written(console)


def _header(console: Console, report: Report) -> None:
    server = report.server
    who = f"{server.connected_as}{' (superuser)' if server.is_superuser else ''}"
    console.print(Text(f"tenantry {tenantry.__version__}: what was verified", style="bold"))
    facts(
        console,
        [
            ("database", server.database),
            ("server", f"PostgreSQL {server.version}, connected as {who}"),
            *_rights(report),
            ("tried", f"{tried(report)} in {report.seconds:.1f} s"),
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


def _rights(report: Report) -> Iterator[tuple[str, str]]:
    """Say what a superuser's session means to attacks, where there were any."""
    if report.server.is_superuser and report.attacks_run:
        yield (
            "rights",
            "attacks run the database's functions by SET ROLE in this session; dynamic SQL hidden in one could take a "
            "superuser's rights back: verify a copy, or connect as a role of its own",
        )


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
    heading(console, "Who reached what (the worst verdict over roles and subjects)")
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


def _items(console: Console, title: str, items: tuple[Skipped, ...], options: Options) -> None:
    if not items:
        return
    heading(console, f"{title} ({len(items)})")
    for why, whats in by_reason(items):
        facts(console, [(f"{len(whats)} x", why), ("", few(whats, len(whats) if options.verbose else 3))])


def _mutations(console: Console, report: Report) -> None:
    ratio = kill_ratio(report.mutations)
    if ratio is None:
        return
    survivors = [one for one in report.mutations if not one.is_killed]
    heading(console, f"Sabotage: {ratio:.0%} of {counted(len(report.mutations), 'weakened control')} noticed")
    facts(console, [("not noticed", f"{one.control}: {one.statement}") for one in survivors])


def _accepted(console: Console, report: Report, options: Options) -> None:
    if not report.dismissed:
        return
    shown = report.dismissed if options.verbose else report.dismissed[:10]
    heading(console, f"Accepted ({len(report.dismissed)})")
    facts(console, [(one.code, f"{_what(one)}: {reason_of(one)}") for one in shown])
    if more := len(report.dismissed) - len(shown):
        console.print(Text(f"  and {more} more"))


def _what(finding: Finding) -> str:
    """Name what an accepted finding is about: relation or objects, and as which role."""
    about = finding.relation or few(finding.objects) or "database"
    verb = f" {finding.verb}" if finding.verb and finding.relation else ""
    return f"{about}{verb}{f' as {finding.role}' if finding.role else ''}"


def _verdict(console: Console, report: Report, options: Options) -> None:
    end = conclude(report, fail_at=options.fail_at)
    console.print()
    word = (end.word, _END_STYLES[end.exit_status])
    console.print(Text.assemble(word, f" (exit status {end.exit_status}): {end.sentence}"))
    console.print(Text(end.next_step))
