"""Where a database role stands for a tenant: which columns policies compare with the name of the role that asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Catalog, Relation, Role
from tenantry.catalog.privilege import identities

__all__ = ["columns_naming_role", "stands_aside"]

_COLUMN = r"(?:\"?(\w+)\"?\.)?\"?(\w+)\"?\)?(?:::[\w ]+)?"
_ROLE = r"\(*(?:select )?\(*current_(?:user|role)\b\)*(?:::[\w ]+)?"
_NAMES = (
    re.compile(rf"{_COLUMN} = {_ROLE}", re.IGNORECASE),
    re.compile(rf"{_ROLE} = \(?{_COLUMN}", re.IGNORECASE),
)


@lru_cache(maxsize=2)
def columns_naming_role(catalog: Catalog) -> frozenset[tuple[int, str]]:
    """Give the columns, as (table, name), that hold the name of the role whose rows are meant."""
    return frozenset(
        (table.oid, name)
        for own, text, named in _texts(catalog)
        for pattern in _NAMES
        for qualifier, name in pattern.findall(text)
        for table in _meant(own, named, qualifier, name)
    )


def _texts(catalog: Catalog) -> Iterator[tuple[Relation | None, str, list[Relation]]]:
    """Give each text that asks with the caller's role, the table it speaks of, if one, and those it names."""
    for policy in catalog.policies:
        named = [catalog.relations[oid] for oid in policy.relations if oid in catalog.relations]
        for text in (policy.using, policy.check):
            yield catalog.relations.get(policy.relation), text, named
    for routine in routines_behind(catalog, (oid for policy in catalog.policies for oid in policy.routines)):
        # why: where a function runs as its owner, current_user is that owner
        if not routine.is_definer:
            words = set(re.findall(r"\w+", routine.source))
            yield None, " ".join(routine.source.split()), [one for one in catalog.tables if one.name in words]


def _meant(own: Relation | None, named: list[Relation], qualifier: str, name: str) -> list[Relation]:
    if own is not None and name in own.by_column and qualifier in ("", own.name):
        return [own]
    return [table for table in named if name in table.by_column][:1]


def stands_aside(catalog: Catalog, role: Role, covered: list[Role]) -> str:
    """Say why another role is attacked in this one's place where each stands for a tenant; nothing where none is.

    ``covered`` are the roles whose rights all come from one they inherit, in the order of their names.
    """
    logins = [one for one in covered if one.can_login]
    if not role.can_login and any(role.oid in identities(catalog, one) for one in logins):
        return "policies ask for the name of the role, and nobody logs in as this one"
    held = identities(catalog, role) - {role.oid}
    alike = [one for one in logins if identities(catalog, one) - {one.oid} == held]
    if role in alike[1:]:
        return f"stands for another tenant, with the same rights as {alike[0].name}"
    return ""
