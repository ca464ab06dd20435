"""Where attacks happen: one transaction that is always rolled back, in which subjects come and go.

Every statement of an attack runs in a savepoint of its own as the subject's role; what it did is looked at
with the connection's own rights, and then undone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.ownership import Ownership
from tenantry.catalog.model import Catalog, Relation
from tenantry.errors import ConnectionLost, TenantStays
from tenantry.sql.name import identifier, qualified
from tenantry.sql.refusal import is_raised, sentence_of
from tenantry.verify.model import Skipped
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side, World

__all__ = ["Outcome", "Stage"]

_FORBIDS = re.compile(r"permission|not allowed|not authori[sz]ed|unauthori[sz]ed|denied|forbidden", re.IGNORECASE)
_OUT_OF_TIME = "57014"
_NO_SUCH_OBJECT = "42704"
Query = sql.Composable | str


@dataclass(frozen=True)
class Outcome:
    """What the server answered to one statement, and what a look behind it found."""

    rows: tuple[tuple[Any, ...], ...] = ()
    count: int = 0
    sqlstate: str = ""
    message: str = ""
    constraint: str = ""
    seen: Any = None
    statement: str = ""
    is_raised: bool = False

    @property
    def failed(self) -> bool:
        """Say whether the server refused the statement."""
        return bool(self.sqlstate)

    @property
    def is_refusal(self) -> bool:
        """Say whether it was refused: for want of privilege, by a policy (42501), a view's check or a trigger.

        A policy that reads a setting nobody made, without ``missing_ok``, refuses too (42704), and so does the trigger
        that keeps a row with its tenant (TN050).
        """
        unset = self.sqlstate == _NO_SUCH_OBJECT and "configuration parameter" in self.message
        forbidden = self.is_raised and bool(_FORBIDS.search(self.message))
        return self.sqlstate in ("42501", "44000", TenantStays.code) or unset or forbidden

    @property
    def is_unfinished(self) -> bool:
        """Say whether the server never came to an answer: no room (53), a lock in the way (55), out of time (57)."""
        return self.sqlstate.startswith(("53", "55", "57"))

    @property
    def reason(self) -> str:
        """Give SQLSTATE and message in one line, without values; ``message`` is the server's own text."""
        if not self.failed:
            return ""
        return f"{self.sqlstate}: {sentence_of(self.sqlstate, self.message, raised=self.is_raised)}"


@dataclass
class Stage:
    """The connection inside its transaction, and everything known about the database.

    ``call_outside`` lets attacks call functions whose effects no rollback takes back; ``second`` opens one more
    connection to the same database, for what only shows between transactions. ``doing`` names what is under way;
    ``avoided`` what may not be tried, because the server stopped answering there, with that reason.
    What attacks could not settle gathers in ``unproven`` and ``skipped``.
    """

    connection: psycopg.Connection
    catalog: Catalog
    blueprint: Blueprint
    ownership: Ownership
    world: World = field(default_factory=World)
    askers: tuple[Asker, ...] = ()
    is_free: bool = True
    call_outside: bool = False
    second: Callable[[], AbstractContextManager[psycopg.Connection]] | None = None
    attacks_run: int = 0
    timeouts: int = 0
    doing: str = ""
    avoided: Mapping[str, str] = field(default_factory=dict)
    unproven: list[Skipped] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _acting: Asker | None = None

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo everything that happens inside, whatever it was."""
        try:
            with self.connection.transaction(force_rollback=True):
                yield
        except psycopg.OperationalError as error:
            if self.connection.broken:
                raise ConnectionLost from error
            raise

    @contextmanager
    def acting(self, asker: Asker) -> Iterator[None]:
        """Be the subject: its settings and statements, then its role; undone at the end."""
        with self.undone():
            self._become(asker)
            self._acting = asker
            try:
                yield
            finally:
                self._acting = None

    def attempt(
        self,
        statement: Query,
        values: Sequence[object] = (),
        *,
        look: Callable[[], Any] | None = None,
        before: Callable[[], Any] | None = None,
    ) -> Outcome:
        """Try one statement as the current subject, look at what it did with full rights, and undo it.

        ``before`` prepares the ground with full rights, and may give the search path to go on with; ``look``
        inspects the result with full rights.
        """
        self.attacks_run += 1
        text = statement if isinstance(statement, str) else statement.as_string(None)
        self._command("savepoint tenantry_attempt")
        try:
            if before:
                self._prepare(before)
            return self._tried(statement, text, values, look)
        finally:
            if not self.connection.broken:
                self._command("rollback to savepoint tenantry_attempt; release savepoint tenantry_attempt")

    def _tried(self, statement: Query, text: str, values: Sequence[object], look: Callable[[], Any] | None) -> Outcome:
        try:
            # why: composed, so that a percent sign in a name stays one
            query = text.encode() if isinstance(statement, str) else sql.Composed([statement])
            cursor = self.connection.execute(query, values or None)
            rows = tuple(cursor.fetchall()) if cursor.description else ()
        except psycopg.DatabaseError as error:
            return self._refused(error, text)
        seen = self._looked(look) if look else None
        return Outcome(rows=rows, count=cursor.rowcount, seen=seen, statement=text)

    def _command(self, text: LiteralString) -> None:
        """Send transaction control; a connection that broke meanwhile is told as such."""
        try:
            self.connection.execute(text)
        except psycopg.OperationalError as error:
            if self.connection.broken:
                raise ConnectionLost from error
            raise

    def open(self, asker: Asker) -> Outcome:
        """Try to become the subject, and say why it failed if it did."""
        try:
            with self.acting(asker):
                return Outcome()
        except psycopg.DatabaseError as error:
            return self._refused(error, asker.opened_by)

    def stands(self, row: Row) -> bool:
        """Say whether the very version of the row that was built is still the live one."""
        relation = self.catalog.relations[row.relation]
        query = sql.SQL("select 1 from {} where tableoid = %s and ctid = %s::tid").format(
            qualified(relation.schema, relation.name)
        )
        return self.connection.execute(query, [row.tableoid, row.ctid]).fetchone() is not None

    def count_where(self, relation: Relation, values: Sequence[tuple[str, str | None]]) -> int:
        """Count rows that hold these texts, with full rights."""
        conditions = sql.SQL(" and ").join(
            sql.SQL("{}::text is not distinct from %s").format(identifier(name)) for name, _ in values
        )
        query = sql.SQL("select count(*) from {} where {}").format(
            qualified(relation.schema, relation.name), conditions
        )
        found = self.connection.execute(query, [value for _, value in values]).fetchone()
        return int(found[0]) if found else 0

    def remove(self, row: Row) -> bool:
        """Take a row away with full rights; foreign keys do not follow. Say whether the server let it go."""
        relation = self.catalog.relations[row.relation]
        query = sql.SQL("delete from {} where tableoid = %s and ctid = %s::tid").format(
            qualified(relation.schema, relation.name)
        )
        try:
            with self.connection.transaction(), self.without_triggers():
                self.connection.execute(query, [row.tableoid, row.ctid])
        except psycopg.DatabaseError:
            if self.connection.broken:
                raise
            return False
        return True

    def remove_side(self, side: Side) -> None:
        """Take away every row of a side, children first, as far as the server lets them go."""
        rows = [row for (_, owner), row in self.world.rows.items() if owner is side]
        for row in reversed(rows):
            self.remove(row)

    def resume(self, asker: Asker, *, path: str = "") -> None:
        """Take the subject's search path (its usual one, if none is given) and role again, after full rights."""
        self.take_path(self.connection, asker, path=path)
        self.connection.execute(sql.SQL("set local role {}").format(identifier(asker.role.name)))

    def take_path(self, connection: psycopg.Connection, asker: Asker, *, path: str = "") -> None:
        """Take the search path that a session of the subject's role starts with, or the one given."""
        path = path or self._search_path(asker)
        connection.execute("select pg_catalog.set_config('search_path', %s, true)", [path])

    def _become(self, asker: Asker) -> None:
        self.take_path(self.connection, asker)
        for name, value in asker.settings:
            self.connection.execute("select pg_catalog.set_config(%s, %s, true)", [name, value])
        for statement, values in asker.statements:
            self.connection.execute(statement.encode(), values or None)
        self.connection.execute(sql.SQL("set local role {}").format(identifier(asker.role.name)))

    def _search_path(self, asker: Asker) -> str:
        """Give the search path a session of the role starts with: its own setting, else the database's."""
        own = [
            setting.value
            for setting in self.catalog.settings
            if setting.role == asker.role.oid and setting.name == "search_path"
        ]
        return own[-1] if own else self.catalog.server.search_path

    @contextmanager
    def without_triggers(self) -> Iterator[None]:
        """Switch triggers and foreign-key checks off, where the connection may."""
        if self.is_free:
            self.connection.execute("set local session_replication_role = replica")
        yield
        if self.is_free:
            self.connection.execute("set local session_replication_role = origin")

    def remove_dependents(self, row: Row) -> None:
        """Take away the rows of the same side that refer to this one."""
        for other in self.world.rows.values():
            references = self.ownership.references.get(other.relation, ())
            if other is not row and other.side is row.side and any(ref.target == row.relation for ref in references):
                self.remove(other)

    def _prepare(self, before: Callable[[], Any]) -> None:
        self.connection.execute("reset role; set local search_path = pg_catalog, pg_temp")
        path = before()
        if self._acting is not None:
            self.resume(self._acting, path=path if isinstance(path, str) else "")

    def _looked(self, look: Callable[[], Any]) -> Any:
        # why: what the subject's search path holds may not be run with full rights
        self.connection.execute("reset role; set local search_path = pg_catalog, pg_temp")
        return look()

    def _refused(self, error: psycopg.DatabaseError, text: str) -> Outcome:
        if self.connection.broken:
            raise ConnectionLost from error
        self.timeouts += error.sqlstate == _OUT_OF_TIME
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Outcome(
            is_raised=is_raised(error),
            sqlstate=error.sqlstate or "?????",
            message=_with_hint(first, error),
            constraint=error.diag.constraint_name or "",
            statement=text,
        )


def _with_hint(message: str, error: psycopg.DatabaseError) -> str:
    """Add the server's hint where it names the setting to raise (class 53, insufficient resources)."""
    hint = error.diag.message_hint
    return f"{message}. {hint}" if hint and (error.sqlstate or "").startswith("53") else message
