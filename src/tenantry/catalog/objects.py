"""What the objects of a database look like in a snapshot. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tenantry.sql.name import spoken

__all__ = [
    "PUBLIC",
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

PUBLIC = 0  # the server's way to say everyone in an access list


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
    owner: int
    in_recovery: bool
    other_sessions: int
    search_path: str

    @property
    def sees_all_rows(self) -> bool:
        """Say whether no policy hides rows from the role that asks."""
        return self.is_superuser or self.can_bypass_rls


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
    # why: who granted it makes it no other privilege
    grantor: int = field(default=0, compare=False)


@dataclass(frozen=True)
class DefaultPrivilege:
    """A privilege future objects will be born with."""

    owner: int
    schema: int
    kind: str
    grant: Grant


@dataclass(frozen=True)
class Column:
    """A column. ``type_name`` is formatted with its modifiers; ``default`` is its deparsed expression.

    ``has_own_text`` says that a function of the database answers where it is cast to text.
    """

    name: str
    number: int
    type_oid: int
    type_name: str
    not_null: bool
    default: str = ""
    generated: str = ""
    identity: str = ""
    modifier: int = -1
    has_own_text: bool = False


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
    """A constraint; for foreign keys ``columns`` pair with ``target_columns`` of ``target``.

    ``is_relied_on``: a view or function was stored that could not be without it (GROUP BY a primary key).
    """

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
    is_relied_on: bool = False


@dataclass(frozen=True)
class Index:
    """An index; ``columns`` are its key columns, empty names standing for expressions.

    ``is_relied_on``: the table is replicated by it, or clustered in its order.
    """

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
    is_relied_on: bool


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
    definition: str
    extension: str
    grants: tuple[Grant, ...] = ()

    @property
    def signature(self) -> str:
        """Give its name and the types of its inputs as the server quotes them, without the arguments' names."""
        return f"{spoken(self.schema, self.name)}({','.join(self.argument_types)})"


@dataclass(frozen=True)
class Extension:
    """An installed extension."""

    name: str
    version: str
    schema: str


@dataclass(frozen=True)
class Published:
    """A table in a publication: the columns that are sent, and the condition its rows must meet, if any."""

    relation: int
    columns: tuple[str, ...]
    row_filter: str = ""


@dataclass(frozen=True)
class Publication:
    """A logical replication publication, the changes it sends and the tables in it."""

    name: str
    for_all_tables: bool
    sends_inserts: bool
    sends_updates: bool
    sends_deletes: bool
    sends_truncates: bool
    via_root: bool
    tables: tuple[Published, ...] = ()


@dataclass(frozen=True)
class Use:
    """A function that the server runs for a relation, or for a function (``owner``), followed through operators.

    ``part`` is read, policy, write, trigger or routine, as ``queries/uses.sql`` says; ``enabled`` is a trigger's.
    """

    owner: int
    part: str
    enabled: str
    routine: int


@dataclass(frozen=True)
class EventTrigger:
    """A trigger on statements that define objects; ``enabled`` as for ``Trigger``."""

    name: str
    event: str
    routine: int
    enabled: str


@dataclass(frozen=True)
class Relation:
    """A relation of any kind that can hold or show rows; ``title`` is its name as the server quotes it.

    ``partition_columns`` is the key of a partitioned table, ``bound`` the bounds of a partition as text,
    ``wrapper`` the foreign data wrapper of a foreign table, ``reads`` what a view or a rule names.
    """

    oid: int
    schema: str
    name: str
    title: str
    kind: str
    owner: int
    rls: bool
    forced: bool
    is_partition: bool
    partition_columns: tuple[str, ...]
    bound: str
    estimated_rows: float
    options: tuple[str, ...]
    definition: str
    wrapper: str
    extension: str
    columns: tuple[Column, ...] = ()
    grants: tuple[Grant, ...] = ()
    parents: tuple[int, ...] = ()
    reads: tuple[int, ...] = ()

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
        return any(
            option in ("security_invoker=true", "security_invoker=on", "security_invoker=1") for option in self.options
        )

    @cached_property
    def by_column(self) -> Mapping[str, Column]:
        """Find a column by its name."""
        return {column.name: column for column in self.columns}
