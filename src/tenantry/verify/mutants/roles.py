"""How a role steps out of the fence: as the owner, past row security, or by writing the context itself."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.context import server_settings
from tenantry.catalog.model import Role
from tenantry.sql.name import identifier
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant

__all__ = ["of"]


def of(ground: Ground) -> Iterator[Mutant]:
    """Give, for each attacked role, the memberships, attributes and settings it must not have."""
    touched = tuple(relation.oid for relation in ground.relations)
    for role in ground.roles:
        for owner in _owners(ground):
            if not ground.acts_as(owner.oid):
                yield Mutant(
                    control=f"not a member of the owner: {role.name}",
                    statement=sql.SQL("grant {} to {}").format(identifier(owner.name), identifier(role.name)),
                    touched=touched,
                    killers=("B14",),
                    role=role.name,
                    group="grant",
                )
        for setting in server_settings(ground.catalog):
            yield Mutant(
                control=f"cannot write the context's setting: {role.name}",
                statement=sql.SQL("grant set on parameter {} to {}").format(identifier(setting), identifier(role.name)),
                killers=("B09",),
                group="grant",
            )
        if not role.is_exempt:
            yield Mutant(
                control=f"held by row security: {role.name}",
                statement=sql.SQL("alter role {} bypassrls").format(identifier(role.name)),
                touched=touched,
                role=role.name,
            )


def _owners(ground: Ground) -> list[Role]:
    """Give the roles that own fenced tables and are no superuser: a membership of one is another matter."""
    oids = dict.fromkeys(relation.owner for relation in ground.relations if relation.rls)
    return [role for oid in oids if (role := ground.catalog.roles.get(oid)) is not None and not role.is_superuser]
