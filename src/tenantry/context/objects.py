"""Which objects make up the tenant context of a database, in the order they are made.

The statements are to be run with the search path pinned to ``pg_catalog`` (``tenantry.session.connect.pin``), so that
the operators in bodies that are stored parsed are the server's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

from psycopg import sql

from tenantry.context.lookup import LOOKUP
from tenantry.context.membership import membership_objects
from tenantry.context.model import Context, Profile, Source
from tenantry.plan.object import Lock, Object, Phase
from tenantry.sql import library
from tenantry.sql.name import quoted
from tenantry.sql.template import Binding, fill, render, statements

__all__ = ["objects"]

_FOLDER = files("tenantry.context") / "sql"
_COMMON = (
    "tenantry_context.role",
    "tenantry_owner.role",
    "tenantry.schema",
    "assert_context.function",
    "carried.function",
    "current_actor.function",
    "current_roles.function",
    "current_scope.function",
    "current_tenant.function",
    "has_any_role.function",
    "has_role.function",
    "tenant_of.function",
)
_PROVED = (
    "key_ring.table",
    "add_key.function",
    "keys.function",
    "mint.function",
    "proved.function",
    "refuse.function",
    "retire_key.function",
    "revoke_key.function",
    "sign.function",
)
_OF_PROFILE = {
    Profile.SEALED: (*_PROVED, "open.sealed.function", "carrier.parameter"),
    Profile.SIGNED: (*_PROVED, "open.signed.function", "accept.function", "accept.grants"),
    Profile.PLAIN: ("asked.function",),
}
_OF_APP_ROLE = {
    Profile.SEALED: ("app_role.grants", "check_seal.grants", "opener.grants"),
    Profile.SIGNED: ("app_role.grants", "check_seal.grants", "opener.grants"),
    Profile.PLAIN: ("app_role.grants", "check_seal.grants"),
}
_PHASES = {
    "role": Phase.ROLES,
    "schema": Phase.SCHEMAS,
    "table": Phase.TABLES,
    "function": Phase.FUNCTIONS,
    "grants": Phase.GRANTS,
    # why: until the grant the opener is refused, and what it is granted to must be there
    "parameter": Phase.GRANTS,
}
# why: bodies that are stored parsed name these, and the order of ids within a phase knows of no dependency
_STOOD_ON = ("accept.", "asked.", "assert_context.", "assert_member.", "carried.", "carrier.", "sign.", "tenant_of.")
# why: asked by every statement, and these two need no decoding
_READER_OF_TYPE = {
    ("pg_catalog", "uuid"): "uuid",
    **{("pg_catalog", name): "number" for name in ("int2", "int4", "int8")},
}
_LOOKUP_GRANTS = f"{LOOKUP}.grants"


def objects(context: Context) -> tuple[Object, ...]:
    """Give the objects of a context, in the order of phase and id in which they are made."""
    return tuple(sorted(_objects(context), key=lambda made: (made.phase, made.id)))


def _objects(context: Context) -> Iterator[Object]:
    for name in (*_COMMON, *_OF_PROFILE[context.profile], f"check_seal.{context.profile}.function"):
        yield _object(name, {})
    yield _object(f"carrier.{context.profile}.function", _sources(context))
    if context.membership or context.looks_up:
        yield from (_object(f"{LOOKUP}.{kind}", {}) for kind in ("role", "grants"))
    if context.membership:
        yield _object("assert_member.function", {})
        yield from membership_objects(context.membership, context.type_name)
    yield from _readers(context)
    if context.background_roles and context.profile is not Profile.PLAIN:
        yield _object("crosses.function", {"background_roles": _text_array(context.background_roles)})
        yield _object("refuse_move.function", {})
    for role in context.app_roles:
        for name in _OF_APP_ROLE[context.profile]:
            yield _object(name, {"app_role": role})


def _readers(context: Context) -> Iterator[Object]:
    reader, guard = f"current_{context.noun}_id", f"require_{context.noun}_context"
    bindings: dict[str, Binding] = {"current_noun_id": reader, "key_type": context.type_name}
    named: dict[str, Binding] = {
        "require_noun_context": guard,
        "noun": sql.Literal(context.noun),
        "internal_roles": _text_array(context.internal_roles),
    }
    if context.membership is None:
        # why: settings of an application hold a key in any form that its type can be written in
        form = "text" if context.profile is Profile.PLAIN else _READER_OF_TYPE.get(context.type_name, "text")
        yield _object(f"current_noun_id.{form}.function", bindings)
        yield _object("require_noun_context.function", named)
        return
    without_actor = _text_array(context.membership.without_actor)
    yield _object("current_noun_id.member.function", {**bindings, "without_actor": without_actor})
    yield _object("require_noun_context.member.function", {**named, "current_noun_id": reader})


def _sources(context: Context) -> dict[str, Binding]:
    if context.profile is not Profile.PLAIN:
        return {}
    sources = {name: getattr(context, name) for name in ("tenant", "actor", "roles", "scope")}
    return {hole: value for name, source in sources.items() for hole, value in _source(name, source)}


def _source(name: str, source: Source | None) -> Iterator[tuple[str, Binding]]:
    yield f"{name}_setting", sql.Literal(source.setting if source else None)
    yield f"{name}_claim", _text_array(source.claim) if source and source.claim else sql.Literal(None)


def _text_array(values: tuple[str, ...]) -> sql.Literal:
    return sql.Literal(list(values)) if values else sql.Literal("{}")


def _object(name: str, bindings: Mapping[str, Binding]) -> Object:
    file = library.read(_FOLDER / f"{name}.sql")
    body, undo = render((file.body, file.header["undo"]), bindings)
    kind = name.rpartition(".")[2]
    return Object(
        id=fill(file.header["object"], lambda hole: _shown(bindings[hole])),
        phase=_phase(name, kind),
        why=file.header["about"],
        create=statements(body),
        drop=(undo,),
        lock=Lock(file.header["lock"]),
        # why: tables still grant it something after what called for it is gone
        is_kept=name.startswith(LOOKUP),
    )


def _phase(name: str, kind: str) -> Phase:
    # why: what policies ask may be called before the phase of grants comes
    is_early = name == _LOOKUP_GRANTS or (kind == "function" and name.startswith(_STOOD_ON))
    return Phase.TABLES if is_early else _PHASES[kind]


def _shown(binding: Binding) -> str:
    """Write a name as the server does in its own listings: within quotes only where it must be."""
    return binding if isinstance(binding, str) and re.fullmatch(r"[a-z_][a-z0-9_]*", binding) else quoted(str(binding))
