"""What a plan file carries beside the plan, and what apply demands of it: unchanged, in time, here, and approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Literal

import psycopg
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tenantry.plan.model import Plan
from tenantry.plan.refusal import AlreadyApproved, ApprovalsMissing, PlanAltered, PlanElsewhere, PlanExpired
from tenantry.plan.rehearsal import Rehearsal
from tenantry.sql import library
from tenantry.sql.parameters import fetch

__all__ = ["Approval", "Place", "PlanFile", "approved", "demand_usable", "filed", "place_of"]

_MAJOR = 10_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Part):
    """The database a plan was made for."""

    system_identifier: str = Field(description="What initdb drew for the server; a copy of its files has the same.")
    database: str
    version_num: int


class Approval(_Part):
    """Somebody's word that a plan may be applied; as good as the file's own history."""

    who: str
    at: AwareDatetime
    plan: str = Field(description="Id of the plan file that was approved.")


class PlanFile(_Part):
    """A plan, where it belongs, how long it holds, and who approved it."""

    format: Literal[2] = 2
    id: str = Field(description="SHA-256 of everything but itself and the approvals, as canonical JSON.")
    created: AwareDatetime
    expires_at: AwareDatetime
    server: Target
    plan: Plan
    rehearsal: Rehearsal | None = None
    approvals: tuple[Approval, ...] = ()

    @property
    def true_id(self) -> str:
        """Give the id that belongs to what the file says."""
        said = self.model_dump(mode="json", exclude={"id", "approvals"})
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def approvers(self) -> Mapping[str, Approval]:
        """Give who approved this very plan, each once."""
        return {_folded(one.who): one for one in self.approvals if one.plan == self.id}

    def text(self) -> str:
        """Give the file's text."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Place:
    """A database as it tells of itself, and what time it is there."""

    target: Target
    now: datetime


def place_of(connection: psycopg.Connection) -> Place:
    """Ask a database which it is."""
    found = fetch(connection, _query(), {})[0]
    target = Target(
        system_identifier=str(found.system_identifier), database=found.database, version_num=found.version_num
    )
    return Place(target, found.now.astimezone(UTC))


def filed(plan: Plan, place: Place, *, lifetime_h: float, rehearsal: Rehearsal | None = None) -> PlanFile:
    """Put a plan into a file that holds for some hours."""
    made = PlanFile(
        id="",
        created=place.now,
        expires_at=place.now + timedelta(hours=lifetime_h),
        server=place.target,
        plan=plan,
        rehearsal=rehearsal,
    )
    return made.model_copy(update={"id": made.true_id})


def approved(file: PlanFile, who: str, now: datetime) -> PlanFile:
    """Add somebody's approval. Raises ``PlanAltered``, ``PlanExpired`` and ``AlreadyApproved``."""
    _demand_unaltered(file)
    _demand_in_time(file, now)
    if before := file.approvers.get(_folded(who)):
        raise AlreadyApproved(f"{before.who} approved this plan already, on {before.at:%Y-%m-%d at %H:%M %Z}.")
    word = Approval(who=" ".join(who.split()), at=now, plan=file.id)
    return file.model_copy(update={"approvals": (*file.approvals, word)})


def demand_usable(file: PlanFile, place: Place, *, approvals: int) -> None:
    """Refuse a file that was changed, has expired, is for another database, or that too few approved."""
    _demand_unaltered(file)
    _demand_in_time(file, place.now)
    _demand_here(file.server, place.target)
    if len(file.approvers) < approvals:
        names = ", ".join(one.who for one in file.approvers.values()) or "nobody"
        raise ApprovalsMissing(f"The plan needs {approvals} approvals and has {len(file.approvers)}, by {names}.")


def _demand_unaltered(file: PlanFile) -> None:
    if file.id != file.true_id:
        raise PlanAltered


def _demand_in_time(file: PlanFile, now: datetime) -> None:
    if now > file.expires_at:
        raise PlanExpired(f"The plan expired on {file.expires_at:%Y-%m-%d at %H:%M %Z}.")


def _demand_here(meant: Target, here: Target) -> None:
    if meant.database != here.database:
        raise PlanElsewhere(f"The plan was made for the database {meant.database}, and this is {here.database}.")
    if meant.system_identifier != here.system_identifier:
        raise PlanElsewhere(
            f"The plan was made on the server {meant.system_identifier}, and this is {here.system_identifier}."
        )
    if meant.version_num // _MAJOR != here.version_num // _MAJOR:
        majors = (meant.version_num // _MAJOR, here.version_num // _MAJOR)
        raise PlanElsewhere("The plan was made on PostgreSQL {}, and this is {}.".format(*majors))


def _folded(who: str) -> str:
    return " ".join(who.split()).casefold()


@cache
def _query() -> str:
    return library.read(resources.files("tenantry.plan") / "sql" / "place.query.sql").body
