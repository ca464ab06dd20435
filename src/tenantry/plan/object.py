"""What an object is that tenantry answers for: how it is made, how it is taken away, and why it is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

__all__ = ["Grouping", "Kind", "Lock", "Object", "Phase", "parted"]

# why quotes first: a name may hold spaces, and the word itself that parts it from its relation's
_WORD = r"""(?:[^" ]|"(?:[^"]|"")*")+"""
_ON = re.compile(rf"(?:(?P<name>{_WORD}(?: {_WORD})*) )?on (?P<relation>{_WORD})")


def parted(rest: str) -> tuple[str, str]:
    """Part ``<name> on <relation>``, which follows the kind in an id, into both; empty where it names no relation."""
    found = _ON.fullmatch(rest)
    return (found["name"] or "", found["relation"]) if found else ("", "")


class Kind(StrEnum):
    """What an object is; the first word of its id."""

    ROLE = "role"
    MEMBERSHIP = "membership"
    PARAMETER = "parameter"
    SCHEMA = "schema"
    TABLE = "table"
    COLUMN = "column"
    FUNCTION = "function"
    TRIGGER = "trigger"
    INDEX = "index"
    CONSTRAINT = "constraint"
    CONTENT = "content"
    REQUIREMENT = "requirement"
    FENCE = "fence"
    VALIDITY = "validity"
    POLICY = "policy"
    VIEW = "view"
    OWNER = "owner"
    GRANTS = "grants"


class Phase(IntEnum):
    """When an object is made; objects of one phase are made in the order of their ids.

    Keys come last, behind fences that are up already; ahead of them where row security would hide rows from whoever
    applies, so that no foreign key could be seen to hold.
    """

    REMOVALS = 0
    ROLES = 1
    SCHEMAS = 2
    JOURNAL = 3
    TABLES = 4
    FUNCTIONS = 5
    READERS = 6
    COLUMNS = 7
    KEYS_AHEAD = 8
    FENCES = 9
    VIEWS = 10
    GRANTS = 11
    KEYS = 12
    LEFTOVERS = 13


class Grouping(StrEnum):
    """Which changes share a step: those of one relation, or none.

    What is ``alone`` may be in no transaction; what goes by ``batches`` is one statement, repeated in transactions of
    its own until it finds no more rows.
    """

    TOGETHER = "together"
    APART = "apart"
    ALONE = "alone"
    BATCHES = "batches"


class Lock(StrEnum):
    """The strongest lock a statement takes on a user's relation (PostgreSQL, chapter Explicit Locking)."""

    NONE = "none"
    ACCESS_SHARE = "access share"
    SHARE_UPDATE_EXCLUSIVE = "share update exclusive"
    SHARE_ROW_EXCLUSIVE = "share row exclusive"
    ACCESS_EXCLUSIVE = "access exclusive"


@dataclass(frozen=True)
class Object:
    """One thing wanted in the database.

    ``id`` is its kind and its name as the server quotes it, such as ``function tenantry.open(text)`` or
    ``policy tenantry_floor on public.booking``. ``create`` makes it or replaces it, ``drop`` takes it away; both are
    complete statements. Without ``create`` its absence is wanted. ``relation`` is the user's relation that ``lock``
    is taken on, if any. ``is_kept``: once made it is wanted on, though what called for it is no longer to be seen.
    ``back`` is the way back where it is not told by ``drop`` and what stood before; ``back_alone`` comes ahead of it,
    outside any transaction. ``ahead`` comes ahead of ``create`` in this one database, because of what stands there:
    it is no part of what is asked for.
    """

    id: str
    phase: Phase
    why: str
    create: tuple[str, ...]
    drop: tuple[str, ...]
    relation: str = ""
    lock: Lock = Lock.NONE
    hazards: tuple[str, ...] = ()
    is_kept: bool = False
    grouping: Grouping = Grouping.TOGETHER
    back: tuple[str, ...] | None = None
    back_alone: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Give the kind that the id starts with."""
        return Kind(self.id.split(" ", 1)[0])
