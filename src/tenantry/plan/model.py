"""What a plan is: steps in order, each with its reason, its lock and its way back. A file that can be reviewed."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tenantry.blueprint.memory import Memory
from tenantry.plan.object import Lock

__all__ = ["Action", "Change", "Entry", "Plan", "Step"]


class Action(StrEnum):
    """What is done to an object.

    ``create``: it is not there; ``replace``: it is there, otherwise; ``restore``: it was changed behind our back;
    ``drop``: its absence is wanted; ``remove``: it is wanted no longer, and what stood there comes back;
    ``note``: it is there just as wanted, and is answered for from now on.
    """

    CREATE = "create"
    REPLACE = "replace"
    RESTORE = "restore"
    DROP = "drop"
    REMOVE = "remove"
    NOTE = "note"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Part):
    """What is remembered of an object: the two hashes, the text it became, what stood before, how it goes away."""

    asked: str
    asked_text: tuple[str, ...]
    is_kept: bool
    became: str
    became_text: tuple[str, ...]
    before: tuple[str, ...]
    removal: tuple[str, ...]


class Change(_Part):
    """What happens to one object. ``statements`` make it, ``inverse`` leads back to what stood before."""

    object: str = Field(description="Id of the object.")
    action: Action
    why: str
    asked: str = Field(description="SHA-256 of the statements asked for; empty when its absence is.")
    asked_text: tuple[str, ...] = ()
    is_kept: bool = False
    statements: tuple[str, ...]
    inverse: tuple[str, ...]
    inverse_alone: tuple[str, ...] = Field(
        default=(), description="What comes ahead of the way back, outside any transaction."
    )
    removal: tuple[str, ...] = Field(default=(), description="What takes the object away once it is unwanted.")
    before: tuple[str, ...] = Field(default=(), description="What stood there before tenantry first touched it.")
    earlier: Entry | None = Field(default=None, description="What the journal said of the object before.")
    hazards: tuple[str, ...] = ()

    @property
    def made(self) -> Entry:
        """Give what is remembered of the object before the server was asked what it became."""
        return Entry(
            asked=self.asked,
            asked_text=self.asked_text,
            is_kept=self.is_kept,
            became="",
            became_text=(),
            before=self.before,
            removal=self.removal,
        )


class Step(_Part):
    """Changes that are made together, in one transaction; ``alone`` in none, ``batches`` in many."""

    number: int
    title: str
    mode: Literal["transaction", "alone", "batches"] = "transaction"
    relation: str = Field(default="", description="The user's relation that is locked, if one is.")
    lock: Lock = Lock.NONE
    changes: tuple[Change, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """Give everything the step runs, in order."""
        return tuple(text for change in self.changes for text in change.statements)

    @property
    def inverse(self) -> tuple[str, ...]:
        """Give everything that takes the step back, in order."""
        return tuple(text for change in reversed(self.changes) for text in change.inverse)

    @property
    def inverse_alone(self) -> tuple[str, ...]:
        """Give what is run ahead of the way back, statement by statement."""
        return tuple(text for change in reversed(self.changes) for text in change.inverse_alone)

    @property
    def hazards(self) -> tuple[str, ...]:
        """Give what a reader should think about before the step runs."""
        return tuple(dict.fromkeys(hazard for change in self.changes for hazard in change.hazards))


class Plan(_Part):
    """The steps from what is to what is wanted, for one database as it stood."""

    format: Literal[1] = 1
    database: str
    server_version_num: int
    catalog: str = Field(description="SHA-256 of the snapshot's objects that the plan touches, and of their tables.")
    notes: tuple[str, ...] = Field(default=(), description="What stays as it is though it should not, and why.")
    whose: Memory = Field(default=Memory(), description="Whose rows each table was found to hold.")
    steps: tuple[Step, ...]

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the plan's canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
