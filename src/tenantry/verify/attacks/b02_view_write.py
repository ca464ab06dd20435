"""Change another tenant's rows through an updatable view, or add to them."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, can_any_column, updatable_columns
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side
from tenantry.verify.victims import Victims
from tenantry.verify.views import owned_behind, views_of_owned_rows

_MOST_ROWS = 100_000
_STILL_REFERRED = frozenset({"23503", "23001"})


def _run(stage: Stage) -> Iterator[Finding]:
    for view in views_of_owned_rows(stage, "v"):
        tables = owned_behind(stage, view)
        rows = [row for table in tables if (row := stage.world.row(table.oid, Side.THEIRS)) is not None]
        if not rows or any(table.estimated_rows > _MOST_ROWS for table in tables):
            continue
        for asker in one_per_role(stage):
            if _holds_a_write(stage, asker, view):
                yield from _write(stage, asker, view, rows)


def _holds_a_write(stage: Stage, asker: Asker, view: Relation) -> bool:
    verbs = ("INSERT", "UPDATE", "DELETE")
    return any(can_any_column(stage.catalog, asker.role, view, verb) for verb in verbs)


def _write(stage: Stage, asker: Asker, view: Relation, rows: list[Row]) -> Iterator[Finding]:
    columns = _updatable(stage, view) & set(updatable_columns(stage.catalog, asker.role, view))
    with stage.acting(asker):
        outcomes = [_update(stage, view, column, rows) for column in _plainest(view, columns)]
        if can(stage.catalog, asker.role, view, "DELETE"):
            outcomes.append(_delete(stage, view, rows))
        outcomes += [_insert(stage, view, row, names) for row in rows if (names := _filled(stage, asker, view, row))]
    hits = {str(outcome.statement).split(maxsplit=1)[0]: outcome for outcome in outcomes if outcome.seen}
    if hits:
        yield _finding(asker, view, hits)


def _updatable(stage: Stage, view: Relation) -> set[str]:
    """Ask the server which columns of the view an update reaches."""
    query = (
        "select attname from pg_catalog.pg_attribute where attrelid = %s and attnum > 0 and not attisdropped "
        "and pg_catalog.pg_column_is_updatable(attrelid, attnum, true)"
    )
    return {str(name) for (name,) in stage.connection.execute(query, [view.oid])}


def _plainest(view: Relation, columns: set[str]) -> list[str]:
    ordered = [column.name for column in view.columns if column.name in columns]
    return sorted(ordered, key=lambda name: name == "id" or name.endswith("_id"))[:1]


def _update(stage: Stage, view: Relation, column: str, rows: list[Row]) -> Outcome:
    name = identifier(column)
    statement = sql.SQL("update {} set {} = {}").format(relation_name(view), name, name)
    return stage.attempt(statement, look=lambda: _changed(stage, rows))


def _delete(stage: Stage, view: Relation, rows: list[Row]) -> Outcome:
    statement = sql.SQL("delete from {}").format(relation_name(view))
    outcome = stage.attempt(statement, look=lambda: _changed(stage, rows))
    if outcome.sqlstate not in _STILL_REFERRED:
        return outcome
    mine = [row for (oid, _), row in stage.world.rows.items() if oid in {one.relation for one in rows}]

    def free() -> None:
        for row in mine:
            stage.remove_dependents(row)

    return stage.attempt(statement, before=free, look=lambda: _changed(stage, rows))


def _filled(stage: Stage, asker: Asker, view: Relation, row: Row) -> list[str]:
    """Give the columns in which the view can be told whose row it is to be, and all others that it has in common."""
    if view.is_invoker_view:
        return []  # why: what it adds is held by the table's own policies, and A02 has tried those
    names = [
        column.name
        for column in view.columns
        if row.values.get(column.name) is not None
        and can(stage.catalog, asker.role, view, "INSERT", column=column.name)
    ]
    return names if set(stage.ownership.owner_of(row.relation).columns) <= set(names) else []


def _insert(stage: Stage, view: Relation, row: Row, names: list[str]) -> Outcome:
    """Insert the other tenant's row anew, taken away first."""
    victims = Victims(stage, [row])

    def before() -> None:
        stage.remove(row)
        victims.count()

    statement = sql.SQL("insert into {} ({}) values ({})").format(
        relation_name(view),
        sql.SQL(", ").join(map(identifier, names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )
    return stage.attempt(statement, [row.values[name] for name in names], before=before, look=victims.harm)


def _changed(stage: Stage, rows: list[Row]) -> bool:
    return any(not stage.stands(row) for row in rows)


def _finding(asker: Asker, view: Relation, hits: dict[str, Outcome]) -> Finding:
    verbs = " and ".join(f"{verb}s" for verb in hits)
    first = next(iter(hits))
    invoker = f"alter view {view.title} set (security_invoker = true);"
    revoke = f"revoke insert, update, delete on {view.title} from {quoted(asker.role.name)};"
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} {verbs} rows of another tenant through the view {view.title}.",
        meaning="The view writes with its owner's rights, past the policies that hold its reader.",
        fix=revoke if view.is_invoker_view else f"{invoker}\n{revoke}",
        relation=view.title,
        verb=first,
        role=asker.role.name,
        subject=asker.name,
        statement=hits[first].statement,
    )


ATTACK = DatabaseAttack(
    code="B02",
    name="rows_written_through_view",
    claim="A write through a view changes no row of another tenant.",
    expect="no row changed",
    sabotage="alter view app.note_view owner to current_user; alter view app.note_view set (security_invoker = false); "
    "grant update, delete on app.note_view to app_role",
    run=_run,
    needs="an updatable view over owned tables that the subject's role may write",
)
