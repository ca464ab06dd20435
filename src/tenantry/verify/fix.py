"""Which SQL mends a leak: a restrictive floor for everyone, bound to the tenant the context names.

The text is for a person to review; names go through the server's own quoting rules by ``quoted``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tenantry.blueprint.context import custom_settings
from tenantry.blueprint.owner import Owner, OwnerKind
from tenantry.blueprint.ownership import Ownership
from tenantry.blueprint.reference import VIRTUAL
from tenantry.blueprint.subjects import setting_options
from tenantry.catalog.model import Catalog, Relation, Role
from tenantry.catalog.privilege import can_any_column
from tenantry.sql.name import literal, quoted
from tenantry.verify.model import Verb
from tenantry.verify.subject import Asker

__all__ = ["mending", "reading_revoked"]


def reading_revoked(relation: Relation, asker: Asker) -> str:
    """Give the statement that takes reading from the subject's role."""
    return f"revoke select on {relation.title} from {quoted(asker.role.name)};"


def mending(
    catalog: Catalog, ownership: Ownership, relation: Relation, verb: Verb, asker: Asker, roles: Sequence[Role]
) -> str:
    """Give statements that close the leak and leave the ``roles`` that serve tenants their own rows.

    Where no predicate can be told from the catalog, only what to revoke, and what to write instead.
    """
    role = quoted(asker.role.name)
    if verb is Verb.JOIN:
        return (
            "-- who may join is decided elsewhere: let a pinned definer function that checks an invitation add it\n"
            f"revoke insert on {relation.title} from {role};"
        )
    if verb is Verb.TRUNCATE:
        return f"revoke truncate on {relation.title} from {role};"
    if not ownership.is_owned(relation.oid):
        return f"revoke insert, update, delete on {relation.title} from {role};"
    predicate = _predicate(catalog, ownership, relation, asker)
    if not predicate:
        return (
            f"-- write policies for {relation.title} that name the tenant, USING and WITH CHECK; until then:\n"
            f"revoke {_PRIVILEGE.get(verb, 'all')} on {relation.title} from {role};"
        )
    return "\n".join(_floor(catalog, relation, predicate, roles))


_PRIVILEGE = {
    Verb.SELECT: "select",
    Verb.INSERT: "insert",
    Verb.UPDATE: "update",
    Verb.MOVE: "update",
    Verb.UPSERT: "insert, update",
    Verb.MERGE: "update",
    Verb.DELETE: "delete",
}


def _floor(catalog: Catalog, relation: Relation, predicate: str, roles: Sequence[Role]) -> Iterator[str]:
    """Give the statements of a floor for everyone; with no policy yet, one that lets the roles that serve in."""
    if not relation.rls:
        yield f"alter table {relation.title} enable row level security;"
    if not relation.forced:
        yield f"alter table {relation.title} force row level security;"
    floor = quoted(f"{relation.name}_tenant_floor"[:63])
    yield f"drop policy if exists {floor} on {relation.title};"
    yield (
        f"create policy {floor} on {relation.title} as restrictive for all to public\n"
        f"    using ({predicate})\n    with check ({predicate});"
    )
    serving = [role for role in roles if can_any_column(catalog, role, relation, "SELECT")]
    if not catalog.policies_of.get(relation.oid) and serving:
        use = quoted(f"{relation.name}_use"[:63])
        names = ", ".join(sorted(quoted(role.name) for role in serving))
        yield f"drop policy if exists {use} on {relation.title};"
        yield f"create policy {use} on {relation.title} for all to {names} using (true) with check (true);"


def _predicate(catalog: Catalog, ownership: Ownership, relation: Relation, asker: Asker) -> str:
    owner = ownership.owner_of(relation.oid)
    membership = _membership(catalog, ownership)
    if _comes_by_token(asker) and membership is not None and membership[0] == relation.oid:
        # why: a policy that looks its own table up recurses without end (42P17), and one that shows each
        # member only itself takes the list of colleagues away
        return ""
    wanted = _context(catalog, ownership, owner, asker)
    if not wanted:
        return ""
    if not owner.path:
        key = catalog.primary_key_of.get(relation.oid, ())
        return f"{quoted(key[0])} = {wanted}" if len(key) == 1 and key[0] and not owner.members else ""
    return _along(catalog, owner, relation.title, wanted)


def _along(catalog: Catalog, owner: Owner, title: str, wanted: str) -> str:
    """Walk the path of references: the last hop compares with the context, the others are looked up."""
    first, *rest = owner.path
    if not rest:
        return " and ".join(f"{title}.{quoted(name)} = {wanted}" for name in first.columns[:1])
    target = catalog.relations[first.target]
    pairs = zip(first.target_columns, first.columns, strict=True)
    matches = " and ".join(f"{target.title}.{quoted(theirs)} = {title}.{quoted(ours)}" for theirs, ours in pairs)
    inner = _along(catalog, Owner(owner.kind, tuple(rest)), target.title, wanted)
    return f"exists (select 1 from {target.title} where {matches} and {inner})"


def _context(catalog: Catalog, ownership: Ownership, owner: Owner, asker: Asker) -> str:
    """Give the SQL that says who asks, by the means this database has; empty where it has none."""
    hole = "{tenant}" if owner.kind is OwnerKind.TENANT else "{user}"
    kind = _key_type(catalog, ownership, owner)
    if hole == "{user}" and _comes_by_token(asker):
        return f"(select auth.uid()){'' if kind == 'uuid' else '::' + kind}"
    name = _setting_holding(asker, hole)
    if not name and _comes_by_token(asker):
        return _by_membership(catalog, ownership)
    name = name or _setting_policies_read(catalog, ownership, hole) or "app.tenant_id"
    return f"(select nullif(current_setting({literal(name)}, true), '')::{kind})"


def _comes_by_token(asker: Asker) -> bool:
    """Say whether PostgREST opens the subject, so that auth.uid() tells its user."""
    return asker.channel == "api" and any(name.startswith("request.jwt.") for name, _ in asker.settings)


def _setting_holding(asker: Asker, hole: str) -> str:
    found = re.search(rf"([\w.$]+) = {re.escape(hole)}(?:;|$)", asker.opened_by)
    return found.group(1) if found else ""


def _setting_policies_read(catalog: Catalog, ownership: Ownership, hole: str) -> str:
    """Give the setting that names the owner in policies, for a subject that sets none itself."""
    known = custom_settings(catalog)
    return next((name for name in known if setting_options(catalog, ownership, name)[0] == hole), "")


def _key_type(catalog: Catalog, ownership: Ownership, owner: Owner) -> str:
    last = owner.path[-1] if owner.path else None
    if last is not None and last.target == VIRTUAL:
        return catalog.relations[last.relation].by_column[last.columns[0]].type_name
    anchors = ownership.anchors
    oid, key = (
        (anchors.tenants, anchors.tenant_key) if owner.kind is OwnerKind.TENANT else (anchors.users, anchors.user_key)
    )
    table = catalog.relations.get(oid)
    return table.by_column[key].type_name if table else "uuid"


def _by_membership(catalog: Catalog, ownership: Ownership) -> str:
    """Give the tenants of the signed-in user, by the table that ties users to tenants."""
    membership = _membership(catalog, ownership)
    if membership is None:
        return ""
    oid, tenant, user = membership
    title = catalog.relations[oid].title
    return f"any (array(select {quoted(tenant)} from {title} where {quoted(user)} = (select auth.uid())))"


def _membership(catalog: Catalog, ownership: Ownership) -> tuple[int, str, str] | None:
    """Give the table that ties users to tenants, with its columns for both: together they are a key there."""
    anchors = ownership.anchors
    for oid, references in ownership.references.items():
        if oid not in catalog.relations:
            continue
        keys = [set(index.columns) for index in catalog.indexes_of.get(oid, ()) if index.is_unique]
        for tenant in (ref for ref in references if ref.target == anchors.tenants and len(ref.columns) == 1):
            for user in (ref for ref in references if ref.target == anchors.users):
                if any({tenant.columns[0], user.columns[0]} == key for key in keys):
                    return oid, tenant.columns[0], user.columns[0]
    return None
