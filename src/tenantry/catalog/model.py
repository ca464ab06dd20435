"""What a catalog snapshot holds. Values only: nothing here talks to a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

__all__ = [
    "Catalog",
    "Column",
    "Constraint",
    "DefaultPrivilege",
    "Extension",
    "Grant",
    "Index",
    "Membership",
    "Policy",
    "Publication",
    "Relation",
    "Role",
    "RoleSetting",
    "Routine",
    "Rule",
    "Schema",
    "Server",
    "Trigger",
    "TypeInfo",
]

PUBLIC = 0


@dataclass(frozen=True)
class Server:
    """The server, the database and the role that asks."""

    version: str
    version_num: int
    database: str
    user: str
    user_oid: int
    is_superuser: bool
    can_bypass_rls: bool
    in_recovery: bool
    other_sessions: int
    search_path: str


@dataclass(frozen=True)
class Role:
    """A role of the cluster."""

    oid: int
    name: str
    is_superuser: bool
    can_login: bool
    can_bypass_rls: bool
    inherits: bool
    can_replicate: bool
    can_create_role: bool
    can_create_database: bool

    @property
    def is_exempt(self) -> bool:
        """Say whether no policy ever holds this role."""
        return self.is_superuser or self.can_bypass_rls

    @property
    def is_predefined(self) -> bool:
        """Say whether the server itself ships this role."""
        return self.name.startswith("pg_")


@dataclass(frozen=True)
class Membership:
    """One role granted to another. Before PostgreSQL 16 every grant may be inherited and set."""

    role: int
    member: int
    with_admin: bool
    with_inherit: bool
    with_set: bool


@dataclass(frozen=True)
class RoleSetting:
    """A setting a role or database starts its sessions with; role or database is 0 for any."""

    role: int
    database: int
    name: str
    value: str


@dataclass(frozen=True)
class Schema:
    """A schema and who may use it."""

    oid: int
    name: str
    owner: int
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class Grant:
    """One privilege held by one role (0: everyone); ``column`` is empty for the whole object."""

    grantee: int
    privilege: str
    grantable: bool = False
    column: str = ""


@dataclass(frozen=True)
class DefaultPrivilege:
    """A privilege future objects will be born with."""

    owner: int
    schema: int
    kind: str
    grant: Grant


@dataclass(frozen=True)
class Column:
    """A column. ``type_name`` is formatted with its modifiers; ``default`` is its deparsed expression."""

    name: str
    number: int
    type_oid: int
    type_name: str
    not_null: bool
    default: str = ""
    generated: str = ""
    identity: str = ""
    modifier: int = -1


@dataclass(frozen=True)
class TypeInfo:
    """A type: base, domain, enum, range, composite; ``base`` is a domain's base or an array's element."""

    oid: int
    name: str
    kind: str
    category: str
    base: int = 0
    not_null: bool = False
    labels: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constraint:
    """A constraint; for foreign keys ``columns`` pair with ``target_columns`` of ``target``."""

    oid: int
    name: str
    relation: int
    kind: str
    columns: tuple[str, ...]
    target: int = 0
    target_columns: tuple[str, ...] = ()
    definition: str = ""
    expression: str = ""
    on_delete: str = ""
    on_update: str = ""
    is_deferrable: bool = False
    is_inherited: bool = False


@dataclass(frozen=True)
class Index:
    """An index; ``columns`` are its key columns, empty names standing for expressions."""

    oid: int
    name: str
    relation: int
    columns: tuple[str, ...]
    is_unique: bool
    is_primary: bool
    is_exclusion: bool
    is_valid: bool
    predicate: str
    definition: str
    method: str


@dataclass(frozen=True)
class Policy:
    """A row security policy; ``roles`` holds 0 for PUBLIC; command is one of ``* r a w d``."""

    oid: int
    name: str
    relation: int
    command: str
    is_permissive: bool
    roles: tuple[int, ...]
    using: str
    check: str
    routines: tuple[int, ...] = ()
    relations: tuple[int, ...] = ()

    def applies_to(self, command: str) -> bool:
        """Say whether the policy speaks of a command (``r`` select, ``a`` insert, ``w`` update, ``d`` delete)."""
        return self.command in ("*", command)


@dataclass(frozen=True)
class Trigger:
    """A user's trigger; ``enabled`` is O (origin), D (disabled), R (replica) or A (always)."""

    name: str
    relation: int
    routine: int
    enabled: str
    definition: str


@dataclass(frozen=True)
class Rule:
    """A rewrite rule other than a view's own."""

    name: str
    relation: int
    definition: str


@dataclass(frozen=True)
class Routine:
    """A function or procedure; ``title`` is its name and argument types as the server quotes them."""

    oid: int
    schema: str
    name: str
    title: str
    owner: int
    kind: str
    language: str
    is_trusted: bool
    is_definer: bool
    is_leakproof: bool
    volatility: str
    returns: str
    returns_set: bool
    arguments: str
    argument_types: tuple[str, ...]
    argument_names: tuple[str, ...]
    input_count: int
    default_count: int
    settings: tuple[str, ...]
    source: str
    has_parsed_body: bool
    extension: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class Extension:
    """An installed extension."""

    name: str
    version: str
    schema: str


@dataclass(frozen=True)
class Publication:
    """A logical replication publication and the tables in it."""

    name: str
    for_all_tables: bool
    relations: tuple[int, ...]


@dataclass(frozen=True)
class Relation:
    """A relation of any kind that can hold or show rows; ``title`` is its name as the server quotes it."""

    oid: int
    schema: str
    name: str
    title: str
    kind: str
    owner: int
    rls: bool
    forced: bool
    is_partition: bool
    estimated_rows: float
    options: tuple[str, ...]
    definition: str
    extension: str
    columns: tuple[Column, ...] = ()
    grants: tuple[Grant, ...] = ()
    parents: tuple[int, ...] = ()
    reads: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()

    @property
    def is_table(self) -> bool:
        """Say whether the relation stores its own rows, or routes them to partitions that do."""
        return self.kind in ("r", "p")

    @property
    def is_view(self) -> bool:
        """Say whether the relation is a view of either kind."""
        return self.kind in ("v", "m")

    @property
    def is_invoker_view(self) -> bool:
        """Say whether a view asks with its caller's rights."""
        return any(option in ("security_invoker=true", "security_invoker=on", "security_invoker=1")
                   for option in self.options)

    @cached_property
    def by_column(self) -> Mapping[str, Column]:
        """Find a column by its name."""
        return {column.name: column for column in self.columns}


@dataclass(frozen=True)
class Catalog:
    """Everything read in one snapshot. Look-ups are by oid unless they say otherwise."""

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
        direct = [relation for relation in self.relations.values() if oid in relation.parents]
        return tuple(child for parent in direct for child in (parent, *self.children_of(parent.oid)))

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
