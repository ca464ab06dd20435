"""How one becomes somebody's actor where tenantry's own context is built in: by a token, minted here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from tenantry.blueprint.context import custom_settings
from tenantry.blueprint.model import Blueprint, Subject
from tenantry.catalog.model import Catalog, Routine
from tenantry.catalog.privilege import can_execute
from tenantry.sql import library
from tenantry.sql.name import literal

__all__ = ["own_subjects"]

_SCHEMA = "tenantry"
_OPENER, _MINT = "tenantry.open(text)", "tenantry.mint(text,text,text,text,integer)"
_ADD_KEY = "tenantry.add_key(text,bytea,timestamp with time zone,timestamp with time zone,integer)"
# why: on a ring without a valid key nothing could be opened; what is added here goes with the transaction
_KEY = (
    "select tenantry.add_key('tenantry_verify', pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()))) "
    "where not exists (select from tenantry.key_ring where not is_revoked "
    "and pg_catalog.clock_timestamp() between not_before and not_after)"
)
_OWNERS = frozenset({"tenantry_owner", "tenantry_context", "tenantry_lookup"})
_CALLED = (_OPENER, _MINT, "tenantry.accept(text)", _ADD_KEY)
_RING = "tenantry.key_ring"
_PINNED = ("search_path=pg_catalog, pg_temp",)
_OPEN = "select tenantry.open(tenantry.mint({{tenant}}, {user}{roles}))"
# why: where tables let background work cross tenants, nobody else gets anything by a token that says so
_STOLEN = "select tenantry.open(tenantry.mint({{tenant}}, {user}, {roles}, 'crossing'))"


def own_subjects(
    catalog: Catalog, blueprint: Blueprint, roles: tuple[str, ...], *, has_users: bool
) -> tuple[Subject, ...]:
    """Give the subjects that open tenantry's context; none where it is not built in, or the blueprint knows better."""
    opener = catalog.routine_titled.get(_OPENER)
    if opener is None or _MINT not in catalog.routine_titled or not _are_outdated(catalog, blueprint):
        return ()
    if not _is_ours(catalog):
        return ()
    may_open = [name for name in roles if can_execute(catalog, catalog.role_named[name], opener)]
    return tuple(
        subject for role in may_open for subject in _of_role(role, _opening(blueprint, role, has_users=has_users))
    )


def _opening(blueprint: Blueprint, role: str, *, has_users: bool) -> str:
    """Give the statement that opens a context: as all personas at once, so that an attack has the most rights."""
    roles = literal(",".join(blueprint.personas))
    crosses = any(table.crossing for table in blueprint.tables.values()) and blueprint.context.profile != "plain"
    if crosses and role not in blueprint.roles.background:
        return _STOLEN.format(user="{user}" if has_users else "'tenantry_verify'", roles=roles)
    return _OPEN.format(user="{user}" if has_users else "''", roles=f", {roles}" if blueprint.personas else "")


def _is_ours(catalog: Catalog) -> bool:
    """Say whether what runs here before the subject's role is taken can do no more than tenantry's own roles may.

    Everything in the schema belongs to those roles, and nobody but a superuser or the database's owner acts as them.
    Names prove nothing, so a function either runs with its owner's rights or is the one that is shipped: any other
    would run with every right there is. What it does with its owner's rights is for attack B29 to judge.
    """
    owners = [catalog.role_named[name] for name in _OWNERS if name in catalog.role_named]
    oids = {role.oid for role in owners}
    inside = {one.owner for one in catalog.routines.values() if one.schema == _SCHEMA}
    inside |= {one.owner for one in catalog.relations.values() if one.schema == _SCHEMA}
    inside |= {one.owner for one in catalog.schemas.values() if one.name == _SCHEMA}
    members = {one.member for one in catalog.memberships if one.role in oids}
    is_closed = all(_may_be_member(catalog, oid) for oid in members) and not any(role.can_login for role in owners)
    return inside <= oids and is_closed and not any(role.is_superuser for role in owners) and _is_harmless(catalog)


def _is_harmless(catalog: Catalog) -> bool:
    called = [catalog.routine_titled[title] for title in _CALLED if title in catalog.routine_titled]
    ring = catalog.relation_titled.get(_RING)
    return (
        ring is not None
        and ring.kind == "r"
        and not any(rule.relation == ring.oid for rule in catalog.rules)
        and all(_is_held(catalog, one) if one.is_definer else _is_shipped_opener(one) for one in called)
    )


def _is_held(catalog: Catalog, routine: Routine) -> bool:
    """Say whether row security holds the owner with whose rights it runs."""
    return not catalog.roles[routine.owner].is_exempt


def _is_shipped_opener(routine: Routine) -> bool:
    file = files("tenantry.context") / "sql" / "open.signed.function.sql"
    body = library.read(file).body.split("$$")[1]
    return routine.signature == _OPENER and routine.source == body and routine.settings == _PINNED


def _may_be_member(catalog: Catalog, oid: int) -> bool:
    return catalog.roles[oid].is_superuser or oid == catalog.server.owner


def _of_role(role: str, opening: str) -> Iterator[Subject]:
    yield Subject(role=role, name="member", sql=(_KEY, opening))
    yield Subject(role=role, name="nobody")


def _are_outdated(catalog: Catalog, blueprint: Blueprint) -> bool:
    """Say whether the declared subjects only make settings that nothing in this database reads any more."""
    read = frozenset(custom_settings(catalog))
    return not any(subject.sql or read & subject.settings.keys() for subject in blueprint.subject)
