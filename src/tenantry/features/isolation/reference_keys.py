"""Foreign keys to a key that will start with the tenant: the same reference, with the tenant on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from tenantry.catalog.model import Constraint, Relation
from tenantry.features.isolation.columns import is_required, is_same_tenant_type, tenant_column
from tenantry.plan.object import Grouping, Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, literal, qualified, short_name, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["ForeignKey", "commented", "foreign_keys"]

# What a reference that carries the tenant cannot say: the tenant would be set null, or demanded, with the others.
_NOT_CARRIED = {
    "MATCH FULL": "it is for its rows' match full",
    "ON UPDATE SET": "its columns are set anew when the key changes, which the tenant's would be as well",
    "NOT ENFORCED": "nothing enforces that",
}
_SET = re.compile(r"ON DELETE SET (NULL|DEFAULT)(?! \()")
# why name by name: a quoted one may hold what looks like the end of the columns, and more
_NAMES = r"""(?:[^"()]|"(?:[^"]|"")*")*"""
_TAIL = re.compile(rf"FOREIGN KEY \({_NAMES}\) REFERENCES {_NAMES}\({_NAMES}\)(?P<tail>(?:[A-Z ]|\({_NAMES}\))*)")


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key of ``child`` to ``parent``; ``tenant`` is the child's own column, empty where it has none."""

    child: Relation
    parent: Relation
    constraint: Constraint
    tenant: str
    is_told: bool
    is_crossed: bool
    is_alike: bool
    comment: str = ""

    @property
    def why_kept(self) -> str:
        """Say why the reference cannot carry the tenant; empty where it can."""
        if not self.tenant:
            return "its rows name no tenant themselves"
        if self.child.kind != "r" or (self.child.parents and not self.child.is_partition):
            return "it has partitions or inherits"
        if not self.is_alike:
            return f"its {spoken(self.tenant)} has another type"
        if not self.is_told:
            return f"its {spoken(self.tenant)} may be null"
        if self.is_crossed:
            name = spoken(self.constraint.name)
            return f"some of its rows refer to another tenant's, or could not be looked at in 30 s ({name})"
        return next((reason for words, reason in _NOT_CARRIED.items() if words in self.constraint.definition), "")

    @property
    def is_validated(self) -> bool:
        """Say whether the rows there were looked at; where they never were, some may refer to nothing."""
        return not self.constraint.definition.endswith(" NOT VALID")

    @property
    def name(self) -> str:
        """Give the name the new constraint has until the swap."""
        return short_name(f"tenantry_{self.constraint.name}")

    def added(self, target_columns: tuple[str, ...]) -> Object:
        """Add it without looking at the rows there are: every new row is held by it from now on."""
        return self._object(
            f"constraint {spoken(self.name)} on {self.child.title}",
            "What refers to a row refers to one of the same tenant; rows that are there are looked at afterwards.",
            statement(
                "alter table {} add constraint {} foreign key ({}) references {} ({}){} not valid",
                self._child,
                identifier(self.name),
                listed(map(identifier, (self.tenant, *self.constraint.columns))),
                qualified(self.parent.schema, self.parent.name),
                listed(map(identifier, self._targets(target_columns))),
                spelled(self._tail()),
            ),
            back=(statement("alter table {} drop constraint if exists {}", self._child, identifier(self.name)),),
            lock=Lock.SHARE_ROW_EXCLUSIVE,
        )

    def validated(self) -> Object:
        """Look at the rows there are, while others write."""
        return self._object(
            f"validity of {spoken(self.name)} on {self.child.title}",
            "Rows that refer across tenants are found here, and stop the plan.",
            statement("alter table {} validate constraint {}", self._child, identifier(self.name)),
            back=(statement("alter table {} validate constraint {}", self._child, identifier(self.constraint.name)),),
            lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        )

    def swapped(self) -> tuple[str, ...]:
        """Let the new constraint take the old one's place and name."""
        return (
            self.dropped(),
            statement(
                "alter table {} rename constraint {} to {}",
                self._child,
                identifier(self.name),
                identifier(self.constraint.name),
            ),
            *commented(self.child, self.constraint, self.comment),
        )

    def dropped(self) -> str:
        """Drop whichever constraint has the name."""
        return statement("alter table {} drop constraint {}", self._child, identifier(self.constraint.name))

    def as_before(self) -> tuple[str, ...]:
        """Add the old constraint again, without looking at the rows there are."""
        definition = self.constraint.definition.removesuffix(" NOT VALID")
        return (
            statement(
                "alter table {} add constraint {} {} not valid",
                self._child,
                identifier(self.constraint.name),
                spelled(definition),
            ),
            *commented(self.child, self.constraint, self.comment),
        )

    @property
    def _child(self) -> sql.Composable:
        return qualified(self.child.schema, self.child.name)

    def _targets(self, target_columns: tuple[str, ...]) -> tuple[str, ...]:
        # why: the pairs of a foreign key need not stand in the order of the key it refers to
        return (target_columns[0], *self.constraint.target_columns)

    def _tail(self) -> str:
        """Give what follows the columns: actions and deferral; only the reference is set null, never the tenant."""
        found = _TAIL.fullmatch(self.constraint.definition)
        tail = (found["tail"] if found else "").removesuffix(" NOT VALID")
        columns = listed(map(identifier, self.constraint.columns)).as_string(None)
        return _SET.sub(lambda action: f"{action[0]} ({columns})", tail)

    def _object(self, name: str, why: str, create: str, *, back: tuple[str, ...], lock: Lock) -> Object:
        return Object(
            id=name,
            phase=Phase.KEYS,
            why=why,
            create=(create,),
            drop=(),
            back=back,
            relation=self.child.title,
            lock=lock,
            is_kept=True,
            grouping=Grouping.APART,
        )


def commented(table: Relation, constraint: Constraint, words: str) -> tuple[str, ...]:
    """Say again what was said of a constraint that another took the place of."""
    place = (identifier(constraint.name), qualified(table.schema, table.name), spelled(literal(words)))
    return (statement("comment on constraint {} on {} is {}", *place),) if words else ()


def foreign_keys(scope: Scope, parent: Relation, key: Constraint) -> Iterator[ForeignKey]:
    """Give the foreign keys that refer to a key of the parent."""
    for constraint in scope.catalog.constraints:
        is_to_key = constraint.kind == "f" and constraint.target == parent.oid and not constraint.is_inherited
        if is_to_key and set(constraint.target_columns) == set(key.columns):
            child = scope.catalog.relations[constraint.relation]
            column = tenant_column(scope, child)
            is_told = bool(column) and is_required(child, column)
            words = scope.catalog.comments.get(("pg_constraint", constraint.oid), "")
            is_alike = bool(column) and is_same_tenant_type(scope, child, parent)
            is_crossed = constraint.oid in scope.crossed
            yield ForeignKey(child, parent, constraint, column, is_told, is_crossed, is_alike, words)
