"""How does the application become tight? Plans, applies, verifies again, and tries the same theft once more."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tenantry.blueprint.load import load
from tenantry.context.token import Minter
from tenantry.plan.apply import Limits, apply
from tenantry.plan.model import Plan
from tenantry.session.connect import connect
from tenantry.verify.model import Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify
from tenantry.wanted import planned

__all__ = ["Attempt", "apply_plan", "attempts", "forgeries", "give_key", "make_plan", "verify_again"]

BLUEPRINT = load(Path(__file__).parent / "tenantry.toml")
FORGERIES = (
    "select set_config('app.restaurant_id', (select id::text from public.restaurants limit 1), true)",
    "select set_config('backtrace_functions', 't00', true)",
    "select tenantry.mint('another')",
    "alter table public.bookings disable row level security",
)


@dataclass(frozen=True)
class Attempt:
    """One statement tried in earnest: rows of others, rows of one's own, and what the server said if it refused."""

    statement: str
    foreign: int = 0
    own: int = 0
    refusal: str = ""


def make_plan(url: str) -> Plan:
    """Plan from the database as it stands to what the blueprint says."""
    with connect(url) as connection:
        return planned(connection, BLUEPRINT)


def apply_plan(url: str, plan: Plan, tell: Callable[[str], None]) -> None:
    """Apply the plan, step by step."""
    with connect(url) as connection, connect(url) as look:
        apply(connection, look, plan, Limits(), tell)


def give_key(url: str) -> Minter:
    """Put a key on the ring and give the application what mints tokens with it."""
    minter = Minter("demo", secrets.token_bytes(32))
    with connect(url) as connection:
        connection.execute("select tenantry.add_key(%s, %s)", [minter.key_id, minter.secret])
    return minter


def verify_again(url: str, progress: Callable[[str, int, int], None]) -> Report:
    """Verify with the blueprint; subjects open the context with a token."""
    with connect(url) as connection:
        return verify(connection, BLUEPRINT, Options(progress=progress, second=lambda: connect(url)))


def attempts(url: str, token: str, restaurant: UUID, relations: Sequence[str]) -> list[Attempt]:
    """Read the relations as the application does, in a transaction opened with the token."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("select tenantry.open(%s)", [token])
        return [_read(connection, restaurant, relation) for relation in relations]


def _read(connection: psycopg.Connection[dict[str, object]], restaurant: UUID, relation: str) -> Attempt:
    statement = sql.SQL("select * from {}").format(sql.Identifier(*relation.split(".")))
    text = statement.as_string(None)
    try:
        with connection.transaction():
            rows = connection.execute(statement).fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        return Attempt(text, refusal=str(error).splitlines()[0])
    foreign = [row for row in rows if row["restaurant_id"] != restaurant]
    return Attempt(text, len(foreign), len(rows) - len(foreign))


def forgeries(url: str, token: str) -> list[Attempt]:
    """Try to become somebody else by SQL, as an injection would; then count whose bookings are in sight."""
    tried = []
    with psycopg.connect(url) as connection:
        connection.execute("select tenantry.open(%s)", [token])
        for statement in FORGERIES:
            refusal = ""
            try:
                with connection.transaction():
                    connection.execute(statement.encode())
            except psycopg.DatabaseError as error:
                refusal = str(error).splitlines()[0]
            found = connection.execute(
                "select count(distinct restaurant_id) - 1 from public.bookings having count(*) > 0"
            ).fetchone()
            tried.append(Attempt(statement, foreign=int(found[0]) if found else 0, refusal=refusal))
    return tried
