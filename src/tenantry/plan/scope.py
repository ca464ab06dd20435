"""What wanted objects are decided from: the snapshot, the blueprint, and who owns whose rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tenantry.blueprint.memory import Memory
from tenantry.blueprint.model import Blueprint, Table
from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import Ownership, ownership
from tenantry.blueprint.personas import VERBS, Allowed, allowances
from tenantry.blueprint.roles import choose_roles
from tenantry.blueprint.tables import PLATFORM_SCHEMAS
from tenantry.catalog.model import Catalog, Column, Relation
from tenantry.errors import TenantsUnknown

__all__ = ["Scope", "scope"]

_OWN = "tenantry"
# What migration tools keep for themselves, by name and columns: dbmate (and Rails), Alembic.
_LEDGERS = {("schema_migrations", ("version",)), ("alembic_version", ("version_num",))}


@dataclass(frozen=True)
class Scope:
    """One database as the blueprint reads it.

    ``roles`` are the names of those that serve tenants, also of those that are still to be made; all others are
    trusted. ``crossed`` are foreign keys by which some row refers to another tenant's.
    """

    catalog: Catalog
    blueprint: Blueprint
    ownership: Ownership
    roles: tuple[str, ...]
    crossed: frozenset[int] = frozenset()

    @cached_property
    def tables(self) -> tuple[Relation, ...]:
        """Give the application's own tables in the order of their names."""
        foreign = PLATFORM_SCHEMAS | {_OWN}
        own = (one for one in self.catalog.tables if one.schema not in foreign and not self.is_ledger(one))
        return tuple(sorted((table for table in own if not table.extension), key=lambda table: table.title))

    @cached_property
    def fenced(self) -> tuple[Relation, ...]:
        """Give the tables whose rows belong to somebody, and so get a floor."""
        return tuple(table for table in self.tables if self.ownership.is_owned(table.oid))

    @cached_property
    def memory(self) -> Memory:
        """Give whose rows the tables hold, for the next plan."""
        return self.ownership.memory(self.catalog, self.blueprint, (table.oid for table in self.tables))

    @property
    def tenant_kind(self) -> OwnerKind:
        """Give the kind of owner that a tenant is: a user where nobody else owns rows."""
        return OwnerKind.TENANT if self.ownership.anchors.tenants else OwnerKind.USER

    @cached_property
    def tenant_type(self) -> str:
        """Give the type of a tenant's key: of the table that lists tenants, of most columns that name them, of users.

        Raises ``TenantsUnknown`` where nothing tells.
        """
        anchors = self.ownership.anchors
        table = self.catalog.relations.get(anchors.tenants or anchors.users)
        key = anchors.tenant_key if anchors.tenants else anchors.user_key
        return table.by_column[key].type_name if table else self.tenant_columns[0].type_name

    @cached_property
    def tenant_columns(self) -> tuple[Column, ...]:
        """Give the columns that name tenants where no table lists them, the most usual first."""
        names = self.ownership.anchors.tenant_columns
        held = [column for table in self.tables for column in table.columns if column.name in names]
        usual = Counter((column.name, column.type_name) for column in held)
        if not held:
            raise TenantsUnknown
        return tuple(sorted(held, key=lambda one: -usual[one.name, one.type_name]))

    @cached_property
    def _allowances(self) -> Mapping[tuple[int, str], Allowed]:
        return allowances(self.catalog, self.blueprint, self.ownership)

    def allowed(self, table: Relation, verb: str) -> Allowed:
        """Give the personas that may do something on a table."""
        return self._allowances.get((table.oid, verb), Allowed())

    def is_refused_to_all(self, table: Relation) -> bool:
        """Say whether personas are declared, and none may do anything on the table."""
        return bool(self.blueprint.personas) and all(self.allowed(table, verb) == Allowed() for verb in VERBS)

    def said_of(self, table: Relation) -> Table | None:
        """Give what the blueprint says of a table, or else of one it inherits from, whose rows it holds as well."""
        said = self.ownership.declared.get(table.oid)
        # why no partition: nobody who serves tenants has any right on it
        parents = () if table.is_partition else table.parents
        above = (self.catalog.relations[oid] for oid in parents if oid in self.catalog.relations)
        return said or next((found for parent in above if (found := self.said_of(parent))), None)

    def crossing(self, table: Relation) -> tuple[str, ...]:
        """Give the verbs by which background work may reach the table's rows of every tenant, in a fixed order."""
        said = self.ownership.declared.get(table.oid)
        if said is None or said.crossing is None or not self.crossing_roles:
            return ()
        return tuple(verb for verb in VERBS if verb in said.crossing.verbs)

    @cached_property
    def crossing_roles(self) -> tuple[str, ...]:
        """Give the roles that may cross tenants; none where no table lets them, or nothing proves a scope."""
        is_asked = any(said.crossing for said in self.ownership.declared.values())
        is_proved = self.blueprint.context.profile != "plain"
        return self.blueprint.roles.background if is_asked and is_proved else ()

    def is_ledger(self, table: Relation) -> bool:
        """Say whether a migration tool keeps its versions there, and the blueprint says nothing else."""
        columns = tuple(column.name for column in table.columns)
        return (table.name, columns) in _LEDGERS and table.oid not in self.ownership.declared

    def is_writable(self, table: Relation) -> bool:
        """Say whether the blueprint lets tenants write a shared table."""
        said = self.ownership.declared.get(table.oid)
        return said is not None and said.writable


def scope(catalog: Catalog, blueprint: Blueprint, memory: Memory | None = None) -> Scope:
    """Read the database as the blueprint says, and as the last plan remembers it."""
    attacked = [choice.role.name for choice in choose_roles(catalog, blueprint) if choice.is_attacked]
    # why in this order: it is the same whether the roles to be made are there already or not
    others = [name for name in attacked if name not in blueprint.roles.made]
    roles = tuple(dict.fromkeys([*others, *blueprint.roles.made]))
    return Scope(catalog, blueprint, ownership(catalog, blueprint, memory), roles)
