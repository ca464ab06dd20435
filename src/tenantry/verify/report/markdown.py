"""What does a pull request show? A comment in GitHub's Markdown that fits into one comment.

A name may hold pipes, backticks, tags, links and mentions. Outside code blocks every such character is
written as an entity, which Markdown never takes for structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tenantry.verify.model import Finding, Report, Skipped, Verb, Verdict
from tenantry.verify.report.accepted import reason_of
from tenantry.verify.report.conclusion import conclude, kill_ratio
from tenantry.verify.report.matrix import LABELS, MEANINGS, Row, pivot
from tenantry.verify.report.neutral import neutralised, visible, visible_lines
from tenantry.verify.report.options import Options
from tenantry.verify.report.wording import by_reason, counted, few, statement_label, tried

__all__ = ["MARKER", "render"]

MARKER = "<!-- tenantry report -->"
_ROWS_AT_MOST = 40
_COMMENT_AT_MOST = 60_000  # GitHub refuses more than 65 536 characters
_FINDINGS_AT_MOST = 40_000

_ACTIVE = re.compile(r"[\\`*_{}\[\]()#+\-!|<>&~@:$\"'=^]|(?<=www)\.")
_SYMBOLS = {Verdict.LEAK: "❌ ", Verdict.UNPROVEN: "❔ ", Verdict.OWN_ROWS: "✅ ", Verdict.DENIED: ""}


def render(report: Report, options: Options) -> str:
    """Write the comment; ``MARKER`` is its first line, so that a bot finds it again."""
    plain = neutralised(report)
    parts = [
        _head(plain, options),
        _matrix(plain),
        "\n".join(_findings(plain)),
        _items("Unproven, never counted as safe", plain.unproven),
        _items("Skipped", plain.skipped),
        _mutations(plain),
        _dismissed(plain),
    ]
    text = "\n\n".join(part for part in parts if part)
    return _cut(text) + "\n"


def prose(text: str) -> str:
    """Give text that Markdown shows as it is, and that mentions and links nobody."""
    return _ACTIVE.sub(_entity, visible(text))


def code(text: str) -> str:
    """Give an inline name in code type; an entity protects it, a backtick would not."""
    return f"<code>{prose(text)}</code>" if text else ""


def block(text: str, language: str = "sql") -> str:
    """Give lines as a block whose fence is longer than any run of backticks in them."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{visible_lines(text).rstrip()}\n{fence}"


def _entity(found: re.Match[str]) -> str:
    entity = f"&#{ord(found.group())};"
    # why: GitHub looks for mentions and issue numbers after entities are resolved, but not across a comment
    return f"{entity}<!-- -->" if found.group() in "@#" else entity


def _head(report: Report, options: Options) -> str:
    end = conclude(report, fail_at=options.fail_at)
    server = report.server
    return (
        f"{MARKER}\n## tenantry: {end.word}\n\n{_sentence(end.sentence)}\n{prose(end.next_step)}\n\n"
        f"Database {code(server.database)} on PostgreSQL {prose(server.version)}, "
        f"{tried(report)}."
    )


def _sentence(text: str) -> str:
    escaped = prose(text)
    return escaped[:1].upper() + escaped[1:]


def _matrix(report: Report) -> str:
    matrix = pivot(report.matrix)
    if not matrix.rows:
        return ""
    shown = matrix.shown(_ROWS_AT_MOST)[:_ROWS_AT_MOST]
    lines = [_table_row(["relation", *matrix.verbs]), _table_row(["---"] * (len(matrix.verbs) + 1))]
    lines += [line for row in shown for line in _row(row, matrix.verbs)]
    hidden = len(matrix.rows) - len(shown)
    legend = ", ".join(f"{_SYMBOLS[verdict]}{LABELS[verdict]}: {MEANINGS[verdict]}" for verdict in LABELS)
    more = f"\n\n{counted(hidden, 'relation')} not shown; the JSON report lists all." if hidden else ""
    return "### Who reached what\n\n" + "\n".join(lines) + f"\n\n{legend}{more}"


def _row(row: Row, verbs: Iterable[Verb]) -> Iterator[str]:
    verbs = list(verbs)
    yield _table_row([code(row.relation), *_verdicts(row.verdicts, verbs)])
    for part in row.split if row.is_interesting else ():
        roles = few([code(role) for role in part.roles])
        yield _table_row([f"&emsp;as {roles}", *_verdicts(part.verdicts, verbs)])


def _verdicts(verdicts: Mapping[Verb, Verdict], verbs: Iterable[Verb]) -> list[str]:
    found = [verdicts.get(verb) for verb in verbs]
    return [f"{_SYMBOLS[verdict]}{LABELS[verdict]}" if verdict else "" for verdict in found]


def _table_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _findings(report: Report) -> Iterator[str]:
    findings = report.worst_first()
    if not findings:
        return
    yield "### Findings\n"
    room = _FINDINGS_AT_MOST
    for number, finding in enumerate(findings):
        text = _finding(finding)
        room -= len(text)
        if room < 0:
            yield f"{counted(len(findings) - number, 'more finding')}; the JSON report lists all."
            return
        yield text


def _finding(finding: Finding) -> str:
    title = f"<b>{finding.level.upper()}</b> {code(finding.code)} {prose(finding.message)}"
    parts = [prose(finding.meaning)]
    if finding.stolen:
        parts.append("Whose row: " + ", ".join(map(code, finding.stolen)))
    if finding.objects:
        parts.append("Objects: " + few([code(name) for name in finding.objects], 20))
    if finding.role:
        parts.append(f"As {code(finding.role)}{': ' if finding.subject else ''}{prose(finding.subject)}")
    if finding.statement:
        parts.append(f"{statement_label(finding).capitalize()}:\n\n" + block(finding.statement))
    if finding.fix:
        parts.append("To mend it, review and run:\n\n" + block(finding.fix))
    if finding.intended:
        parts.append("May be intended: declare\n\n" + block(finding.declare, "toml"))
    body = "\n\n".join(part for part in parts if part)
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n"


def _items(title: str, items: Iterable[Skipped]) -> str:
    lines = [
        f"- {len(whats)} &times; {prose(why)}: {few([code(what) for what in whats])}" for why, whats in by_reason(items)
    ]
    return f"### {title}\n\n" + "\n".join(lines) if lines else ""


def _mutations(report: Report) -> str:
    ratio = kill_ratio(report.mutations)
    if ratio is None:
        return ""
    survivors = [f"- not noticed: {prose(one.control)}" for one in report.mutations if not one.is_killed]
    share = f"{ratio:.0%} of {counted(len(report.mutations), 'weakened control')} noticed by an attack."
    return "\n".join(["### Sabotage\n", share, "", *survivors]).rstrip()


def _dismissed(report: Report) -> str:
    lines = [f"- {code(one.code)} {_about(one)} {prose(reason_of(one))}" for one in report.dismissed]
    return "### Accepted\n\n" + "\n".join(lines) if lines else ""


def _about(finding: Finding) -> str:
    """Name what an accepted finding is about: relation or objects, and as which role."""
    about = code(finding.relation) or few([code(name) for name in finding.objects])
    return f"{about} as {code(finding.role)}" if finding.role else about


def _cut(text: str) -> str:
    if len(text) <= _COMMENT_AT_MOST:
        return text
    whole_lines = text[:_COMMENT_AT_MOST].rpartition("\n")[0]
    return f"{whole_lines}\n\nThe rest did not fit; the JSON report lists all."
