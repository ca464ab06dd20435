"""What a mutant is: one control, and the statement that weakens it."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from tenantry.catalog.model import Relation, Role, Routine
from tenantry.sql.name import identifier, qualified, spelled

__all__ = ["Mutant", "called", "named", "with_schema"]


@dataclass(frozen=True)
class Mutant:
    """One weakened control.

    ``touched`` are the tables (oids) whose rows it may open. ``killers`` are codes of the attacks most likely to
    notice. ``equivalent`` is the rule that says why nobody gets through all the same, or empty.
    ``role`` is the attacked role that would profit, where it is one alone.
    ``group`` says with which others it can be made at once without becoming another mutant: not with a second
    change of the same policy, and what hands out rights not with what opens a fence. ``stronger`` is a statement
    that weakens at least as much and can be made beside any other of its group.
    """

    control: str
    statement: sql.Composed
    touched: tuple[int, ...] = ()
    killers: tuple[str, ...] = ()
    equivalent: str = ""
    role: str = ""
    group: str = "fence"
    stronger: sql.Composed | None = None

    @property
    def text(self) -> str:
        """Give the statement as people read it."""
        return self.statement.as_string(None)

    @property
    def gives_rights(self) -> bool:
        """Say whether it changes who holds which privilege, which attacks look up before they try."""
        return self.group == "grant"


def named(relation: Relation) -> sql.Identifier:
    """Give a relation's name for a statement."""
    return qualified(relation.schema, relation.name)


def called(routine: Routine) -> sql.Composed:
    """Give a function's or procedure's kind, name and arguments for a statement."""
    kind = sql.SQL("procedure") if routine.kind == "p" else sql.SQL("function")
    name = qualified(routine.schema, routine.name)
    return sql.SQL("{} {}({})").format(kind, name, spelled(routine.arguments))


def with_schema(schema: str, role: Role, grant: sql.Composed) -> sql.Composed:
    """Give a grant together with the one that opens the schema."""
    return sql.SQL("grant usage on schema {} to {}; {}").format(identifier(schema), identifier(role.name), grant)
