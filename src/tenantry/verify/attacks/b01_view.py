"""Read another tenant's rows through a view, a materialised view or a foreign table."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import sees
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side
from tenantry.verify.views import owned_behind, views_of_owned_rows
from tenantry.verify.worlds import Answers, Question, compare

_MOST_REFRESHED = 100_000


def _run(stage: Stage) -> Iterator[Finding]:
    questions = [
        Question(asker, view.oid, _asking(view, columns))
        for view in views_of_owned_rows(stage, "vmf")
        for asker in stage.askers
        if (columns := _readable(stage, asker, view))
    ]
    leaks: dict[tuple[int, int], list[Answers]] = {}
    for answers in compare(stage, questions, refresh=lambda: _refresh(stage)):
        if not answers.present.failed:
            leaks.setdefault((answers.question.about, answers.question.asker.role.oid), []).append(answers)
    for (oid, _), found in leaks.items():
        yield _finding(stage, stage.catalog.relations[oid], found)


def _readable(stage: Stage, asker: Asker, view: Relation) -> list[str]:
    return [c.name for c in view.columns if can(stage.catalog, asker.role, view, "SELECT", column=c.name)]


def _asking(view: Relation, columns: list[str]) -> Step:
    """Ask for a digest of all rows in any order, so that big views answer in one line."""
    fields = sql.SQL(", ").join(map(identifier, columns))
    return Step(
        sql.SQL("select count(*), sum(hashtextextended(row({})::text, 0)::numeric) from {}").format(
            fields, relation_name(view)
        )
    )


def _refresh(stage: Stage) -> None:
    """Fill materialised views anew from the world as it is: they do not follow their tables."""
    for view in views_of_owned_rows(stage, "m"):
        if all(table.estimated_rows <= _MOST_REFRESHED for table in owned_behind(stage, view)):
            try:
                with stage.connection.transaction():
                    stage.connection.execute(sql.SQL("refresh materialized view {}").format(relation_name(view)))
            except psycopg.DatabaseError:
                if stage.connection.broken:
                    raise


def _finding(stage: Stage, view: Relation, found: list[Answers]) -> Finding:
    asker = found[0].question.asker
    who = f"{asker.role.name} ({', '.join(sorted({one.question.asker.name for one in found}))})"
    tables = owned_behind(stage, view)
    intended = _is_open_anyway(stage, asker, tables)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.NOTE if intended else Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{who} reads rows of another tenant through {view.title}, which shows "
        f"{few([table.title for table in tables])}.",
        meaning="A view asks with its owner's rights unless it is told otherwise, and a materialised view or a "
        "foreign table knows no row security at all.",
        fix=_fix(view, asker),
        relation=view.title,
        verb="select",
        role=asker.role.name,
        subject=", ".join(sorted({one.question.asker.name for one in found})),
        statement=found[0].present.statement,
        objects=tuple(table.title for table in tables),
        intended=intended,
        declare=f'[tables."{view.schema}.{view.name}"]\npublic = "why everyone may read it"' if intended else "",
    )


def _is_open_anyway(stage: Stage, asker: Asker, tables: list[Relation]) -> bool:
    """Say whether the subject reads the same rows in every table itself: then the view opens nothing more."""
    rows = [row for table in tables if (row := stage.world.row(table.oid, Side.THEIRS)) is not None]
    with stage.acting(asker):
        return bool(rows) and all(sees(stage, asker, row) for row in rows)


def _fix(view: Relation, asker: Asker) -> str:
    if view.kind == "v" and not view.is_invoker_view:
        return f"alter view {view.title} set (security_invoker = true);"
    return f"revoke all on {view.title} from {quoted(asker.role.name)}, public;"


ATTACK = DatabaseAttack(
    code="B01",
    name="rows_readable_through_view",
    claim="A view shows a subject the same with another tenant's rows in the database as without.",
    expect="the same answer in both worlds",
    sabotage="alter view app.note_view owner to current_user; alter view app.note_view set (security_invoker = false)",
    run=_run,
    needs="a view, materialised view or foreign table over owned tables that the subject's role may read",
)
