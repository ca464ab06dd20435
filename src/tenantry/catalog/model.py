"""What a catalog snapshot holds: one frozen value, with look-ups. Nothing here talks to a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

from tenantry.catalog.objects import (
    PUBLIC,
    Column,
    Constraint,
    DefaultPrivilege,
    EventTrigger,
    Extension,
    Grant,
    Index,
    Membership,
    Policy,
    Publication,
    Published,
    Relation,
    Role,
    RoleSetting,
    Routine,
    Rule,
    Schema,
    Server,
    Trigger,
    TypeInfo,
    Use,
)

__all__ = [
    "PUBLIC",
    "Catalog",
    "Column",
    "Constraint",
    "DefaultPrivilege",
    "EventTrigger",
    "Extension",
    "Grant",
    "Index",
    "Membership",
    "Policy",
    "Publication",
    "Published",
    "Relation",
    "Role",
    "RoleSetting",
    "Routine",
    "Rule",
    "Schema",
    "Server",
    "Trigger",
    "TypeInfo",
    "Use",
]


# why: compared by identity, so that what is found out about a snapshot can be kept with it
@dataclass(frozen=True, eq=False)
class Catalog:
    """Everything read in one snapshot. Look-ups are by oid unless they say otherwise.

    The snapshot is whole: publications and default privileges are held although the lints ask the server for them
    in SQL of their own, so that what decides about them can be written and tested without a server.
    """

    server: Server
    roles: Mapping[int, Role]
    memberships: tuple[Membership, ...]
    settings: tuple[RoleSetting, ...]
    schemas: Mapping[str, Schema]
    relations: Mapping[int, Relation]
    types: Mapping[int, TypeInfo]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]
    policies: tuple[Policy, ...]
    triggers: tuple[Trigger, ...]
    rules: tuple[Rule, ...]
    routines: Mapping[int, Routine]
    extensions: tuple[Extension, ...]
    publications: tuple[Publication, ...]
    default_privileges: tuple[DefaultPrivilege, ...] = field(default=())
    database_grants: tuple[Grant, ...] = field(default=())
    parameter_grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    uses: tuple[Use, ...] = field(default=())
    event_triggers: tuple[EventTrigger, ...] = field(default=())
    comments: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @cached_property
    def tables(self) -> tuple[Relation, ...]:
        """Give the application's tables: no partitions, none that belong to an extension."""
        return tuple(
            relation
            for relation in self.relations.values()
            if relation.is_table and not relation.is_partition and not relation.extension
        )

    @cached_property
    def foreign_keys(self) -> Mapping[int, tuple[Constraint, ...]]:
        """Give each relation's own foreign keys."""
        return self._constraints_of("f")

    @cached_property
    def checks(self) -> Mapping[int, tuple[Constraint, ...]]:
        """Give each relation's check constraints."""
        return self._constraints_of("c")

    @cached_property
    def policies_of(self) -> Mapping[int, tuple[Policy, ...]]:
        """Give each relation's policies."""
        return _grouped(self.policies)

    @cached_property
    def indexes_of(self) -> Mapping[int, tuple[Index, ...]]:
        """Give each relation's indexes."""
        return _grouped(self.indexes)

    @cached_property
    def role_named(self) -> Mapping[str, Role]:
        """Find a role by its name."""
        return {role.name: role for role in self.roles.values()}

    @cached_property
    def relation_named(self) -> Mapping[tuple[str, str], Relation]:
        """Find a relation by schema and name."""
        return {(relation.schema, relation.name): relation for relation in self.relations.values()}

    @cached_property
    def relation_titled(self) -> Mapping[str, Relation]:
        """Find a relation by its name as the server quotes it."""
        return {relation.title: relation for relation in self.relations.values()}

    @cached_property
    def routine_titled(self) -> Mapping[str, Routine]:
        """Find a routine by its name and argument types as the server quotes them."""
        return {routine.signature: routine for routine in self.routines.values()}

    @cached_property
    def routines_named(self) -> Mapping[str, tuple[Routine, ...]]:
        """Find routines by their unqualified name."""
        named: dict[str, list[Routine]] = {}
        for routine in self.routines.values():
            named.setdefault(routine.name, []).append(routine)
        return {name: tuple(found) for name, found in named.items()}

    @cached_property
    def primary_key_of(self) -> Mapping[int, tuple[str, ...]]:
        """Give each relation's primary key columns; relations without one are missing."""
        return {index.relation: index.columns for index in self.indexes if index.is_primary}

    def granted_roles(self, way: str) -> Mapping[int, tuple[int, ...]]:
        """Give the roles granted to each member, by the way they serve: ``inherit`` or ``set``."""
        return self._inherited_roles if way == "inherit" else self._settable_roles

    @cached_property
    def _inherited_roles(self) -> Mapping[int, tuple[int, ...]]:
        return _by_member(item for item in self.memberships if item.with_inherit)

    @cached_property
    def _settable_roles(self) -> Mapping[int, tuple[int, ...]]:
        return _by_member(item for item in self.memberships if item.with_set)

    def children_of(self, oid: int) -> tuple[Relation, ...]:
        """Give partitions and inheritance children of a relation, all generations."""
        direct = self._direct_children.get(oid, ())
        return tuple(child for parent in direct for child in (parent, *self.children_of(parent.oid)))

    @cached_property
    def _direct_children(self) -> Mapping[int, tuple[Relation, ...]]:
        children: dict[int, list[Relation]] = {}
        for relation in self.relations.values():
            for parent in relation.parents:
                children.setdefault(parent, []).append(relation)
        return {parent: tuple(found) for parent, found in children.items()}

    def _constraints_of(self, kind: str) -> Mapping[int, tuple[Constraint, ...]]:
        return _grouped(tuple(item for item in self.constraints if item.kind == kind))


def _by_member(memberships: Iterable[Membership]) -> Mapping[int, tuple[int, ...]]:
    granted: dict[int, list[int]] = {}
    for membership in memberships:
        granted.setdefault(membership.member, []).append(membership.role)
    return {member: tuple(roles) for member, roles in granted.items()}


class _OfRelation(Protocol):
    @property
    def relation(self) -> int: ...


_Item = TypeVar("_Item", bound=_OfRelation)


def _grouped(items: tuple[_Item, ...]) -> Mapping[int, tuple[_Item, ...]]:
    grouped: dict[int, list[_Item]] = {}
    for item in items:
        grouped.setdefault(item.relation, []).append(item)
    return {oid: tuple(found) for oid, found in grouped.items()}
