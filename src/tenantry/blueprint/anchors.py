"""Which table lists the tenants, and which lists the users: what is declared, else the best guess."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tenantry.blueprint.bound import (
    columns_bound_to_context,
    columns_compared_with_tenant,
    columns_holding_actor,
    columns_holding_tenant,
)
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.reference import VIRTUAL, Anchors
from tenantry.blueprint.tables import PLATFORM_SCHEMAS, find_table
from tenantry.blueprint.words import TENANT_WORDS, singular, tenant_weight, user_weight, words_of
from tenantry.catalog.model import Catalog, Relation
from tenantry.errors import BlueprintInvalid

__all__ = ["PLATFORM_SCHEMAS", "Anchored", "anchor"]

_SURE = 40  # below this a name alone does not make a table the list of tenants
_MEMBERSHIP = 30
_TENANT_COLUMN = 60  # weight from which a column <word>_id may name tenants without a table


@dataclass(frozen=True)
class Anchored:
    """The anchors, and in plain words what of them was guessed."""

    anchors: Anchors
    guesses: tuple[str, ...]


def anchor(catalog: Catalog, blueprint: Blueprint) -> Anchored:
    """Settle tenants and users from the blueprint, guessing what it leaves out."""
    guesses: list[str] = []
    users = _users(catalog, blueprint, guesses)
    held = columns_holding_tenant(catalog)
    claimed = _column_of_a_claim(catalog, blueprint)
    tenants = None if claimed else _tenants(catalog, blueprint, users, guesses)
    tenant_key = _key(catalog, tenants, blueprint.tenant.key)
    columns = set(blueprint.tenant.columns) or _tenant_columns(catalog, tenants, tenant_key)
    columns |= set() if blueprint.tenant.columns else held
    named = claimed or _virtual_column(catalog) or ("" if users else _column_compared_with_a_setting(catalog))
    virtual = tenants is None and bool(columns or named)
    if virtual and named:
        columns |= {named}
        guesses.append(f"No table lists the tenants; the column {named} names them.")
    if tenants is None and not virtual and users is not None:
        guesses.append(f"No table lists the tenants; every user in {users.title} is taken as a tenant of their own.")
    anchors = Anchors(
        tenants=tenants.oid if tenants else (VIRTUAL if virtual else 0),
        tenant_key=tenant_key,
        tenant_columns=frozenset(columns),
        users=users.oid if users else 0,
        user_key=_key(catalog, users, blueprint.users.key),
        user_columns=frozenset(blueprint.users.columns),
    )
    return Anchored(anchors=anchors, guesses=tuple(guesses))


def _users(catalog: Catalog, blueprint: Blueprint, guesses: list[str]) -> Relation | None:
    if blueprint.users.table:
        return find_table(catalog, blueprint.users.table)
    platform = catalog.relation_named.get(("auth", "users"))
    if platform is not None:
        return platform
    targets = _target_counts(catalog)
    scored = [
        (user_weight(table.name) + 5 * min(targets[table.oid], 8), table)
        for table in catalog.tables
        if user_weight(table.name) >= _SURE and len(_primary_key(catalog, table)) == 1
    ]
    if not scored:
        return None
    best = max(scored, key=lambda pair: pair[0])[1]
    best = _root_of_key(catalog, best)
    guesses.append(f"{best.title} lists the users.")
    return best


def _root_of_key(catalog: Catalog, table: Relation) -> Relation:
    """Follow profiles.id -> users.id to the table that really lists the users."""
    key = _primary_key(catalog, table)
    for foreign in catalog.foreign_keys.get(table.oid, ()):
        if foreign.columns == key and foreign.target in catalog.relations and foreign.target != table.oid:
            return catalog.relations[foreign.target]
    return table


def _tenants(catalog: Catalog, blueprint: Blueprint, users: Relation | None, guesses: list[str]) -> Relation | None:
    if blueprint.tenant.table:
        return find_table(catalog, blueprint.tenant.table)
    if blueprint.tenant.columns:
        return None
    holding = columns_holding_actor(catalog)
    pointed = _pointed_at(catalog)
    scores = {table.oid: _tenant_score(catalog, table, users, holding, pointed) for table in catalog.tables}
    best = max(catalog.tables, key=lambda table: scores[table.oid], default=None)
    if best is None or scores[best.oid] < _SURE:
        return None
    guesses.append(f"{best.title} lists the tenants.")
    return best


def _tenant_score(
    catalog: Catalog, table: Relation, users: Relation | None, holding: frozenset[tuple[int, str]], pointed: set[int]
) -> int:
    weight = max(tenant_weight(table.name), _SURE if table.oid in pointed else 0)
    key = _primary_key(catalog, table)
    if users is not None and (table.oid == users.oid or _is_user_extension(catalog, table, users, holding)):
        return 0
    if len(key) != 1 or table.schema in PLATFORM_SCHEMAS or weight < 10:
        return 0
    if any(_names_tenant(column.name) and column.name not in key for column in table.columns):
        # why: a table whose rows belong to a tenant is not itself the list of tenants
        weight //= 3
    asking = frozenset(oid for oid, _ in holding)
    is_member_list_named = _has_membership(catalog, table, users, asking, is_named=True)
    has_members = is_member_list_named or (
        weight >= _TENANT_COLUMN and _has_membership(catalog, table, users, asking, is_named=False)
    )
    if weight < _TENANT_COLUMN and not has_members and table.oid in asking:
        # why: clients of one user, as a policy of the list itself says, are that user's rows and no tenants
        return 0
    referring = _target_counts(catalog)[table.oid]
    # why: any table may name a user beside an account; one that is called a list of members says more
    bonus = _MEMBERSHIP if is_member_list_named else _MEMBERSHIP // 2 if has_members else 0
    return weight + 6 * min(referring, 12) + bonus


def _pointed_at(catalog: Catalog) -> set[int]:
    """Give the tables that columns refer to which policies compare with a function or claim named after a tenant."""
    held = columns_holding_tenant(catalog)
    return {
        key.target
        for keys in catalog.foreign_keys.values()
        for key in keys
        if len(key.columns) == 1 and key.columns[0] in held
    }


def _is_user_extension(catalog: Catalog, table: Relation, users: Relation, holding: frozenset[tuple[int, str]]) -> bool:
    key = _primary_key(catalog, table)
    if any(
        foreign.columns == key and foreign.target == users.oid for foreign in catalog.foreign_keys.get(table.oid, ())
    ):
        return True
    return (table.oid, *key) in holding and not _is_named_as_tenants(catalog, table, holding)


def _is_named_as_tenants(catalog: Catalog, table: Relation, holding: frozenset[tuple[int, str]]) -> bool:
    """Say whether columns that refer to the table are compared with a tenant more often than with who asks."""
    tenants = columns_compared_with_tenant(catalog)
    referring = {
        (oid, key.columns[0])
        for oid, keys in catalog.foreign_keys.items()
        for key in keys
        if key.target == table.oid and len(key.columns) == 1
    }
    return len(referring & tenants) > len(referring & holding)


def _has_membership(
    catalog: Catalog, table: Relation, users: Relation | None, asking: frozenset[int], *, is_named: bool
) -> bool:
    """Say whether some table ties users to this one; ``is_named`` asks that it is called a list of members."""
    if users is None:
        return False
    for other in catalog.tables:
        targets = {foreign.target for foreign in catalog.foreign_keys.get(other.oid, ())}
        named = bool(_MEMBERS.search(other.name))
        ties = (users.oid in targets and (named or not is_named)) or (other.oid in asking and named)
        if table.oid in targets and other.oid != table.oid and ties:
            return True
    return False


_MEMBERS = re.compile(r"member|user|staff|team|role|access|permission|collaborator|participant|usuario|membro")


def _target_counts(catalog: Catalog) -> Counter[int]:
    return Counter(
        target
        for table in catalog.tables
        for target in {foreign.target for foreign in catalog.foreign_keys.get(table.oid, ())} - {table.oid}
    )


def _tenant_columns(catalog: Catalog, tenants: Relation | None, key: str) -> set[str]:
    """Give the names under which other tables hold the tenants' key, by foreign keys and by the table's name."""
    if tenants is None:
        return set()
    found = {
        foreign.columns[0]
        for table in catalog.tables
        for foreign in catalog.foreign_keys.get(table.oid, ())
        if foreign.target == tenants.oid and len(foreign.columns) == 1 and table.oid != tenants.oid
    }
    words = words_of(tenants.name)
    noun = "_".join([*words[:-1], singular(words[-1])]) if words else ""
    short = singular(words[-1]) if words else ""
    usual = {f"{noun}_id", f"{noun}_uuid", f"{short}_id", "tenant_id"}
    if short in ("organization", "organisation"):
        usual |= {"org_id"}
    telling = {name for name in found if name == key and not _is_key_of_others(catalog, tenants, name)}
    return {name for name in found if name.endswith(("_id", "_uuid", "Id", "_key"))} | telling | usual


def _is_key_of_others(catalog: Catalog, tenants: Relation, name: str) -> bool:
    """Say whether tables that do not refer to the tenants by this column call their own key so, as with ``id``."""
    return any(
        _primary_key(catalog, table) == (name,)
        and table.oid != tenants.oid
        and not any(
            key.columns == (name,) and key.target == tenants.oid for key in catalog.foreign_keys.get(table.oid, ())
        )
        for table in catalog.tables
    )


def _virtual_column(catalog: Catalog) -> str:
    names = Counter(
        column.name
        for table in catalog.tables
        if table.schema not in PLATFORM_SCHEMAS
        for column in table.columns
        if _names_tenant(column.name)
    )
    return max(names, key=lambda name: (names[name], name), default="")


_COMPARED = re.compile(r"\"?(\w+)\"?\)?(?:::[\w ]+)? = \(*(?:SELECT )?(?:NULLIF\()?\(*current_setting\(")


def _column_compared_with_a_setting(catalog: Catalog) -> str:
    """Give the column that policies most often compare with a setting: its values are the tenants."""
    names = Counter(name for policy in catalog.policies for name in _COMPARED.findall(policy.using + policy.check))
    return max(names, key=lambda name: (names[name], name), default="")


def _column_of_a_claim(catalog: Catalog, blueprint: Blueprint) -> str:
    """Give the column by which most policies compare with a claim or a setting, where no table lists its values."""
    if blueprint.tenant.table or blueprint.tenant.columns:
        return ""
    referring = {(oid, name) for oid, keys in catalog.foreign_keys.items() for key in keys for name in key.columns}
    nouns = {singular((words_of(table.name) or [""])[-1]) for table in catalog.tables}
    for name, count in columns_bound_to_context(catalog).most_common(1):
        words = set(words_of(name))
        is_listed = any((table.oid, name) in referring for table in catalog.tables) or bool(words & nouns)
        if count > 2 and 2 * count >= len(catalog.policies_of) and not is_listed and words & _CLAIMED:
            return name
    return ""


_CLAIMED = frozenset(word for word, weight in TENANT_WORDS.items() if weight >= _TENANT_COLUMN)


def _names_tenant(name: str) -> bool:
    words = words_of(name)
    return len(words) == 2 and words[1] in ("id", "uuid", "key") and TENANT_WORDS.get(words[0], 0) >= _TENANT_COLUMN


def _key(catalog: Catalog, table: Relation | None, declared: str) -> str:
    if table is None:
        return ""
    if declared:
        if declared not in table.by_column:
            raise BlueprintInvalid(f"The blueprint names the key {declared}, which {table.title} does not have.")
        return declared
    key = _primary_key(catalog, table)
    return key[0] if key and key[0] else (table.columns[0].name if table.columns else "")


def _primary_key(catalog: Catalog, table: Relation) -> tuple[str, ...]:
    return catalog.primary_key_of.get(table.oid, ())
