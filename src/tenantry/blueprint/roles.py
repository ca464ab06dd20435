"""Which roles serve tenants and so must be held by the fence, and which stand outside it, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.role_names import columns_naming_role, stands_aside
from tenantry.blueprint.words import TENANT_WORDS, singular, words_of
from tenantry.catalog.model import PUBLIC, Catalog, Relation, Role
from tenantry.catalog.privilege import can_any_column, identities
from tenantry.errors import BlueprintInvalid

__all__ = ["PROBE", "RoleChoice", "choose_roles", "is_api_database", "is_platform_role", "names_in_rows"]

PROBE = "tenantry_probe"  # made inside the transaction, where no role of the database is held by policies

_API_ROLES = ("anon", "authenticated")
_OPERATOR = re.compile(r"(^|_)(super_?admin|sys_?admin|platform_admin|superuser|operator|service|system|root|dba)(_|$)")
_ADMIN = re.compile(r"^(?:(\w+)_)?admin(?:_user|_role)?$")
_OWNER_SHARE = 0.5
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_OWN = re.compile(r"^tenantry_(owner|context|lookup|app_owner)$")
_PLATFORM = re.compile(r"^(supabase_|pgsodium|pgbouncer$|dashboard_user$|authenticator$|cloudsql|rds|azure|cron$)")


@dataclass(frozen=True)
class RoleChoice:
    """A role and whether it is attacked; ``is_attacked`` roles serve tenants."""

    role: Role
    is_attacked: bool
    reason: str


def is_api_database(catalog: Catalog) -> bool:
    """Say whether clients reach this database through PostgREST as anon and authenticated (Supabase).

    Roles belong to the whole cluster, so it is their grants and policies in this database that tell.
    """
    oids = {role.oid for role in catalog.roles.values() if role.name in _API_ROLES}
    if len(oids) < len(_API_ROLES):
        return False
    granted = any(oids & _grantees(relation) for relation in catalog.tables)
    return granted or any(oids & set(policy.roles) for policy in catalog.policies)


def is_platform_role(name: str) -> bool:
    """Say whether a role is brought along by a platform such as Supabase, RDS or Cloud SQL."""
    return bool(_PLATFORM.search(name))


def choose_roles(catalog: Catalog, blueprint: Blueprint) -> tuple[RoleChoice, ...]:
    """Judge every role that could matter; with none to attack, the caller attacks ``PROBE``.

    Declared roles win. Otherwise a role is attacked when policies hold it and it has rights on tables.
    Refuses a blueprint that attacks, or acts as, a role the server does not have.
    """
    _know_all(catalog, blueprint)
    if blueprint.roles.attack or any(name in catalog.role_named for name in blueprint.roles.app):
        return tuple(_declared(catalog, blueprint))
    # why apart: roles that only stand beside the application's do not say which one is the application's
    beside = tuple(_beside(catalog, blueprint))
    known = {choice.role.name for choice in beside}
    candidates = [role for role in _candidates(catalog) if role.name not in known]
    choices = _without_operators(catalog, [_judge(catalog, blueprint, role) for role in candidates])
    if any(choice.is_attacked for choice in choices):
        return (*choices, *beside)
    return (*(_owners_instead(catalog, choice) for choice in choices), *beside)


def names_in_rows(catalog: Catalog, blueprint: Blueprint) -> dict[tuple[int, str], str]:
    """Give the columns that must hold a role's name in the subject's own rows, as (table, name), with that name."""
    named = () if is_api_database(catalog) else columns_naming_role(catalog)
    attacked = (choice.role for choice in choose_roles(catalog, blueprint) if choice.is_attacked) if named else ()
    first = next((role.name for role in attacked if role.can_login), "")
    return dict.fromkeys(named, first) if first else {}


def _know_all(catalog: Catalog, blueprint: Blueprint) -> None:
    uses = [("attacks", name) for name in blueprint.roles.attack]
    uses += [(f"has a subject ({subject.name}) that acts as", subject.role) for subject in blueprint.subject]
    for use, name in uses:
        if name not in catalog.role_named:
            near = get_close_matches(name, catalog.role_named, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise BlueprintInvalid(f"The blueprint {use} the role {name}, which the server does not have.{hint}")


def _without_operators(catalog: Catalog, choices: list[RoleChoice]) -> list[RoleChoice]:
    """Spare roles for operators: named so, and given by policy or grant what no other role is given."""
    attacked = [choice.role for choice in choices if choice.is_attacked]
    spared = {
        role.oid
        for role in attacked
        if _is_operator(catalog, role) and _stands_above(catalog, role, [one for one in attacked if one is not role])
    }
    if len(spared) == len(attacked):
        return choices
    reason = "its name and its rights say that it serves no single tenant; name it in [roles] attack to attack it"
    return [replace(c, is_attacked=False, reason=reason) if c.role.oid in spared else c for c in choices]


def _is_operator(catalog: Catalog, role: Role) -> bool:
    """Say whether a role is named for running the platform; company_admin, where companies exist, is a persona."""
    if _OPERATOR.search(role.name):
        return True
    admin = _ADMIN.match(role.name)
    noun = singular(admin.group(1) or "") if admin else ""
    nouns = {singular(word) for table in catalog.tables for word in words_of(table.name)} | set(TENANT_WORDS)
    return admin is not None and noun not in nouns


def _stands_above(catalog: Catalog, role: Role, others: list[Role]) -> bool:
    if any(policy.roles == (role.oid,) and policy.using == "true" for policy in catalog.policies):
        return True
    return any(
        not relation.rls
        and _has_rights(catalog, role, relation)
        and not any(_has_rights(catalog, other, relation) for other in others)
        for relation in _own_tables(catalog)
    )


def _declared(catalog: Catalog, blueprint: Blueprint) -> Iterator[RoleChoice]:
    for name in blueprint.roles.attack:
        yield RoleChoice(catalog.role_named[name], is_attacked=True, reason="declared")
    for name in blueprint.roles.app:
        if name in catalog.role_named and name not in blueprint.roles.attack:
            yield RoleChoice(catalog.role_named[name], is_attacked=True, reason="declared, a role of the application")
    yield from (choice for choice in _beside(catalog, blueprint) if choice.role.name not in blueprint.roles.attack)
    for name in blueprint.roles.trusted:
        if name in catalog.role_named:
            yield RoleChoice(catalog.role_named[name], is_attacked=False, reason="declared trusted")


def _beside(catalog: Catalog, blueprint: Blueprint) -> Iterator[RoleChoice]:
    for words, names in (("background work", blueprint.roles.background), ("reading", blueprint.roles.reader)):
        for name in names:
            if name in catalog.role_named:
                yield RoleChoice(catalog.role_named[name], is_attacked=True, reason=f"declared, a role for {words}")


def _candidates(catalog: Catalog) -> list[Role]:
    """Give roles that policies, grants or ownership in this database name, and logins that inherit from them."""
    named = {grantee for relation in _own_tables(catalog) for grantee in _grantees(relation)}
    named |= {role for policy in catalog.policies for role in policy.roles}
    named.discard(PUBLIC)
    owners = {relation.owner for relation in _own_tables(catalog)}
    heirs = {
        membership.member
        for membership in catalog.memberships
        if membership.role in named - owners and membership.with_inherit
    }
    named |= owners
    public = any(PUBLIC in _grantees(relation) for relation in _own_tables(catalog))
    api = _API_ROLES if is_api_database(catalog) else ()
    return [
        role
        for role in catalog.roles.values()
        if not role.is_predefined
        and (role.oid in named or role.name in api or (role.can_login and (role.oid in heirs or public)))
    ]


def _grantees(relation: Relation) -> set[int]:
    return {grant.grantee for grant in relation.grants if grant.privilege in _VERBS}


def _own_tables(catalog: Catalog) -> list[Relation]:
    return [relation for relation in catalog.tables if relation.schema not in ("auth", "storage", "realtime", "vault")]


def _judge(catalog: Catalog, blueprint: Blueprint, role: Role) -> RoleChoice:
    def spared(reason: str) -> RoleChoice:
        return RoleChoice(role, is_attacked=False, reason=reason)

    if role.name in blueprint.roles.trusted:
        return spared("declared trusted")
    if role.is_superuser:
        return spared("superuser: no policy ever holds it")
    if role.can_bypass_rls:
        return spared("BYPASSRLS: no policy ever holds it")
    if _OWN.match(role.name):
        return spared("is tenantry's own: nobody logs in as it")
    if _PLATFORM.match(role.name):
        return spared("belongs to the platform")
    # why: a role that owns a report table of its own still serves tenants in all the others
    if _owned_share(catalog, role) >= _OWNER_SHARE:
        return spared("owns tables: stands outside the fence unless row security is forced")
    if role.name in _API_ROLES and is_api_database(catalog):
        return RoleChoice(role, is_attacked=True, reason="clients of the API act as it")
    if not any(_has_rights(catalog, role, relation) for relation in _own_tables(catalog)):
        return spared("has no rights on any table")
    if columns_naming_role(catalog) and not is_api_database(catalog):
        covered = sorted((one for one in _candidates(catalog) if _is_covered(catalog, one)), key=lambda one: one.name)
        if reason := stands_aside(catalog, role, covered):
            return spared(reason)
    elif _is_covered(catalog, role):
        return spared("has the same rights as the role it inherits from")
    return RoleChoice(role, is_attacked=True, reason="policies hold it and it has rights on tables")


def _has_rights(catalog: Catalog, role: Role, relation: Relation) -> bool:
    return any(can_any_column(catalog, role, relation, verb) for verb in _VERBS)


def _owned_share(catalog: Catalog, role: Role) -> float:
    tables = _own_tables(catalog)
    owned = sum(relation.owner == role.oid for relation in tables)
    return owned / len(tables) if tables else 0.0


def _is_covered(catalog: Catalog, role: Role) -> bool:
    """Say whether everything the role may do comes from one attacked role it inherits."""
    held = identities(catalog, role) - {role.oid, PUBLIC}
    own = any(role.oid in _grantees(relation) for relation in _own_tables(catalog))
    own = own or any(role.oid in policy.roles for policy in catalog.policies)
    parents = [catalog.roles[oid] for oid in held if oid in catalog.roles]
    plain = [parent for parent in parents if not parent.is_exempt and not parent.is_predefined]
    return not own and len(parents) == 1 and len(plain) == 1


def _owners_instead(catalog: Catalog, choice: RoleChoice) -> RoleChoice:
    """With nobody else to serve tenants, the application connects as a role that owns its tables."""
    role = choice.role
    if role.is_exempt or not role.can_login or not _owned_share(catalog, role) or _PLATFORM.match(role.name):
        return choice
    return RoleChoice(role, is_attacked=True, reason="owns the tables, and no other role could serve the application")
