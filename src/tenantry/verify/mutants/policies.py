"""How a table's policies are weakened: dropped, opened, turned permissive, pointed at nobody, joined by an open one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from tenantry.catalog.model import PUBLIC, Policy, Relation
from tenantry.sql.name import identifier, spelled
from tenantry.verify.covered import is_covered
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant, named
from tenantry.verify.mutants.tables import NOBODY_ASKS

__all__ = ["of"]

_ALL = "rawd"
_WORDS: dict[str, LiteralString] = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_FLOOR = "E3: a restrictive policy that holds everybody still has to agree"
_NO_OWNER = "E4: no attacked role may write the columns that say whose row it is"
_TWICE = "E5: another restrictive policy says the same"


@dataclass(frozen=True)
class _Place:
    """A policy on its table; ``root`` is the table that is attacked, the partition's parent for a partition."""

    ground: Ground
    root: Relation
    relation: Relation
    policy: Policy

    def mutant(self, what: str, statement: sql.Composed, equivalent: str, group: str = "fence") -> Mutant:
        """Give the mutant of this policy. Where nobody asks the table, row security off covers every change of it."""
        is_asked = self.ground.is_asked(self.relation, _ALL)
        return Mutant(
            control=f"{what}: {self.policy.name} on {self.relation.title}",
            statement=statement,
            touched=(self.root.oid,),
            equivalent=equivalent,
            group=group if is_asked else "fence",
            stronger=None
            if is_asked
            else sql.SQL("alter table {} disable row level security").format(named(self.relation)),
        )

    @property
    def seeing(self) -> str:
        """Give the commands in which USING speaks."""
        return "".join(one for one in "rwd" if self.policy.applies_to(one))

    @property
    def checking(self) -> str:
        """Give the commands in which WITH CHECK speaks."""
        return "".join(one for one in "aw" if self.policy.applies_to(one))

    @property
    def name(self) -> sql.Composed:
        """Give policy and table for a statement."""
        return sql.SQL("{} on {}").format(identifier(self.policy.name), named(self.relation))


def of(ground: Ground, relation: Relation) -> Iterator[Mutant]:
    """Give the mutants of the policies of a table and of its partitions and children."""
    for one in (relation, *ground.family(relation)):
        if one.rls:
            for policy in ground.catalog.policies_of.get(one.oid, ()):
                yield from _of_policy(_Place(ground, relation, one, policy))
            yield _joined(ground, relation, one)


def _of_policy(place: _Place) -> Iterator[Mutant]:
    policy = place.policy
    if place.seeing and policy.using != "true":
        opened = sql.SQL("alter policy {} using (true)").format(place.name)
        yield place.mutant("policy's using", opened, _open(place, place.seeing))
    if place.checking and (policy.check or policy.using) != "true":
        unchecked = _unchecked(place)
        group = "elsewhere" if unchecked.startswith("E13") else "fence"
        opened = sql.SQL("alter policy {} with check (true)").format(place.name)
        yield place.mutant("policy's check", opened, unchecked, group)
    if not policy.is_permissive:
        gone = _gone(place)
        yield place.mutant("restrictive policy", sql.SQL("drop policy {}").format(place.name), gone, "drop")
        yield place.mutant("policy is restrictive", _as_permissive(place), gone, "permissive")
        if PUBLIC in policy.roles and (nobody := _nobody(place.ground)):
            renamed = sql.SQL("alter policy {} to {}").format(place.name, identifier(nobody))
            yield place.mutant("restrictive policy for all", renamed, gone, "nobody")


def _open(place: _Place, commands: str) -> str:
    """Say why an open USING lets nobody through."""
    if not _is_asked(place, commands):
        return NOBODY_ASKS
    if place.policy.is_permissive:
        return _FLOOR if place.ground.has_floor(place.relation, commands) else ""
    return _said_twice(place)


def _unchecked(place: _Place) -> str:
    if not _is_asked(place, place.checking):
        return NOBODY_ASKS
    if not place.ground.writes_owner(place.relation, place.checking) and not place.ground.doors_to(place.relation):
        return _NO_OWNER
    if place.policy.is_permissive:
        return _FLOOR if place.ground.has_floor(place.relation, place.checking) else ""
    return _said_twice(place) or _repeated(place)


def _repeated(place: _Place) -> str:
    """Say which trigger writes the same owner into another table, where a floor refuses the whole statement."""
    ground, relation = place.ground, place.relation
    for trigger in ground.catalog.triggers:
        routine = ground.catalog.routines.get(trigger.routine)
        events = "INSERT.*UPDATE" if ground.writes_owner(relation, "w") else "INSERT"
        fires = trigger.relation == relation.oid and trigger.enabled in "OA" and re.search(events, trigger.definition)
        if not fires or routine is None or routine.is_definer or not ground.names_owner(routine):
            continue
        for table in ground.mentioned(routine):
            target = rf"insert\s+into\s+(\w+\.)?\"?{re.escape(table.name)}\b"
            if table.oid != relation.oid and ground.has_floor(table, "a") and re.search(target, routine.source, re.I):
                return f"E13: the trigger {trigger.name} writes the owner into {table.title}, whose floor refuses it"
    return ""


def _gone(place: _Place) -> str:
    commands = "".join(dict.fromkeys(place.seeing + place.checking))
    return _said_twice(place) if _is_asked(place, commands) else NOBODY_ASKS


def _is_asked(place: _Place, commands: str) -> bool:
    ground, relation = place.ground, place.relation
    doors = {door.owner for door in ground.doors_to(relation)}
    spoken_to = PUBLIC in place.policy.roles or bool(set(place.policy.roles) & (ground.held | doors))
    return spoken_to and ground.is_asked(relation, commands)


def _said_twice(place: _Place) -> str:
    mine = place.policy
    twins = [
        one
        for one in place.ground.catalog.policies_of[place.relation.oid]
        if one.oid != mine.oid
        and not one.is_permissive
        and one.command in ("*", mine.command)
        and (PUBLIC in one.roles or set(mine.roles) <= set(one.roles))
        and (one.using, one.check or one.using) == (mine.using, mine.check or mine.using)
    ]
    return _TWICE if twins or is_covered(place.ground.catalog, mine) else ""


def _as_permissive(place: _Place) -> sql.Composed:
    policy = place.policy
    roles = place.ground.catalog.roles
    holders = [sql.SQL("public") if oid == PUBLIC else identifier(roles[oid].name) for oid in policy.roles]
    using = sql.SQL(" using ({})").format(spelled(policy.using)) if policy.using else sql.SQL("")
    check = sql.SQL(" with check ({})").format(spelled(policy.check)) if policy.check else sql.SQL("")
    return sql.SQL("drop policy {0}; create policy {0} as permissive for {1} to {2}{3}{4}").format(
        place.name, sql.SQL(_WORDS[policy.command]), sql.SQL(", ").join(holders), using, check
    )


def _nobody(ground: Ground) -> str:
    """Give a role that no attacked role is: one of the server's own."""
    strangers = (role for role in ground.catalog.roles.values() if role.oid not in ground.held)
    return min((role.name for role in strangers if role.is_predefined), default="")


def _joined(ground: Ground, root: Relation, relation: Relation) -> Mutant:
    equivalent = "" if ground.is_asked(relation, _ALL) else NOBODY_ASKS
    if not equivalent and ground.has_floor(relation, _ALL):
        equivalent = _FLOOR
    return Mutant(
        control=f"no open policy: {relation.title}",
        statement=sql.SQL("create policy tenantry_door on {} using (true) with check (true)").format(named(relation)),
        touched=(root.oid,),
        equivalent=equivalent,
    )
