"""What an object is in a snapshot: the statements that would make it as it stands, or none where it is absent.

They serve three ends: two equal texts are an equal object, a changed one is drift, and before a step changes an
object they are its way back. Everything comes from the server's own deparsed forms (PostgreSQL, System Information
Functions), read with an empty search path.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from psycopg import sql

from tenantry.catalog.model import PUBLIC, Catalog, Policy, Relation, Routine
from tenantry.plan.access import accesses, grantee
from tenantry.plan.object import Kind, parted
from tenantry.sql.name import identifier, literal, qualified, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["digest", "live", "policy_text"]

_COMMANDS = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_ENABLING = {"D": "disable", "A": "enable always", "R": "enable replica"}
_BOOTSTRAP = 10


def live(catalog: Catalog, object_id: str) -> tuple[str, ...]:
    """Give the statements that make the object as the snapshot holds it; none where it is not there."""
    kind, _, name = object_id.partition(" ")
    return tuple(_READERS[Kind(kind)](catalog, name))


def digest(statements: Iterable[str]) -> str:
    """Give the SHA-256 of statements as hex; of none, the empty text."""
    text = "\n".join(statements)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


# -- tables and what stands on them ---------------------------------------------------------------------


def _table_name(relation: Relation) -> sql.Composable:
    return qualified(relation.schema, relation.name)


def _on(catalog: Catalog, name: str) -> tuple[str, Relation | None]:
    title, relation = parted(name)
    if not title:
        raise ValueError(f"{name!r} names nothing on a relation")
    return title, catalog.relation_titled.get(relation)


def _fence(catalog: Catalog, name: str) -> Iterator[str]:
    relation = catalog.relation_titled.get(name.removeprefix("on "))
    if relation is not None:
        enabling = spelled("enable" if relation.rls else "disable")
        forcing = spelled("force" if relation.forced else "no force")
        yield statement("alter table {} {} row level security", _table_name(relation), enabling)
        yield statement("alter table {} {} row level security", _table_name(relation), forcing)


def _policy(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name)
    for policy in catalog.policies_of.get(relation.oid, ()) if relation else ():
        if relation and spoken(policy.name) == title:
            yield policy_text(catalog, relation, policy)
            if words := catalog.comments.get(("pg_policy", policy.oid)):
                place = (identifier(policy.name), _table_name(relation), spelled(literal(words)))
                yield statement("comment on policy {} on {} is {}", *place)


_LIST_CAST = re.compile(
    r"\((?P<list>ARRAY\[(?:'(?:[^']|'')*'::character varying(?:, )?)+\])\)::text\[\]",
)


def policy_text(catalog: Catalog, relation: Relation, policy: Policy) -> str:
    """Give the statement that makes a policy as it stands."""
    text = statement(
        "create policy {name} on {table} as {kind} for {command} to {roles}",
        name=identifier(policy.name),
        table=_table_name(relation),
        kind=spelled("permissive" if policy.is_permissive else "restrictive"),
        command=spelled(_COMMANDS[policy.command]),
        roles=listed(grantee(catalog, oid) for oid in policy.roles),
    )
    using = statement(" using ({})", spelled(_reread(policy.using))) if policy.using else ""
    check = statement(" with check ({})", spelled(_reread(policy.check))) if policy.check else ""
    return text + using + check


def _reread(expression: str) -> str:
    """Write an expression so that the server, which wrote it, reads what it wrote.

    Of a list that is cast as a whole it casts each element when it reads the cast anew (``status in ('a', 'b')`` of a
    varchar); a first cast to what the elements are keeps the list together.
    """
    return _LIST_CAST.sub(r"(\g<list>::character varying[])::text[]", expression)


def _column(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name)
    for column in relation.columns if relation else ():
        if relation and spoken(column.name) == title:
            place = {"table": _table_name(relation), "column": identifier(column.name)}
            yield statement("alter table {table} add column {column} {type}", **place, type=spelled(column.type_name))
            if column.default:
                fallback = spelled(column.default)
                yield statement(
                    "alter table {table} alter column {column} set default {value}", **place, value=fallback
                )
            if column.not_null:
                yield statement("alter table {table} alter column {column} set not null", **place)


def _constraint(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name)
    for rule in catalog.constraints:
        if relation and rule.relation == relation.oid and spoken(rule.name) == title:
            yield statement(
                "alter table {} add constraint {} {}",
                _table_name(relation),
                identifier(rule.name),
                spelled(rule.definition),
            )


def _validity(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name.removeprefix("of "))
    for rule in catalog.constraints:
        is_it = relation and rule.relation == relation.oid and spoken(rule.name) == title
        if relation and is_it and not rule.definition.endswith(" NOT VALID"):
            yield statement("alter table {} validate constraint {}", _table_name(relation), identifier(rule.name))


def _requirement(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name.removeprefix("of "))
    for column in relation.columns if relation else ():
        if relation and spoken(column.name) == title and column.not_null:
            place = (_table_name(relation), identifier(column.name))
            yield statement("alter table {} alter column {} set not null", *place)


def _index(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name)
    for index in catalog.indexes:
        if relation and index.relation == relation.oid and spoken(index.name) == title and index.is_valid:
            yield index.definition


def _trigger(catalog: Catalog, name: str) -> Iterator[str]:
    title, relation = _on(catalog, name)
    for trigger in catalog.triggers:
        if relation and trigger.relation == relation.oid and spoken(trigger.name) == title:
            yield trigger.definition
            if trigger.enabled in _ENABLING:
                yield statement(
                    "alter table {} {} trigger {}",
                    _table_name(relation),
                    spelled(_ENABLING[trigger.enabled]),
                    identifier(trigger.name),
                )


def _table(catalog: Catalog, title: str) -> Iterator[str]:
    relation = catalog.relation_titled.get(title)
    if relation is None:
        return
    columns = listed(
        sql.SQL("{} {}{}{}").format(
            identifier(column.name),
            spelled(column.type_name),
            sql.SQL(" default {}").format(spelled(column.default)) if column.default else sql.SQL(""),
            sql.SQL(" not null" if column.not_null else ""),
        )
        for column in relation.columns
    )
    yield statement("create table {} ({})", _table_name(relation), columns)
    yield statement("alter table {} owner to {}", _table_name(relation), grantee(catalog, relation.owner))


def _view(catalog: Catalog, title: str) -> Iterator[str]:
    relation = catalog.relation_titled.get(title)
    if relation is None:
        return
    yield statement("alter view {} reset (security_invoker, security_barrier)", _table_name(relation))
    for option in relation.options:
        yield statement("alter view {} set ({})", _table_name(relation), spelled(option))


# -- functions, schemas, roles --------------------------------------------------------------------------


def _name_of(routine: Routine) -> sql.Composable:
    # why: the server quoted it, and its arguments' types, itself
    return spelled(routine.title)


def _function(catalog: Catalog, title: str) -> Iterator[str]:
    routine = catalog.routine_titled.get(title)
    if routine is not None:
        yield routine.definition.strip()
        yield statement("alter routine {} owner to {}", _name_of(routine), grantee(catalog, routine.owner))
        if not any(grant.grantee == PUBLIC for grant in routine.grants):
            # why: made anew, everyone could call it
            yield statement("revoke all on routine {} from public", _name_of(routine))
        yield from _routine_access(catalog, routine)
        if words := catalog.comments.get(("pg_proc", routine.oid)):
            yield statement("comment on routine {} is {}", _name_of(routine), spelled(literal(words)))


def _routine_access(catalog: Catalog, routine: Routine) -> Iterator[str]:
    target = sql.SQL("routine {}").format(_name_of(routine))
    if not any(grant.grantee == PUBLIC for grant in routine.grants):
        # why: what is made anew may be called by everyone
        yield statement("revoke all on {} from public", target)
    yield from accesses(catalog, target, routine.owner, routine.grants)


def _owner(catalog: Catalog, name: str) -> Iterator[str]:
    kind, _, title = name.removeprefix("of ").partition(" ")
    found = (catalog.routine_titled if kind == "routine" else catalog.relation_titled).get(title)
    if found is not None:
        target = _name_of(found) if isinstance(found, Routine) else _table_name(found)
        yield statement("alter {} {} owner to {}", spelled(kind), target, grantee(catalog, found.owner))


def _schema(catalog: Catalog, title: str) -> Iterator[str]:
    for schema in catalog.schemas.values():
        if spoken(schema.name) == title:
            name = identifier(schema.name)
            yield statement("create schema {} authorization {}", name, grantee(catalog, schema.owner))
            yield from accesses(catalog, sql.SQL("schema {}").format(name), schema.owner, schema.grants)


def _role(catalog: Catalog, title: str) -> Iterator[str]:
    for role in catalog.roles.values():
        if spoken(role.name) != title:
            continue
        words = {
            "superuser": role.is_superuser,
            "login": role.can_login,
            "bypassrls": role.can_bypass_rls,
            "inherit": role.inherits,
            "replication": role.can_replicate,
            "createrole": role.can_create_role,
            "createdb": role.can_create_database,
        }
        options = " ".join(word if has else f"no{word}" for word, has in words.items())
        yield statement("create role {} {}", identifier(role.name), spelled(options))
        for setting in catalog.settings:
            if setting.role == role.oid:
                parts = (identifier(role.name), identifier(*setting.name.split(".")), spelled(literal(setting.value)))
                yield statement("alter role {} set {} = {}", *parts)


def _membership(catalog: Catalog, name: str) -> Iterator[str]:
    for one in catalog.memberships:
        role, member = catalog.roles[one.role].name, catalog.roles[one.member].name
        if f"{spoken(role)} to {spoken(member)}" == name:
            option = spelled(" with admin option" if one.with_admin else "")
            yield statement("grant {} to {}{}", identifier(role), identifier(member), option)


# -- access lists ---------------------------------------------------------------------------------------


def _grants(catalog: Catalog, name: str) -> Iterator[str]:
    """Read a whole access list (``on table public.booking``) or one role's part of it (``tenantry to app``)."""
    if not name.startswith("on "):
        target, _, role = name.partition(" to ")
        yield from _part(catalog, target, role)
        return
    kind, _, title = name.removeprefix("on ").partition(" ")
    if kind == "table" and (relation := catalog.relation_titled.get(title)):
        yield from accesses(catalog, _table_name(relation), relation.owner, relation.grants)
    elif kind == "routine" and (routine := catalog.routine_titled.get(title)):
        yield from _routine_access(catalog, routine)
    elif kind == "schema":
        yield from (text for text in _schema(catalog, title) if not text.startswith("create schema"))
    elif kind == "database":
        target_name = sql.SQL("database {}").format(identifier(catalog.server.database))
        yield from accesses(catalog, target_name, catalog.server.owner, catalog.database_grants)


def _part(catalog: Catalog, target: str, role: str) -> Iterator[str]:
    routine = catalog.routine_titled.get(target)
    schema = next((one for one in catalog.schemas.values() if spoken(one.name) == target), None)
    for grant in routine.grants if routine else schema.grants if schema else ():
        if grant.grantee and spoken(catalog.roles[grant.grantee].name) == role:
            place = (
                sql.SQL("routine {}").format(_name_of(routine))
                if routine
                else sql.SQL("schema {}").format(spelled(target))
            )
            yield statement("grant {} on {} to {}", spelled(grant.privilege.lower()), place, spelled(role))


def _parameter(catalog: Catalog, name: str) -> Iterator[str]:
    # why: the owner of every setting is the bootstrap superuser, oid 10, and its own entry says nothing
    target = sql.SQL("parameter {}").format(identifier(name))
    yield from accesses(catalog, target, _BOOTSTRAP, catalog.parameter_grants.get(name, ()))


_READERS: Mapping[Kind, Callable[[Catalog, str], Iterator[str]]] = {
    Kind.ROLE: _role,
    Kind.MEMBERSHIP: _membership,
    Kind.PARAMETER: _parameter,
    Kind.SCHEMA: _schema,
    Kind.TABLE: _table,
    Kind.COLUMN: _column,
    Kind.FUNCTION: _function,
    Kind.TRIGGER: _trigger,
    Kind.INDEX: _index,
    Kind.CONSTRAINT: _constraint,
    Kind.VALIDITY: _validity,
    Kind.CONTENT: lambda _catalog, _name: iter(()),
    Kind.REQUIREMENT: _requirement,
    Kind.FENCE: _fence,
    Kind.POLICY: _policy,
    Kind.VIEW: _view,
    Kind.OWNER: _owner,
    Kind.GRANTS: _grants,
}
