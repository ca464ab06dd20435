"""What a catalog says about who could get at what: the questions that the rules of equivalence ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tenantry.blueprint.ownership import Ownership
from tenantry.catalog.model import PUBLIC, Catalog, Policy, Relation, Role, Routine
from tenantry.catalog.privilege import can, can_any_column, can_execute, identities, reachable

__all__ = ["PRIVILEGES", "Door", "Ground"]

PRIVILEGES = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


@dataclass(frozen=True)
class Door:
    """A view or function that an attacked role may use and that works with its owner's rights."""

    title: str
    owner: int
    relations: frozenset[int]


@dataclass(frozen=True)
class Ground:
    """The catalog, whose rows are whose, the attacked roles, and the owned tables that are attacked."""

    catalog: Catalog
    ownership: Ownership
    roles: tuple[Role, ...]
    relations: tuple[Relation, ...]

    @cached_property
    def held(self) -> frozenset[int]:
        """Give every role whose rights an attacked role uses or can take on, PUBLIC among them."""
        every = (identities(self.catalog, role) | reachable(self.catalog, role) for role in self.roles)
        return frozenset({PUBLIC}).union(*every)

    @cached_property
    def doors(self) -> tuple[Door, ...]:
        """Give the doors."""
        return (*self._views(), *self._routines())

    def holders(self, relation: Relation, privileges: Iterable[str] = tuple(PRIVILEGES.values())) -> tuple[Role, ...]:
        """Give the attacked roles that hold one of the privileges on the relation or a column of it."""
        wanted = tuple(privileges)
        return tuple(
            role for role in self.roles if any(can_any_column(self.catalog, role, relation, one) for one in wanted)
        )

    def doors_to(self, relation: Relation) -> tuple[Door, ...]:
        """Give the doors that lead to a relation."""
        return tuple(door for door in self.doors if relation.oid in door.relations)

    def is_asked(self, relation: Relation, commands: str) -> bool:
        """Say whether an attacked role can send one of the commands (letters of ``PRIVILEGES``) to it."""
        return bool(self.doors_to(relation) or self.holders(relation, (PRIVILEGES[one] for one in commands)))

    def floors(self, relation: Relation, command: str) -> tuple[Policy, ...]:
        """Give the restrictive policies that hold everybody in a command."""
        return tuple(
            policy
            for policy in self.catalog.policies_of.get(relation.oid, ())
            if not policy.is_permissive and PUBLIC in policy.roles and policy.applies_to(command)
        )

    def has_floor(self, relation: Relation, commands: str) -> bool:
        """Say whether row security is on and a floor holds in each of the commands."""
        return relation.rls and all(self.floors(relation, command) for command in commands)

    def owner_columns(self, relation: Relation) -> tuple[str, ...]:
        """Give the columns that say whose a row is: the key itself where the row is a tenant or user."""
        owner = self.ownership.owner_of(relation.oid)
        return owner.columns or tuple(name for name in self.catalog.primary_key_of.get(relation.oid, ()) if name)

    def writes_owner(self, relation: Relation, commands: str) -> bool:
        """Say whether an attacked role may say to whom a row belongs, by insert (``a``) or update (``w``)."""
        makes_owner = not self.ownership.owner_of(relation.oid).path
        wanted = [PRIVILEGES[one] for one in commands if not (one == "a" and makes_owner)]
        return any(
            can(self.catalog, role, relation, privilege, column=name)
            for role in self.roles
            for privilege in wanted
            for name in self.owner_columns(relation)
        )

    def acts_as(self, owner: int) -> bool:
        """Say whether an attacked role has or can take on a role's rights."""
        return owner in self.held

    def names_owner(self, routine: Routine) -> bool:
        """Say whether a function's own text names a column by which rows belong to a tenant."""
        words = set(re.findall(r"\w+", routine.source))
        columns = {name for table in self.mentioned(routine) for name in self.owner_columns(table)}
        return bool(columns & words)

    def mentioned(self, routine: Routine) -> tuple[Relation, ...]:
        """Give the owned tables whose name stands in a function's text."""
        words = set(re.findall(r"\w+", routine.source))
        return tuple(table for table in self.relations if table.name in words)

    def is_called(self, routine: Routine) -> bool:
        """Say whether an attacked role may call a function or fires it as a trigger."""
        if routine.returns == "trigger":
            fired = {trigger.relation for trigger in self.catalog.triggers if trigger.routine == routine.oid}
            written = [table for table in self.relations if table.oid in fired]
            return any(self.holders(table, ("INSERT", "UPDATE", "DELETE")) for table in written)
        return any(can_execute(self.catalog, role, routine) for role in self.roles)

    def family(self, relation: Relation) -> tuple[Relation, ...]:
        """Give the partitions and children of a table that hold rows."""
        return tuple(child for child in self.catalog.children_of(relation.oid) if child.is_table)

    def _views(self) -> Iterator[Door]:
        for view in self.catalog.relations.values():
            if view.kind == "v" and not view.is_invoker_view and self.holders(view):
                yield Door(view.title, view.owner, frozenset(self.read_by(view)))

    def _routines(self) -> Iterator[Door]:
        for routine in self.catalog.routines.values():
            if routine.is_definer and not routine.extension and self.is_called(routine):
                mentioned = self.mentioned(routine)
                # why: text put together at run time may name any table
                dynamic = self.relations if re.search(r"\bexecute\b", routine.source, re.IGNORECASE) else ()
                yield Door(routine.title, routine.owner, frozenset(one.oid for one in (*mentioned, *dynamic)))

    def read_by(self, view: Relation) -> set[int]:
        """Give every relation behind a view."""
        seen: set[int] = set()
        ahead = list(view.reads)
        while ahead:
            oid = ahead.pop()
            if oid not in seen and oid in self.catalog.relations:
                seen.add(oid)
                ahead.extend(self.catalog.relations[oid].reads)
        return seen
