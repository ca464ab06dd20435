"""Everything a blueprint wants of a database: the ground, the context, and what each feature adds."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from tenantry.blueprint.membership import listed_members
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.words import singular, words_of
from tenantry.catalog.read import read
from tenantry.context.membership import Member, Membership
from tenantry.context.model import Context, Profile, Source
from tenantry.context.objects import objects as context_objects
from tenantry.errors import RolesUnknown, TablesUnknown
from tenantry.features.isolation.columns import columns_added
from tenantry.features.isolation.crossing import crossing
from tenantry.features.isolation.objects import kept
from tenantry.features.isolation.objects import objects as isolation_objects
from tenantry.features.roles.objects import objects as role_objects
from tenantry.plan.difference import plan
from tenantry.plan.ground import ground
from tenantry.plan.journal import Journal, read_journal
from tenantry.plan.model import Plan
from tenantry.plan.object import Kind, Object, Phase
from tenantry.plan.scope import Scope, scope

__all__ = ["context_of", "planned", "wanted"]

_KEY_WORDS = ("id", "uid", "uuid", "key")


def planned(connection: psycopg.Connection, blueprint: Blueprint) -> Plan:
    """Plan from a database as it stands to what the blueprint wants; reads catalog, journal and rows."""
    catalog, journal = read(connection), read_journal(connection)
    found = scope(catalog, blueprint, journal.memory)
    found = replace(found, crossed=crossing(connection, found))
    asked = [one for one in wanted(found, context_of(found)) if not _is_ours(one, journal)]
    made = plan(asked, catalog, journal, notes=kept(found))
    return made.model_copy(update={"whose": found.memory})


def _is_ours(one: Object, journal: Journal) -> bool:
    """Say whether a role to be narrowed was made by tenantry: it is put back as it was made, which is narrower."""
    made = journal.entries.get(one.id)
    return one.kind is Kind.ROLE and not one.drop and made is not None and bool(made.removal)


def context_of(scope: Scope) -> Context:
    """Give the tenant context that the blueprint declares, or that the tenants' table suggests.

    Where no table lists tenants, the columns that name them tell, and where there are none, users are the tenants.
    """
    said = scope.blueprint.context
    return Context(
        noun=said.noun or _noun(scope),
        key_type=scope.tenant_type,
        profile=Profile(said.profile),
        app_roles=scope.roles,
        internal_roles=said.internal,
        background_roles=scope.crossing_roles,
        tenant=Source.said(said.tenant),
        actor=Source.said(said.actor),
        roles=Source.said(said.roles),
        membership=_membership(scope),
        looks_up=any(said.search for said in scope.ownership.declared.values()),
    )


def _membership(scope: Scope) -> Membership | None:
    said = scope.blueprint.membership
    listed = listed_members(scope.catalog, scope.blueprint, scope.ownership)
    if listed is None:
        return None
    columns = listed.table.by_column
    return Membership(
        schema=listed.table.schema,
        table=listed.table.name,
        title=listed.table.title,
        tenant=Member(listed.tenant, columns[listed.tenant].type_name),
        user=Member(listed.user, columns[listed.user].type_name),
        role=said.role,
        active=said.active,
        ended=said.ended,
        states=said.states,
        without_actor=said.without_actor,
    )


def _noun(scope: Scope) -> str:
    """Give the word for a tenant: of the table that lists them, of the columns that name them, else of the users."""
    anchors = scope.ownership.anchors
    table = scope.catalog.relations.get(anchors.tenants or anchors.users)
    words = words_of(table.name if table else scope.tenant_columns[0].name)
    if table is None and words[-1:] and words[-1] in _KEY_WORDS:
        words = words[:-1]
    *front, last = words or ["tenant"]
    return "_".join([*front, singular(last)])


def wanted(scope: Scope, context: Context) -> tuple[Object, ...]:
    """Give every wanted object once; what two features ask of one object is asked together.

    Raises ``RolesUnknown`` and ``TablesUnknown`` where the blueprint leaves open what a guess must not settle.
    """
    _demand_told(scope)
    asked = (
        *ground(),
        *context_objects(context),
        *isolation_objects(scope, context.noun),
        *role_objects(scope, columns_added(scope)),
    )
    joined: dict[str, Object] = {}
    for one in asked:
        joined[one.id] = _joined(joined[one.id], one) if one.id in joined else one
    return tuple(joined.values()) if scope.catalog.server.sees_all_rows else tuple(map(_keys_ahead, joined.values()))


def _keys_ahead(one: Object) -> Object:
    """Validate foreign keys while whoever applies still sees the rows; the fences hold owners too."""
    return replace(one, phase=Phase.KEYS_AHEAD) if one.phase is Phase.KEYS else one


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
        ahead=(*first.ahead, *second.ahead),
        drop=(*second.drop, *first.drop),
        hazards=(*first.hazards, *second.hazards),
        is_kept=first.is_kept and second.is_kept,
    )
