"""Which controls could be weakened without any attack noticing? One at a time, in savepoints, all rolled back.

A mutant is killed when an attack says what it did not say of the unweakened database: a leak, or a finding of
leak or weakness. Mutants that a rule calls equivalent (``mutants``, rules E1 to E13) do not count; but first they
are tried with the attacks most likely to notice, and then they are all made at once and attacked with
everything. Where that leaks the group is halved until the culprits are found, and those count as killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg

from tenantry.catalog.model import Relation
from tenantry.catalog.read import read_here
from tenantry.errors import ConnectionLost
from tenantry.sql.refusal import told
from tenantry.verify.judge import Try
from tenantry.verify.model import Finding, Kind, Level, MutationResult, Proof, Skipped
from tenantry.verify.mutants import Ground, Mutant, mutants
from tenantry.verify.noticing import Key, Known, Watch
from tenantry.verify.stage import Stage

__all__ = ["Sabotage", "sabotage"]

_ROWS_FORBID = frozenset({"23505"})
_NOT_GRANTED = "01007"

Progress = Callable[[str, int, int], None]


@dataclass
class Sabotage:
    """What came of it: results that count, mutants that do not and why, and attacks that failed."""

    results: list[MutationResult] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unproven: list[Skipped] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def sabotage(
    stage: Stage,
    relations: Sequence[Relation],
    tries: Mapping[Key, Try],
    found: Iterable[Finding],
    progress: Progress,
) -> Sabotage:
    """Weaken one control after the other and let the attacks look.

    ``relations`` are those the attacks were tried on, ``tries`` and ``found`` what they said of the database as
    it is. Takes the locks of the statements that weaken, such as ACCESS EXCLUSIVE on a table, for moments.
    """
    owned = tuple(one for one in relations if stage.ownership.is_owned(one.oid))
    roles = tuple({asker.role.oid: asker.role for asker in stage.askers}.values())
    watch = Watch(stage, Known.of(tries, found))
    trial = _Trial(watch, tuple(relations))
    with _prepared(stage):
        trial.hold(mutants(Ground(stage.catalog, stage.ownership, roles, owned)), progress)
    trial.outcome.unproven.extend(watch.failed)
    return trial.outcome


@dataclass
class _Trial:
    watch: Watch
    relations: tuple[Relation, ...]
    unnoticed: list[Mutant] = field(default_factory=list)
    outcome: Sabotage = field(default_factory=Sabotage)

    def hold(self, made: Sequence[Mutant], progress: Progress) -> None:
        """Try every mutant; what is left of those called equivalent comes together at the end."""
        self._look_at_nothing()
        claimed: list[Mutant] = []
        for number, mutant in enumerate(made, start=1):
            progress("sabotage", number, len(made))
            if len(mutant.touched) == 1 and set(mutant.touched) <= self.watch.known.leaking:
                self._skip(mutant, "the table leaks already: mend that first")
            elif mutant.equivalent and not mutant.killers:
                claimed.append(mutant)
            elif not self._is_settled(mutant):
                (claimed if mutant.equivalent else self.unnoticed).append(mutant)
        for group in dict.fromkeys(one.group for one in claimed):
            self._confirm([one for one in claimed if one.group == group])
        for mutant in self.unnoticed:
            # why: another session's lock may have been in the attack's way the first time
            if not self._is_settled(mutant):
                self._record(mutant, "")

    def _look_at_nothing(self) -> None:
        """Attack the database as it is once more: what is news now would be news of every mutant."""
        with _weakened(self.watch.stage, []):
            told = self.watch.learn(self.relations)
        for name in told:
            why = "it says more of the same database when run again, as where another session's lock was in the way"
            self.outcome.unproven.append(Skipped(f"attack {name}", why))

    def _is_settled(self, mutant: Mutant) -> bool:
        """Say whether an attack notices the mutant, or it cannot be made at all.

        One that is called equivalent is tried with its likely attacks alone.
        """
        try:
            with _weakened(self.watch.stage, [mutant]) as look_up:
                noticed = self.watch.notices(
                    self._touched(mutant),
                    first=mutant.killers,
                    only=bool(mutant.equivalent),
                    role=mutant.role,
                    look_up=look_up,
                )
        except psycopg.DatabaseError as error:
            if isinstance(error, psycopg.errors.LockNotAvailable) and mutant not in self.unnoticed:
                return False
            self._leave(mutant, error)
            return True
        if noticed:
            self._record(mutant, noticed)
        return bool(noticed)

    def _confirm(self, claimed: Sequence[Mutant]) -> None:
        """Make them all at once: what lets nobody through together lets nobody through by itself."""
        if not claimed:
            return
        made = [replace(one, statement=one.stronger or one.statement) for one in claimed]
        try:
            with _weakened(self.watch.stage, made if len(made) > 1 else claimed) as look_up:
                noticed = self.watch.notices(self.relations, look_up=look_up)
        except psycopg.DatabaseError as error:
            if len(claimed) == 1:
                self._leave(claimed[0], error)
            else:
                self._halve(claimed)
            return
        if not noticed:
            for mutant in claimed:
                self._skip(mutant, f"equivalent, {mutant.equivalent}")
        elif len(claimed) == 1:
            self._record(claimed[0], noticed)
        else:
            self._halve(claimed)

    def _halve(self, claimed: Sequence[Mutant]) -> None:
        middle = len(claimed) // 2
        self._confirm(claimed[:middle])
        self._confirm(claimed[middle:])

    def _touched(self, mutant: Mutant) -> list[Relation]:
        return [one for one in self.relations if one.oid in mutant.touched]

    def _record(self, mutant: Mutant, noticed: str) -> None:
        self.outcome.results.append(MutationResult(mutant.control, mutant.text, noticed))
        if not noticed:
            self.outcome.findings.append(_finding(mutant, self._touched(mutant)))

    def _leave(self, mutant: Mutant, error: psycopg.DatabaseError) -> None:
        """Keep a mutant that could not be made: harmless where the rows themselves forbid it, else an open question."""
        if self.watch.stage.connection.broken:
            raise ConnectionLost from error
        if error.sqlstate in _ROWS_FORBID:
            self._skip(mutant, "it cannot be weakened so: rows of different tenants hold equal values already")
            return
        self.outcome.unproven.append(Skipped(f"sabotage of {mutant.control}", told(error)))

    def _skip(self, mutant: Mutant, why: str) -> None:
        self.outcome.skipped.append(Skipped(f"sabotage of {mutant.control}", why))


@contextmanager
def _prepared(stage: Stage) -> Iterator[None]:
    """Let what is deferred happen first, which would stand in the way of changing tables; keep no plans."""
    connection, threshold = stage.connection, stage.connection.prepare_threshold
    connection.prepare_threshold = None
    try:
        with stage.undone():
            connection.execute("set constraints all immediate")
            yield
    finally:
        connection.prepare_threshold = threshold


@contextmanager
def _weakened(stage: Stage, made: Sequence[Mutant]) -> Iterator[Callable[[], None]]:
    """Make the mutants and give what looks the catalog up anew, once; all of it is undone at the end.

    Rights are looked up at once, because every attack asks for them before it tries anything. Plans are thrown
    away before and after: some servers keep one although the role's rights have changed (CVE-2026-14666).
    """
    before = stage.catalog

    def look_up() -> None:
        if stage.catalog is before:
            stage.catalog = read_here(stage.connection)

    try:
        with stage.undone():
            for mutant in made:
                _make(stage.connection, mutant)
            stage.connection.execute("discard plans")
            if any(mutant.gives_rights for mutant in made):
                look_up()
            yield look_up
    finally:
        stage.catalog = before
        if not stage.connection.broken:
            stage.connection.execute("discard plans")


def _make(connection: psycopg.Connection, mutant: Mutant) -> None:
    """Run the statement; a right that the connection cannot grant is only a warning to the server, an error here."""
    warned: list[str] = []

    def listen(notice: psycopg.errors.Diagnostic) -> None:
        if notice.sqlstate == _NOT_GRANTED:
            warned.append(notice.message_primary or "")

    connection.add_notice_handler(listen)
    try:
        connection.execute(mutant.statement)
    finally:
        connection.remove_notice_handler(listen)
    if warned:
        raise psycopg.errors.InsufficientPrivilege(warned[0])


def _finding(mutant: Mutant, touched: Sequence[Relation]) -> Finding:
    return Finding(
        code="M01",
        name="control_unwatched",
        level=Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"This control can be weakened without any attack noticing: {mutant.control} ({mutant.text}).",
        meaning="Either something else holds in its place, or the attacks do not reach what it guards: its loss, by a "
        "migration for example, would pass this check.",
        relation=touched[0].title if len(touched) == 1 else "",
        verb=mutant.control,
        statement=mutant.text,
    )
