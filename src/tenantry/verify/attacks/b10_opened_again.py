"""Open the context again, for another tenant: the subject calls its own opener."""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.sql.name import quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import as_side, hidden_rows, one_per_role, reading
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_MOST_ROWS = 12


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        opener = as_side(stage, asker, Side.THEIRS).statements
        if not opener or opener == asker.statements:
            continue
        steps = [Step(statement, values) for statement, values in opener]
        rows = hidden_rows(stage, asker, most=_MOST_ROWS)
        with stage.acting(asker):
            if any(_opens(stage, asker, steps, row) for row in rows):
                yield _finding(asker)


def _opens(stage: Stage, asker: Asker, steps: list[Step], row: Row) -> bool:
    wanted = reading(stage, asker, row)
    return wanted is not None and bool(after(stage, asker, steps, Step(wanted[0], tuple(wanted[1]))).rows)


def _finding(asker: Asker) -> Finding:
    statements = "; ".join(statement.replace("%s", "…") for statement, _ in asker.statements)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} opens the context again, for another tenant, and reads its rows: {statements}.",
        meaning="Whoever can send or inject SQL as this role names any tenant and becomes it.",
        fix="-- let the opener demand a proof (a signed token) and refuse a second call in one transaction, or\n"
        f"-- revoke execute on it from {quoted(asker.role.name)} and public",
        role=asker.role.name,
        subject=asker.name,
        statement=statements,
    )


ATTACK = DatabaseAttack(
    code="B10",
    name="context_opened_again",
    claim="A subject cannot open the context of another tenant.",
    expect="error 42501",
    sabotage="grant execute on function app.enter(uuid, uuid) to app_role",
    run=_run,
    needs="a subject that is opened by statements",
)
