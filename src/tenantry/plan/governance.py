"""What stands in a database that its blueprint does not speak of: roles that may too much, roles and tables unnamed.

The journal tells what became of objects it knows (``drift``). This tells of what it never knew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.blueprint.roles import is_platform_role
from tenantry.blueprint.write import toml_string
from tenantry.catalog.model import PUBLIC, Relation, Role
from tenantry.plan.journal import Journal
from tenantry.plan.scope import Scope
from tenantry.sql.name import quoted, spoken

__all__ = ["Stray", "strays"]

_OF_THE_CONTEXT = frozenset({"tenantry_owner", "tenantry_context", "tenantry_lookup"})
_OWN = _OF_THE_CONTEXT | {"tenantry_app_owner"}
# Settings by which a session would start as somebody else, or without what holds it (PostgreSQL, ALTER ROLE SET).
_TELLING = frozenset(
    {
        "backtrace_functions",
        "local_preload_libraries",
        "role",
        "row_security",
        "session_preload_libraries",
        "session_replication_role",
        "tenantry.token",
    }
)


@dataclass(frozen=True)
class Stray:
    """One thing unspoken of: what it is, what is so, and what to do."""

    what: str
    said: str
    way_out: str


def strays(scope: Scope, journal: Journal) -> tuple[Stray, ...]:
    """Give everything that the blueprint does not speak of, roles first."""
    return (*_roles(scope, journal), *_memberships(scope), *_holders(scope), *_tables(scope, journal))


# -- roles ------------------------------------------------------------------------------------------------


def _roles(scope: Scope, journal: Journal) -> Iterator[Stray]:
    for role in scope.catalog.roles.values():
        what = f"role {spoken(role.name)}"
        # why: what the journal knows of a role is told as drift already
        if not _is_managed(scope, role) or what in journal.entries:
            continue
        for word in _attributes(role):
            yield Stray(
                what, f"It has {word.upper()}, and so is held by nothing.", f"alter role {quoted(role.name)} no{word}"
            )
        for setting in scope.catalog.settings:
            if setting.role == role.oid and setting.name in _telling(scope):
                reset = f"alter role {quoted(role.name)} reset {quoted(*setting.name.split('.'))}"
                yield Stray(what, f"Its sessions start with {setting.name} set.", reset)


def _attributes(role: Role) -> list[str]:
    words = {
        "superuser": role.is_superuser,
        "bypassrls": role.can_bypass_rls,
        "createrole": role.can_create_role,
        "replication": role.can_replicate,
    }
    return [word for word, has in words.items() if has]


def _telling(scope: Scope) -> frozenset[str]:
    said = scope.blueprint.context
    return _TELLING | {one.partition("#")[0] for one in (said.tenant, said.actor, said.roles) if one}


def _is_managed(scope: Scope, role: Role) -> bool:
    return role.name in scope.roles or role.name in _OWN


def _memberships(scope: Scope) -> Iterator[Stray]:
    owners = {table.owner for table in scope.fenced}
    for one in scope.catalog.memberships:
        role, member = scope.catalog.roles[one.role], scope.catalog.roles[one.member]
        if not member.is_superuser and (why := _ill(scope, role, member, is_owner=role.oid in owners)):
            title = f"membership {spoken(role.name)} to {spoken(member.name)}"
            yield Stray(title, why, f"revoke {quoted(role.name)} from {quoted(member.name)}")


def _ill(scope: Scope, role: Role, member: Role, *, is_owner: bool) -> str:
    """Say what is wrong with a membership; nothing where it is as declared."""
    made, trusted = scope.blueprint.roles.made, scope.blueprint.roles.trusted
    if role.name in _OF_THE_CONTEXT and member.name == scope.catalog.server.user and member.name not in scope.roles:
        # why: without a superuser's rights whoever applies has to be one
        return ""
    if role.name in _OWN:
        return "Nobody is to be a member of it: it stands behind the context and the fences."
    if member.name in made:
        return "What plan makes is a member of nothing, so that it can become nobody else."
    if member.name in scope.roles and (role.is_exempt or role.is_predefined or is_owner):
        return "It serves tenants, and through this may do what no fence holds."
    if role.name in made and member.name not in (*scope.roles, *trusted):
        return "It may become a role that serves tenants, and the blueprint does not name it."
    return ""


def _holders(scope: Scope) -> Iterator[Stray]:
    """Give the roles with rights on fenced tables that no list of the blueprint names; none where it names no role."""
    said = scope.blueprint.roles
    if not (said.attack or said.made):
        return
    held: dict[int, list[str]] = {}
    for table in _families(scope):
        for grantee in dict.fromkeys(grant.grantee for grant in table.grants):
            if grantee != table.owner:
                held.setdefault(grantee, []).append(table.title)
    for oid, tables in held.items():
        role = scope.catalog.roles.get(oid)
        if oid != PUBLIC and role is not None and not _is_spoken_of(scope, role):
            more = f" and {len(tables) - 1} more" if len(tables) > 1 else ""
            yield Stray(
                f"role {spoken(role.name)}",
                f"It has rights on {tables[0]}{more}, and the blueprint does not name it.",
                "Name it in a list of [roles], or revoke what it holds.",
            )


def _is_spoken_of(scope: Scope, role: Role) -> bool:
    is_outside = role.is_superuser or role.is_predefined or is_platform_role(role.name)
    return is_outside or _is_managed(scope, role) or role.name in scope.blueprint.roles.trusted


# -- tables -----------------------------------------------------------------------------------------------


def _families(scope: Scope) -> tuple[Relation, ...]:
    families = ((table, *scope.catalog.children_of(table.oid)) for table in scope.fenced)
    return tuple({one.oid: one for family in families for one in family}.values())


def _tables(scope: Scope, journal: Journal) -> Iterator[Stray]:
    told = {oid for oid, said in scope.ownership.declared.items() if said.shared or said.skip}
    for table in scope.tables if scope.blueprint.isolation.unknown == "refuse" else ():
        if not scope.ownership.is_owned(table.oid) and table.oid not in told:
            yield Stray(
                f"table {table.title}",
                "Nothing says whose rows it holds.",
                f"Declare it under [tables.{toml_string(table.title)}], then tenantry plan.",
            )
    for table in _families(scope):
        is_fenced = f"fence on {table.title}" in journal.entries
        if table.kind in "rp" and not is_fenced and not (table.rls and table.forced):
            said = "Its rows belong to tenants, and no fence was built around it."
            yield Stray(f"table {table.title}", said, "tenantry plan, then tenantry apply")
