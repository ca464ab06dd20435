"""How one becomes somebody's actor where tenantry's own context is built in: by a token, minted here."""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.blueprint.context import custom_settings
from tenantry.blueprint.model import Blueprint, Subject
from tenantry.catalog.model import Catalog
from tenantry.catalog.privilege import can_execute
from tenantry.sql.name import literal

__all__ = ["own_subjects"]

_SCHEMA = "tenantry"
_OPENER, _MINT = "tenantry.open(text)", "tenantry.mint(text,text,text,text,integer)"
# why: on a ring without a valid key nothing could be opened; what is added here goes with the transaction
_KEY = (
    "select tenantry.add_key('tenantry_verify', pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()))) "
    "where not exists (select from tenantry.key_ring where not is_revoked "
    "and pg_catalog.clock_timestamp() between not_before and not_after)"
)
_OWNERS = frozenset({"tenantry_owner", "tenantry_context"})
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
    """Say whether everything in the schema belongs to tenantry's own roles, and nobody but a superuser acts as them.

    These functions run before the subject's role is taken; one that somebody else could replace would run with every
    right there is.
    """
    owners = [catalog.role_named[name] for name in _OWNERS if name in catalog.role_named]
    oids = {role.oid for role in owners}
    inside = {one.owner for one in catalog.routines.values() if one.schema == _SCHEMA}
    inside |= {one.owner for one in catalog.relations.values() if one.schema == _SCHEMA}
    inside |= {one.owner for one in catalog.schemas.values() if one.name == _SCHEMA}
    members = {one.member for one in catalog.memberships if one.role in oids}
    is_closed = all(_is_super(catalog, oid) for oid in members) and not any(role.can_login for role in owners)
    return inside <= oids and is_closed


def _is_super(catalog: Catalog, oid: int) -> bool:
    return catalog.roles[oid].is_superuser


def _of_role(role: str, opening: str) -> Iterator[Subject]:
    yield Subject(role=role, name="member", sql=(_KEY, opening))
    yield Subject(role=role, name="nobody")


def _are_outdated(catalog: Catalog, blueprint: Blueprint) -> bool:
    """Say whether the declared subjects only make settings that nothing in this database reads any more."""
    read = frozenset(custom_settings(catalog))
    return not any(subject.sql or read & subject.settings.keys() for subject in blueprint.subject)
