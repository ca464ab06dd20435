"""How the stage is set: roles, rows and subjects, inside the transaction that will be rolled back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from tenantry.blueprint import model
from tenantry.blueprint.reference import VIRTUAL
from tenantry.blueprint.roles import PROBE, RoleChoice, choose_roles
from tenantry.blueprint.subjects import guess_subjects
from tenantry.catalog.model import Catalog, Membership, Relation, Role
from tenantry.catalog.privilege import can_any_column
from tenantry.sql.name import identifier
from tenantry.verify.attack import Target
from tenantry.verify.model import Skipped
from tenantry.verify.outside import opens_outside
from tenantry.verify.reach import at_row, relation_name
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker, resolve, sides_of
from tenantry.verify.synthesis.build import Builder
from tenantry.verify.synthesis.row import Side

__all__ = ["Cast", "cast", "with_probe"]

_MOST_LOOKED_AT = 60


@dataclass(frozen=True)
class Cast:
    """Who takes part: role choices, subjects that could be opened, those that could not, and the guesses."""

    roles: tuple[RoleChoice, ...]
    askers: tuple[Asker, ...]
    unopened: tuple[Skipped, ...]
    guesses: tuple[str, ...]


def with_probe(connection: psycopg.Connection, catalog: Catalog, blueprint: model.Blueprint) -> Catalog:
    """Give the catalog with the probe role, made here when no role of the database can be attacked.

    The probe stands for an ordinary application role: it may read and write every table and bypasses nothing.
    """
    if any(choice.is_attacked for choice in choose_roles(catalog, blueprint)):
        return catalog
    connection.execute(sql.SQL("create role {} nologin").format(identifier(PROBE)))
    connection.execute(sql.SQL("grant pg_read_all_data, pg_write_all_data to {}").format(identifier(PROBE)))
    found = connection.execute("select oid::bigint from pg_catalog.pg_roles where rolname = %s", [PROBE]).fetchone()
    oid = int(found[0]) if found else 0
    probe = Role(oid, PROBE, False, False, False, True, False, False, False)
    grants = tuple(
        Membership(role.oid, oid, with_admin=False, with_inherit=True, with_set=True)
        for role in catalog.roles.values()
        if role.name in ("pg_read_all_data", "pg_write_all_data")
    )
    return replace(catalog, roles={**catalog.roles, oid: probe}, memberships=(*catalog.memberships, *grants))


def cast(stage: Stage, builder: Builder, *, before_settings: Callable[[tuple[Asker, ...]], None]) -> Cast:
    """Choose roles, build the rows' subjects and confirm by looking which reading of the settings is right.

    ``before_settings`` is called with those who set nothing, while no setting was ever made in this session:
    a setting reads null then, and an empty text ever after.
    """
    choices = choose_roles(stage.catalog, stage.blueprint)
    probe = stage.catalog.role_named.get(PROBE)
    attacked = [choice.role for choice in choices if choice.is_attacked] or ([probe] if probe else [])
    notes = (
        [
            f"No role here is held by policies, so an imagined role {PROBE} that may read and write every table "
            "was attacked in its place."
        ]
        if not any(choice.is_attacked for choice in choices)
        else []
    )
    guess = guess_subjects(stage.catalog, stage.blueprint, stage.ownership, tuple(role.name for role in attacked))
    is_guess = not stage.blueprint.subject
    nobodies = [template for template in guess.subjects if not template.settings and not template.sql]
    before_settings(_opened(stage, builder, nobodies, is_guess=is_guess)[0])
    templates = _confirmed(stage, builder, guess.subjects, guess.options)
    askers, unopened = _opened(stage, builder, templates, is_guess=is_guess)
    return Cast(choices, askers, unopened, (*stage.ownership.guesses, *notes, *guess.notes))


def _opened(
    stage: Stage, builder: Builder, templates: Sequence[model.Subject], *, is_guess: bool
) -> tuple[tuple[Asker, ...], tuple[Skipped, ...]]:
    """Fill in the templates and try each subject once; those that cannot be opened are told with the reason."""
    askers: list[Asker] = []
    unopened: list[Skipped] = []
    for template in templates:
        asker = resolve(stage.catalog, template, _values(stage, builder, template), is_guess=is_guess)
        if asker is None:
            if template.name == "member":
                unopened.append(Skipped(f"subject {template.role} (member)", "no row could be built to act for"))
            continue
        if reason := "" if stage.call_outside else opens_outside(stage.catalog, template.sql):
            unopened.append(Skipped(f"subject {asker.title}", f"it was not opened: {reason}; --call-outside opens it"))
            continue
        opened = stage.open(asker)
        if opened.failed:
            unopened.append(Skipped(f"subject {asker.title}", f"it could not be opened: {opened.reason}"))
        else:
            askers.append(asker)
    return tuple(askers), tuple(unopened)


def _values(stage: Stage, builder: Builder, template: model.Subject) -> Callable[[str], str | None]:
    """Answer placeholders with keys of the side's rows; a stranger names a tenant that does not exist."""
    side = sides_of(template.name)
    anchors = stage.ownership.anchors

    def answer(name: str) -> str | None:
        if name.endswith("_hex"):
            plain = answer(name.removesuffix("_hex"))
            return plain.replace("-", "") if plain else None
        if name == "tenant":
            return _tenant_key(stage, builder, side)
        if name in ("user", "email"):
            row = stage.world.row(anchors.users, side)
            if row is None:
                return None
            column = anchors.user_key if name == "user" else _email_column(stage, anchors.users)
            return row.values.get(column) or "nobody@example.com"
        schema, table, column = name.split(".")
        relation = stage.catalog.relation_named.get((schema, table))
        row = stage.world.row(relation.oid, side) if relation else None
        return row.values.get(column) if row else None

    return answer


def _tenant_key(stage: Stage, builder: Builder, side: Side) -> str | None:
    anchors = stage.ownership.anchors
    if not anchors.tenants:
        row = stage.world.row(anchors.users, side)
        return row.values[anchors.user_key] if row else None
    if anchors.tenants != VIRTUAL:
        row = stage.world.row(anchors.tenants, side)
        if row is not None:
            return row.values[anchors.tenant_key]
        return builder.virtual_value(stage.catalog.relations[anchors.tenants].by_column[anchors.tenant_key], side)
    columns = (
        column
        for relation in stage.catalog.tables
        for column in relation.columns
        if column.name in anchors.tenant_columns
    )
    first = next(columns, None)
    return builder.virtual_value(first, side) if first else None


def _email_column(stage: Stage, users: int) -> str:
    relation = stage.catalog.relations.get(users)
    names = [column.name for column in relation.columns] if relation else []
    return next((name for name in names if re.search(r"e_?mail", name)), "")


def _confirmed(
    stage: Stage, builder: Builder, templates: Sequence[model.Subject], options: dict[str, tuple[str, ...]]
) -> list[model.Subject]:
    """Try what each open setting may hold, one setting at a time, and keep what shows most own rows."""
    first = next((template for template in templates if template.name == "member"), None)
    if first is None or not options:
        return list(templates)
    chosen = dict(first.settings)
    best = _own_rows_seen(stage, builder, first)
    for setting, values in options.items():
        for value in values:
            tried = first.model_copy(update={"settings": {**chosen, setting: value}})
            seen = _own_rows_seen(stage, builder, tried)
            if seen > best:
                best, chosen = seen, dict(tried.settings)
    return [
        template.model_copy(update={"settings": chosen}) if template.settings else template for template in templates
    ]


def _own_rows_seen(stage: Stage, builder: Builder, template: model.Subject) -> int:
    asker = resolve(stage.catalog, template, _values(stage, builder, template), is_guess=True)
    if asker is None or stage.open(asker).failed:
        return -1
    with stage.acting(asker):
        return sum(_sees_own(stage, asker, relation) for relation in _fenced(stage, asker))


def _fenced(stage: Stage, asker: Asker) -> list[Relation]:
    found = [
        relation
        for relation in stage.catalog.tables
        if relation.rls
        and stage.ownership.is_owned(relation.oid)
        and can_any_column(stage.catalog, asker.role, relation, "SELECT")
    ]
    return found[:_MOST_LOOKED_AT]


def _sees_own(stage: Stage, asker: Asker, relation: Relation) -> bool:
    target = Target(stage, asker, relation)
    reached = at_row(target, target.mine) if target.mine else None
    if reached is None:
        return False
    condition, values = reached
    found = stage.attempt(sql.SQL("select 1 from {} where {}").format(relation_name(relation), condition), values)
    return bool(found.rows)
