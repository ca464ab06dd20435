"""Which controls keep tenants apart, and the statement that weakens each by itself. Values in, values out.

A control whose weakening cannot let anybody through is *equivalent* and names the rule that says why:

E1  Nobody asks: no attacked role holds the verb on the relation itself, and no view or function with other
    rights reads it. A partition or child reached through its parent follows the parent's policies alone
    (PostgreSQL, "Row Security Policies").
E2  Nobody is the owner: FORCE binds only a table's owner. No attacked role is one or can become one, and no
    view or definer function works with the owner's rights.
E3  A floor holds: a restrictive policy for everybody still has to agree with every row and every new row
    (restrictive policies are joined by AND, CREATE POLICY). The floor is a control, weakened by itself.
E4  Nobody names another owner: no attacked role may write the columns that say whose row it is, and making a
    new tenant or user takes nobody's rows, so the check never meets another tenant's key.
E5  Said twice: another restrictive policy for the same commands and roles holds the very same expression.
E6  The function asks itself: its body names the owner's column, so its answer does not rest on row security.
E7  The server refuses: a table that foreign keys of others refer to cannot be truncated without them, and the
    role may not truncate those (TRUNCATE, "Description").
E8  Nowhere to build: TRIGGER needs a trigger function and REFERENCES a table of one's own; the role can create
    neither, for want of CREATE on every schema and of TEMPORARY, and may call no trigger function here.
E9  No way in: the role has no USAGE on the schema.
E10 The view's owner is held too: it is not exempt, row security of all it reads binds it, and floors hold.
E11 Nobody guesses: the values of the index are random keys, so that colliding with one takes knowing it.
E12 The same fence: another attacked role, held by the same policies, may call the function already.
E13 Refused elsewhere: a trigger of the table writes the same owner into a second table, whose own floor then
    refuses the whole statement.

A rule is a claim, so ``mutation`` tests it: all equivalent weakenings are made at once and attacked with
everything. Weakening more can only let through more, so where nothing leaks none of them leaks by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.verify.mutants import doors, grants, keys, policies, roles, tables
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant

__all__ = ["Ground", "Mutant", "mutants"]


def mutants(ground: Ground) -> tuple[Mutant, ...]:
    """Give one mutant for each control: tables first, what changes roles last."""
    return tuple(_all(ground))


def _all(ground: Ground) -> Iterator[Mutant]:
    for relation in ground.relations:
        yield from tables.of(ground, relation)
        yield from policies.of(ground, relation)
        yield from grants.of(ground, relation)
        yield from keys.of(ground, relation)
    yield from doors.of(ground)
    yield from roles.of(ground)
