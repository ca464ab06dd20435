"""How what the attacks and lints brought to light becomes the report: matrix, findings, and what stayed open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.roles import choose_roles
from tenantry.catalog.model import Catalog
from tenantry.verify import lint
from tenantry.verify.broken import blind_members, own_rows_unreadable
from tenantry.verify.fight import Fight
from tenantry.verify.judge import Try, cells, findings
from tenantry.verify.model import (
    Cell,
    Finding,
    Level,
    Proof,
    Report,
    RoleFact,
    ServerFact,
    Skipped,
    SubjectFact,
    Verb,
    Verdict,
)
from tenantry.verify.report.symbolic import symbolic
from tenantry.verify.stage import Stage
from tenantry.verify.unmet import left_open

__all__ = ["report_of", "role_facts", "server_fact"]


def report_of(fight: Fight, linted: list[Finding], failed: list[Skipped]) -> Report:
    """Judge every try and put the report together."""
    stage = fight.stage
    tries = [fight.tries[key] for key in sorted(fight.tries)]
    blind = blind_members(stage.ownership, tries)
    proved = findings(stage.catalog, stage.ownership, _without_declared(stage, tries))
    matrix = [*left_open(stage.catalog, fight.untried, _blinded(cells(tries), blind)), *_cells_of(fight.found)]
    told = [*proved, *fight.found, *own_rows_unreadable(stage.catalog, tries), *linted]
    unproven = [*fight.cast.unopened, *_unproven(matrix), *fight.unproven, *failed]
    return Report(
        server=server_fact(stage.catalog),
        roles=tuple(RoleFact(c.role.name, c.is_attacked, c.reason) for c in fight.cast.roles),
        subjects=tuple(SubjectFact(a.role.name, a.name, a.opened_by, a.is_guess) for a in stage.askers),
        guesses=fight.cast.guesses,
        matrix=tuple(matrix),
        findings=tuple(_explained(one) for one in _without_values(stage, told)),
        unproven=tuple(unproven),
        skipped=(*_left_out(stage), *fight.skipped),
        mutations=tuple(fight.mutations),
        attacks_run=stage.attacks_run,
        lints_run=len(lint.discover()),
    )


def _without_values(stage: Stage, found: Iterable[Finding]) -> Iterator[Finding]:
    """Show statements of attacks by symbols; those of the blueprint and of the catalog hold no row's values."""
    values = {value for row in stage.world.rows.values() for value in row.values.values() if value}
    for one in found:
        is_sent = one.statement and one.proof is Proof.ATTACKED and one.code not in _NO_VALUES
        yield replace(one, statement=symbolic(one.statement, values)) if is_sent else one


_NO_VALUES = frozenset({"M01", "N01"})


def _explained(one: Finding) -> Finding:
    """Say why a leak of the matrix is no more than a note."""
    if (one.code, one.level) != ("B01", Level.NOTE):
        return one
    why = "It is a note, though the matrix says LEAK: the role reads the same rows in those tables themselves."
    return replace(one, message=f"{one.message} {why}")


def _without_declared(stage: Stage, tries: Iterable[Try]) -> list[Try]:
    """Leave out what the blueprint declares to be open."""
    return [one for one in tries if not _is_declared(stage, one)]


def _left_out(stage: Stage) -> Iterator[Skipped]:
    """List the tables that the blueprint leaves out, with its reason."""
    for oid, table in stage.ownership.declared.items():
        if table.skip:
            yield Skipped(stage.catalog.relations[oid].title, f"left out by the blueprint: {table.skip}")


def _is_declared(stage: Stage, one: Try) -> bool:
    table = stage.ownership.declared.get(one.relation.oid)
    if table is None:
        return False
    is_read = one.attack.verb is Verb.SELECT
    return (is_read and bool(table.public or table.shared)) or (bool(table.shared) and table.writable)


def _blinded(matrix: Iterable[Cell], blind: frozenset[str]) -> list[Cell]:
    """Turn refusals to a member who saw no own row anywhere into open questions."""
    return [
        replace(cell, verdict=Verdict.UNPROVEN, evidence=f"the subject sees none of its own rows: {cell.evidence}")
        if cell.role in blind
        and cell.subject == "member"
        and cell.verdict is Verdict.DENIED
        and not _NEEDS_NO_SIGHT.search(cell.evidence)
        else cell
        for cell in matrix
    ]


# What holds for everybody who acts as the role, whichever rows it sees.
_NEEDS_NO_SIGHT = re.compile(
    r"^(no \w+ privilege|no own row that|no primary key to|no user to|ties no )|client cannot send"
)


def _cells_of(found: Iterable[Finding]) -> list[Cell]:
    """Give a cell for each leak that a database attack found on a relation of its own, such as a view."""
    return [
        Cell(one.relation, Verb(one.verb), one.role, one.subject, Verdict.LEAK, one.message)
        for one in found
        if one.relation and one.verb in set(Verb) - {Verb.EXECUTE} and one.kind == "leak"
    ]


def _unproven(matrix: Iterable[Cell]) -> list[Skipped]:
    """Count open questions by relation and reason, so that one missing row is one line."""
    open_cells: dict[tuple[str, str], list[str]] = {}
    for cell in matrix:
        if cell.verdict is Verdict.UNPROVEN:
            verbs = open_cells.setdefault((cell.relation, cell.evidence), [])
            verbs.append(f"{cell.verb} by {cell.role} ({cell.subject})")
    return [Skipped(f"{relation}: {', '.join(verbs)}", why) for (relation, why), verbs in open_cells.items()]


def server_fact(catalog: Catalog) -> ServerFact:
    """Say which server answered."""
    server = catalog.server
    return ServerFact(server.version, server.version_num, server.database, server.user, server.is_superuser)


def role_facts(catalog: Catalog, blueprint: Blueprint) -> tuple[RoleFact, ...]:
    """Say of every role that could matter whether it would be attacked, for a run that attacks none."""
    return tuple(
        RoleFact(
            c.role.name, False, f"no attack was run; verify would attack it: {c.reason}" if c.is_attacked else c.reason
        )
        for c in choose_roles(catalog, blueprint)
    )
