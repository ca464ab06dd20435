"""Everything a blueprint wants of a database: the ground, the context, and what each feature adds."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.words import singular, words_of
from tenantry.catalog.read import read
from tenantry.context.model import Context, Profile, Source
from tenantry.context.objects import objects as context_objects
from tenantry.errors import RolesUnknown, TablesUnknown, TenantsUnknown
from tenantry.features.isolation.crossing import crossing
from tenantry.features.isolation.objects import kept
from tenantry.features.isolation.objects import objects as isolation_objects
from tenantry.features.roles.objects import objects as role_objects
from tenantry.plan.difference import plan
from tenantry.plan.ground import ground
from tenantry.plan.journal import read_journal
from tenantry.plan.model import Plan
from tenantry.plan.object import Object
from tenantry.plan.scope import Scope, scope

__all__ = ["context_of", "planned", "wanted"]


def planned(connection: psycopg.Connection, blueprint: Blueprint) -> Plan:
    """Plan from a database as it stands to what the blueprint wants; reads catalog, journal and rows."""
    catalog = read(connection)
    found = scope(catalog, blueprint)
    found = replace(found, crossed=crossing(connection, found))
    return plan(wanted(found, context_of(found)), catalog, read_journal(connection), notes=kept(found))


def context_of(scope: Scope) -> Context:
    """Give the tenant context that the blueprint declares, or that the tenants' table suggests."""
    anchors, said = scope.ownership.anchors, scope.blueprint.context
    tenants = scope.catalog.relations.get(anchors.tenants)
    if tenants is None:
        raise TenantsUnknown
    return Context(
        noun=said.noun or "_".join([*words_of(tenants.name)[:-1], singular(words_of(tenants.name)[-1])]),
        key_type=tenants.by_column[anchors.tenant_key].type_name,
        profile=Profile(said.profile),
        app_roles=scope.roles,
        internal_roles=said.internal,
        background_roles=scope.crossing_roles,
        tenant=_source(said.tenant),
        actor=_source(said.actor),
        roles=_source(said.roles),
    )


def _source(said: str) -> Source | None:
    setting, _, claim = said.partition("#")
    return Source(setting, tuple(claim.split(".")) if claim else ()) if setting else None


def wanted(scope: Scope, context: Context) -> tuple[Object, ...]:
    """Give every wanted object once; what two features ask of one object is asked together.

    Raises ``RolesUnknown`` and ``TablesUnknown`` where the blueprint leaves open what a guess must not settle.
    """
    _demand_told(scope)
    asked = (
        *ground(),
        *context_objects(context),
        *isolation_objects(scope, context.noun),
        *role_objects(scope),
    )
    joined: dict[str, Object] = {}
    for one in asked:
        joined[one.id] = _joined(joined[one.id], one) if one.id in joined else one
    return tuple(joined.values())


def _demand_told(scope: Scope) -> None:
    """Refuse to plan around what nobody said: a table taken for shared by mistake is open to every tenant."""
    if not scope.roles:
        raise RolesUnknown
    told = {oid for oid, said in scope.ownership.declared.items() if said.shared}
    unknown = [one.title for one in scope.tables if not scope.ownership.is_owned(one.oid) and one.oid not in told]
    if unknown and scope.blueprint.isolation.unknown == "refuse":
        raise TablesUnknown(f"Nothing says whose rows these tables hold: {', '.join(unknown)}.")


def _joined(first: Object, second: Object) -> Object:
    """Ask one object for both ends; the way back takes the second away first."""
    return replace(
        first,
        phase=min(first.phase, second.phase),
        why=f"{first.why} {second.why}",
        create=(*first.create, *second.create),
        drop=(*second.drop, *first.drop),
        hazards=(*first.hazards, *second.hazards),
        is_kept=first.is_kept and second.is_kept,
    )
