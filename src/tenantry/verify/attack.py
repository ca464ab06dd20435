"""What an attack is, and which attacks there are. Each lives in one file of ``attacks/`` and is found there.

A relation attack is tried for every subject on every relation; a database attack once, choosing its own
subjects. Each names its sabotage: the defence whose removal from the reference database must let it through.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, can_any_column
from tenantry.verify.model import Finding, Kind, Level, Skipped, Verb, Verdict
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

__all__ = ["DatabaseAttack", "RelationAttack", "Result", "Target", "database_attacks", "relation_attacks"]


@dataclass(frozen=True)
class Target:
    """One subject before one relation, with the rows that are its own and those that are not."""

    stage: Stage
    asker: Asker
    relation: Relation

    @property
    def mine(self) -> Row | None:
        """Give the subject's own row; a stranger and nobody may have none."""
        return self.stage.world.row(self.relation.oid, self.asker.side) if self.asker.side else None

    @property
    def theirs(self) -> Row | None:
        """Give the row that is not the subject's: the other tenant's, or everybody's in a shared table."""
        side = Side.THEIRS if self.is_owned else Side.SHARED
        return self.stage.world.row(self.relation.oid, side)

    @property
    def is_owned(self) -> bool:
        """Say whether rows here belong to somebody."""
        return self.stage.ownership.is_owned(self.relation.oid)

    def may(self, privilege: str) -> bool:
        """Say whether the subject's role holds the privilege on the whole relation."""
        return can(self.stage.catalog, self.asker.role, self.relation, privilege)

    def may_some(self, privilege: str) -> bool:
        """Say whether the subject's role holds the privilege on the relation or one of its columns."""
        return can_any_column(self.stage.catalog, self.asker.role, self.relation, privilege)


@dataclass(frozen=True)
class Result:
    """How one attack ended. ``intended``: the database says in its own words that this is open."""

    verdict: Verdict
    evidence: str = ""
    statement: str = ""
    stolen: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class RelationAttack:
    """An attack on one relation by one subject.

    ``claim`` is the promise it tries to break, ``expect`` what a safe database answers, ``sabotage`` the
    SQL that removes the defence in the reference database, ``run`` gives nothing where the attack is not this
    relation's to answer for, ``message`` the finding's sentence with
    ``{relation}``, ``{subject}`` and ``{count}`` filled in, ``meaning`` what it means.
    """

    code: str
    name: str
    verb: Verb
    claim: str
    expect: str
    sabotage: str
    message: str
    meaning: str
    run: Callable[[Target], Result | None]
    level: Level = Level.ERROR
    kind: Kind = Kind.LEAK


@dataclass(frozen=True)
class DatabaseAttack:
    """An attack on the database as a whole; ``run`` gives the findings, or none, and what it could not try.

    ``sabotage`` is as for relation attacks; ``needs`` says what must hold for it to apply at all.
    """

    code: str
    name: str
    claim: str
    expect: str
    sabotage: str
    run: Callable[[Stage], Iterator[Finding | Skipped]]
    needs: str = ""
    order: int = field(default=0)


@cache
def relation_attacks() -> tuple[RelationAttack, ...]:
    """Find every relation attack, in the order of codes."""
    return tuple(item for item in _discovered() if isinstance(item, RelationAttack))


@cache
def database_attacks() -> tuple[DatabaseAttack, ...]:
    """Find every database attack, in the order of codes."""
    return tuple(item for item in _discovered() if isinstance(item, DatabaseAttack))


@cache
def _discovered() -> tuple[RelationAttack | DatabaseAttack, ...]:
    package = importlib.import_module("tenantry.verify.attacks")
    modules = (
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    )
    attacks = (module.ATTACK for module in modules if hasattr(module, "ATTACK"))
    return tuple(sorted(attacks, key=lambda attack: attack.code))
