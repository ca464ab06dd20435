"""What does tenantry do for an ordinary application? Loads one with mistakes, steals its rows, mends it, tries again.

Everything happens on a private server in a temporary directory; both are gone at the end, however it ends.
Exit status: 0 when the mistakes were found and the rows were in sight, 1 when not, 2 when it could not be tried.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from examples.restaurant import data, mend
from tenantry.blueprint.model import Blueprint
from tenantry.cli.progress import progress
from tenantry.context.token import Minter
from tenantry.errors import TenantryError
from tenantry.plan.model import Plan
from tenantry.plan.show import PlanFormat, shown
from tenantry.session.connect import connect
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server
from tenantry.verify import options as run_options
from tenantry.verify.model import Finding, Proof, Report
from tenantry.verify.report import Format, Options, masked, render
from tenantry.verify.report.conclusion import conclude
from tenantry.verify.run import verify

__all__ = ["main"]

SCHEMA = Path(__file__).parent / "schema" / "before"
DATABASE, THIEF = "restaurants", "restaurant_app"
LEAKS_SHOWN, FINDINGS_SHOWN, ROWS_SHOWN, COLUMNS_SHOWN, EXCERPT_LINES = 5, 6, 3, 4, 12

# What a person would call theirs, before what only a program would.
SPEAKING = ("name", "title", "body", "phone", "revenue", "message", "month", "time", "starts", "event_type", "payload")
MOST_TELLING = ("staff_documents", "todays_bookings", "monthly_revenue", "waitlist_entries", "capacity_outbox")

Row = dict[str, object]

NEXT = """\
Next: your own database, or a copy of it. All but apply and undo leave it as it was.
  . .venv/bin/activate
  tenantry verify postgresql://user:password@host/database    attack it, and report as above
  tenantry init postgresql://user:password@host/database      write what is guessed to tenantry.toml, to be mended
  tenantry plan postgresql://user:password@host/database      show what would make it tight, statement by statement
  tenantry apply postgresql://user:password@host/database     do it; tenantry undo takes it back
  tenantry lint postgresql://user:password@host/database      read the catalog only: safe for production
How to read the report: README.md. The mistakes of this example: examples/restaurant/MISTAKES.md."""


@dataclass(frozen=True)
class Actor:
    """Somebody who works in a small restaurant."""

    restaurant: UUID
    user: UUID
    place: str


@dataclass(frozen=True)
class Theft:
    """What the statement that proves a finding showed the actor."""

    code: str
    relation: str
    statement: str
    rows: tuple[Row, ...]
    restaurants: int


def main() -> int:
    """Run the demonstration and give the exit status."""
    try:
        return _demonstrate()
    except TenantryError as error:
        return _give_up(error.sentence())
    except (psycopg.Error, OSError) as error:
        return _give_up(f"The demonstration could not go on: {error}")
    except KeyboardInterrupt:
        return _give_up("Interrupted. The database and its directory are gone.")


def _give_up(sentence: str) -> int:
    print(f"demo: {sentence}", file=sys.stderr)
    return 2


def _demonstrate() -> int:
    started = time.monotonic()
    _say("Starting a PostgreSQL of its own, in a temporary directory")
    with embedded() as server:
        _load(server)
        report = _verify(server)
        _show(report)
        actor, thefts = _steal(server, report)
        _show_thefts(actor, thefts)
        minter, mended = _mend(server)
        tried = _steal_again(server, minter, actor, thefts)
    _show_attempts(tried)
    return _end(report, thefts, mended, tried, time.monotonic() - started)


# -- the database -------------------------------------------------------------------------------------


def _load(server: Server) -> None:
    files = sorted(SCHEMA.glob("*.sql"))
    _say(f"PostgreSQL {server.major} runs. Loading the restaurants: {len(files)} files of schema, and their rows")
    with server.connect() as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
    with server.connect(DATABASE) as connection:
        for file in files:
            connection.execute(file.read_text(encoding="utf-8").encode())
        counts = data.load(connection)
    _say(
        f"{counts['restaurants']} restaurants, {counts['bookings']:,} bookings, {sum(counts.values()):,} rows in all,"
        " every one invented. Row security is on for almost every table."
    )


def _verify(server: Server) -> Report:
    _say("Verifying, without being told anything about the schema: tenantry verify URL")
    url = server.dsn(DATABASE)
    with connect(url) as connection, progress(sys.stderr) as told:
        options = run_options.Options(progress=told, second=lambda: connect(url))
        return verify(connection, Blueprint(), options)


# -- the report, shortened ----------------------------------------------------------------------------


def _show(report: Report) -> None:
    """Print the report of one role: its matrix, and the worst finding of some relations."""
    chosen = _worst_per_relation(report)
    part = replace(
        report,
        subjects=tuple(one for one in report.subjects if one.role == THIEF),
        matrix=tuple(cell for cell in report.matrix if cell.role == THIEF),
        findings=chosen,
        unproven=(),
        skipped=(),
    )
    end = conclude(report)
    print()
    print(_without_verdict(render(part, Format.TEXT, _looks())))
    print(
        f"(Shortened to the login {THIEF}, and {len(chosen)} of {len(report.findings)} findings.)\n\n"
        f"{end.word} (exit status {end.exit_status}): {end.sentence}\n"
    )


def _looks() -> Options:
    return Options(width=min(shutil.get_terminal_size().columns, 120), colour=sys.stdout.isatty())


def _without_verdict(text: str) -> str:
    """Leave out the last paragraph, which would speak of the part for the whole."""
    return text.rpartition("\n\n")[0] + "\n"


def _worst_per_relation(report: Report) -> tuple[Finding, ...]:
    first: dict[str, Finding] = {}
    for finding in report.worst_first():
        if finding.role == THIEF and finding.proof is Proof.ATTACKED and finding.relation:
            first.setdefault(finding.relation, finding)
    return tuple(sorted(first.values(), key=_telling)[:FINDINGS_SHOWN])


def _telling(finding: Finding) -> int:
    table = finding.relation.rpartition(".")[2]
    return MOST_TELLING.index(table) if table in MOST_TELLING else len(MOST_TELLING)


# -- the theft ----------------------------------------------------------------------------------------


def _steal(server: Server, report: Report) -> tuple[Actor, list[Theft]]:
    """Repeat what findings say, as somebody of a small restaurant, over a connection of the application."""
    with server.connect(DATABASE) as connection:
        actor = _small_actor(connection)
    with psycopg.connect(server.dsn(DATABASE, user=THIEF), row_factory=dict_row) as connection:
        connection.read_only = True
        connection.execute(
            "select set_config('app.restaurant_id', %s, true), set_config('app.user_id', %s, true)",
            [str(actor.restaurant), str(actor.user)],
        )
        return actor, [_theft(connection, actor, finding) for finding in _readable(report)]


def _small_actor(connection: psycopg.Connection) -> Actor:
    found = connection.execute(
        """
        select restaurant.id, member.user_id, restaurant.name
        from public.restaurants as restaurant
        join public.restaurant_members as member on member.restaurant_id = restaurant.id and member.role = 'owner'
        order by (select count(*) from public.bookings as booking where booking.restaurant_id = restaurant.id)
        limit 1
        """
    ).fetchall()
    restaurant, user, place = found[0]
    return Actor(restaurant, user, place)


def _readable(report: Report) -> list[Finding]:
    """Give the leaks that a member reads with one select, the most telling first."""
    leaks = [
        finding
        for finding in report.findings
        if finding.code in ("A01", "B01") and finding.role == THIEF and "member" in finding.subject.split(", ")
    ]
    return sorted(leaks, key=_telling)[:LEAKS_SHOWN]


def _theft(connection: psycopg.Connection[Row], actor: Actor, finding: Finding) -> Theft:
    """Read all the relation shows; the finding of a view asks for a digest of just that."""
    statement = sql.SQL("select * from {}").format(sql.Identifier(*finding.relation.split(".")))
    rows = connection.execute(statement).fetchall()
    foreign = tuple(row for row in rows if row["restaurant_id"] != actor.restaurant)
    restaurants = len({row["restaurant_id"] for row in foreign})
    return Theft(finding.code, finding.relation, statement.as_string(None), foreign, restaurants)


def _show_thefts(actor: Actor, thefts: Sequence[Theft]) -> None:
    _say(f"In earnest: connected as {THIEF}, as the owner of {actor.place}, a small restaurant. Values are masked.")
    for theft in thefts:
        print(f"\n  {theft.statement};        -- {theft.code}")
        print(f"  {len(theft.rows):,} rows of {theft.restaurants} other restaurants in sight, such as")
        for row in theft.rows[:ROWS_SHOWN]:
            print(f"    {_masked(row)}")
    print()


def _masked(row: Row) -> str:
    columns = sorted((name for name in row if row[name] is not None), key=_speaks)[:COLUMNS_SHOWN]
    return "; ".join(f"{name} = {masked(row[name])}" for name in columns)


def _speaks(column: str) -> int:
    if column == "restaurant_id":
        return -1
    return next((rank for rank, word in enumerate(SPEAKING) if word in column), len(SPEAKING))


# -- the mending --------------------------------------------------------------------------------------


def _mend(server: Server) -> tuple[Minter, Report]:
    """Plan, apply and verify again, by the blueprint beside this file; give what the application mints with."""
    url = server.dsn(DATABASE)
    plan = mend.make_plan(url)
    changes = sum(len(step.changes) for step in plan.steps)
    _say("The way out, by the blueprint examples/restaurant/tenantry.toml: tenantry plan URL")
    print(f"    {changes} changes in {len(plan.steps)} steps, such as")
    print("\n".join(f"    {line}" for line in _excerpt(plan)))
    began = time.monotonic()
    mend.apply_plan(url, plan, lambda _: None)
    _say(f"tenantry apply URL: done in {time.monotonic() - began:.1f} s, every step noted, all of it to be undone")
    minter = mend.give_key(url)
    with progress(sys.stderr) as told:
        report = mend.verify_again(url, told)
    end = conclude(report)
    _say(f"tenantry verify URL, once more. {end.word} (exit status {end.exit_status}): {end.sentence}")
    return minter, report


def _excerpt(plan: Plan) -> list[str]:
    """Give the part of the plan's text that is about bookings."""
    paragraphs = shown(plan, PlanFormat.TEXT).split("\n\n")
    about = next(text for text in paragraphs if ". public.bookings\n" in text)
    return [*about.splitlines()[:EXCERPT_LINES], "..."]


def _steal_again(server: Server, minter: Minter, actor: Actor, thefts: Sequence[Theft]) -> list[mend.Attempt]:
    """Try the same statements, and some that would forge another restaurant, with a token for one's own."""
    url = server.dsn(DATABASE, user=THIEF)
    relations = [theft.relation for theft in thefts]

    def token() -> str:
        return minter.mint(str(actor.restaurant), actor=str(actor.user))

    return [*mend.attempts(url, token(), actor.restaurant, relations), *mend.forgeries(url, token())]


def _show_attempts(tried: Sequence[mend.Attempt]) -> None:
    _say("The same theft, and some forgeries, in a transaction opened with a token for the same small restaurant:")
    for attempt in tried:
        print(f"\n  {attempt.statement};")
        refused = f"; the server says: {attempt.refusal}" if attempt.refusal else ""
        print(f"  {attempt.foreign} of other restaurants in sight{refused}")
    print()


def _end(report: Report, thefts: Sequence[Theft], mended: Report, tried: Sequence[mend.Attempt], seconds: float) -> int:
    if mended.exit_status() != 0 or any(attempt.foreign for attempt in tried):
        print(
            "demo: The demonstration failed: the database is not tight. Please report this as a bug.", file=sys.stderr
        )
        return 1
    if report.exit_status() != 1 or len(thefts) < LEAKS_SHOWN or not all(theft.rows for theft in thefts):
        print(
            "demo: The demonstration failed: tenantry did not find the leaks that are in this schema, or they showed "
            f"no row ({len(thefts)} of {LEAKS_SHOWN} leaks). Please report this as a bug.",
            file=sys.stderr,
        )
        return 1
    _say(f"Done in {seconds:.0f} s. The database is stopped and its directory is gone.")
    print(NEXT)
    return 0


def _say(sentence: str) -> None:
    print(f"* {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
