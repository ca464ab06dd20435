"""How are findings told on a terminal? The same is said once: over roles, over verbs that one fix mends, over tables.

``--verbose`` tells every finding by itself, in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from rich.console import Console
from rich.text import Text

from tenantry.verify.model import Finding, Level
from tenantry.verify.report.grouping import Family, Told, families
from tenantry.verify.report.options import Options
from tenantry.verify.report.terminal import facts, heading, sql
from tenantry.verify.report.wording import few, statement_label

__all__ = ["findings"]

_IN_FULL = 8  # families, and members of a family, of one code; the others are named
_STYLES: Mapping[Level, str] = {
    Level.ERROR: "bold red",
    Level.WARNING: "bold yellow",
    Level.NOTE: "cyan",
}


def findings(console: Console, found: tuple[Finding, ...], options: Options) -> None:
    """Print the findings, which come the most harmful first; notes are counted unless all is asked for."""
    grouped = () if options.verbose else (Level.NOTE,)
    told = [one for one in found if one.level not in grouped]
    if told:
        heading(console, "Findings, the most harmful first")
        _Telling(console, options).tell(told)
    notes = [one for one in found if one.level in grouped]
    if notes:
        heading(console, f"Notes ({len(notes)})")
        facts(console, _notes(notes))


@dataclass
class _Telling:
    """What was said already: fixes with the place where they stand, meanings and statements."""

    console: Console
    options: Options
    fixes: dict[str, str] = field(default_factory=dict)
    meanings: set[str] = field(default_factory=set)
    statements: set[str] = field(default_factory=set)

    def tell(self, found: list[Finding]) -> None:
        if self.options.verbose:
            for finding in found:
                self._family(Family(Told((finding,)), ()))
            return
        every = families(found)
        wanted = Counter(map(_heading, every))
        told: Counter[tuple[Level, str, str]] = Counter()
        for family in every:
            told[_heading(family)] += 1
            if told[_heading(family)] <= _IN_FULL:
                self._family(family)
            elif told[_heading(family)] == wanted[_heading(family)]:
                rest = [one for one in every if _heading(one) == _heading(family)][_IN_FULL:]
                self._rest(rest)

    def _family(self, family: Family) -> None:
        head = family.leader.first
        many = f" ({1 + len(family.alike)})" if family.alike else ""
        self._head(head, many)
        self._told(family.leader)
        if family.mended_too:
            self.console.print(Text("  mended by the same SQL", style="dim"))
            facts(self.console, [(one.first.code, _in_a_sentence(one)) for one in family.mended_too])
        for one in family.alike[: _IN_FULL - 1]:
            self.console.print()
            self._told(one)
        if more := family.alike[_IN_FULL - 1 :]:
            self.console.print()
            facts(self.console, [("and also", ", ".join(filter(None, map(_where, more)))), ("", _ELSEWHERE)])

    def _rest(self, families: list[Family]) -> None:
        head = families[0].leader.first
        self._head(head, f", in {len(families)} more")
        rows = []
        for family in families:
            codes = ", ".join(dict.fromkeys(one.first.code for one in (family.leader, *family.others)))
            rows.append(("", f"{_where(family.leader)}: {codes}, as {family.leader.who or 'any role'}"))
        facts(self.console, [*rows, ("", _ELSEWHERE)])

    def _head(self, finding: Finding, more: str) -> None:
        self.console.print()
        level = (finding.level.upper(), _STYLES[finding.level])
        self.console.print(Text.assemble(level, f" {finding.code} {finding.name}{more}"))

    def _told(self, told: Told) -> None:
        finding = told.first
        facts(self.console, [("what", finding.message), *self._details(told)])
        if self.options.verbose or finding.statement not in self.statements:
            sql(self.console, statement_label(finding), finding.statement, self.options)
        self.statements.add(finding.statement)
        self._fix(told)
        if finding.intended:
            sql(self.console, "may be intended: declare", finding.declare, self.options)

    def _details(self, told: Told) -> Iterator[tuple[str, str]]:
        finding = told.first
        if finding.stolen:
            yield "whose row", "; ".join(finding.stolen)
        if finding.objects:
            yield "objects", few(finding.objects, 8)
        if told.who:
            yield "as", told.who
        if finding.meaning and (self.options.verbose or finding.meaning not in self.meanings):
            yield "means", finding.meaning
        self.meanings.add(finding.meaning)

    def _fix(self, told: Told) -> None:
        fix = told.fix
        if fix and fix in self.fixes and not self.options.verbose:
            facts(self.console, [("mend with", f"the same SQL as {self.fixes[fix]}, above")])
            return
        self.fixes.setdefault(fix, f"{told.first.code} {_where(told)}".strip())
        sql(self.console, "mend with", fix, self.options)


_ELSEWHERE = "--verbose tells each in full, with its statement and the SQL that mends it."


def _heading(family: Family) -> tuple[Level, str, str]:
    first = family.leader.first
    return first.level, first.code, first.name


def _where(told: Told) -> str:
    return told.first.relation or few(told.first.objects, 1) or told.who


def _in_a_sentence(told: Told) -> str:
    more = ", ".join({one.role: None for one in told.findings[1:] if one.role})
    return f"{told.first.message} Also as {more}." if more else told.first.message


def _notes(notes: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    for code, group in groupby(sorted(notes, key=lambda note: note.code), key=lambda note: note.code):
        same = list(group)
        where = dict.fromkeys(note.relation or few(note.objects, 1) or note.role for note in same)
        named = few([name for name in where if name])
        yield code, f"{len(same)} x {same[0].name}: {named}".rstrip(": ")
