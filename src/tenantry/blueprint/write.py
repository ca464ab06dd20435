"""How a guessed blueprint is written as a commented tenantry.toml that a person can correct."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from textwrap import wrap
from typing import get_args

from pydantic import BaseModel

from tenantry.blueprint.anchors import PLATFORM_SCHEMAS
from tenantry.blueprint.membership import guessed_membership
from tenantry.blueprint.model import Blueprint, Dismissal, Subject, Table
from tenantry.blueprint.owner import Owner, OwnerKind
from tenantry.blueprint.ownership import Ownership, ownership
from tenantry.blueprint.roles import choose_roles
from tenantry.blueprint.search import guessed_searches
from tenantry.blueprint.subjects import Guess, guess_subjects
from tenantry.blueprint.words import is_personal_column
from tenantry.catalog.model import Catalog, Relation

__all__ = ["described", "toml_string", "written"]

_WIDTH, _LONGEST_STEM = 110, 50


def written(catalog: Catalog, blueprint: Blueprint) -> str:
    """Give the text of a blueprint with everything that can be guessed, and where each guess comes from."""
    found = ownership(catalog, blueprint)
    roles = choose_roles(catalog, blueprint)
    attacked = tuple(choice.role.name for choice in roles if choice.is_attacked)
    guess = guess_subjects(catalog, blueprint, found, attacked)
    lines = [
        f"# What tenantry guessed about the database {_plain(catalog.server.database)}. Correct what is",
        "# wrong; delete what is right by default if you like a short file. Every key is described at the end.",
        "version = 1",
        "",
        *_anchors(catalog, found),
        *_members(catalog, found),
        *_roles(catalog, blueprint),
        *_context(catalog),
        "# How one becomes somebody's actor. {tenant}, {user}, {email} and {schema.table.column} are filled in.",
        *_subjects(guess),
        *_tables(catalog, found),
        *_searches(catalog, found),
        "",
        *described(),
    ]
    return "\n".join(lines) + "\n"


def _anchors(catalog: Catalog, found: Ownership) -> Iterator[str]:
    anchors = found.anchors
    tenants, users = catalog.relations.get(anchors.tenants), catalog.relations.get(anchors.users)
    yield "# Who the tenants are: the table that lists them, its key, and the columns that hold that key elsewhere."
    yield "[tenant]"
    yield f"table = {toml_string(tenants.title if tenants else '')}"
    yield f"key = {toml_string(anchors.tenant_key if tenants else '')}"
    used = sorted(name for name in anchors.tenant_columns if _is_used(catalog, name))
    yield f"columns = {_list(used)}"
    yield ""
    yield "# Who acts for them."
    yield "[users]"
    yield f"table = {toml_string(users.title if users else '')}"
    yield f"key = {toml_string(anchors.user_key)}"
    yield ""


def _members(catalog: Catalog, found: Ownership) -> Iterator[str]:
    """Suggest where members are listed; as comments, because contexts without an actor would see nothing then."""
    suggested = dict(guessed_membership(catalog, found))
    if not suggested:
        return
    yield "# Take away the # to serve members alone: each statement then looks the token's actor up, and a context"
    yield "# without an actor sees nothing, but for the roles in without_actor."
    yield "# [membership]"
    for key, value in suggested.items():
        yield f"# {key} = {_list(value) if isinstance(value, list) else toml_string(value)}"
    yield ""


def _is_used(catalog: Catalog, name: str) -> bool:
    return any(name in table.by_column for table in catalog.tables)


def _roles(catalog: Catalog, blueprint: Blueprint) -> Iterator[str]:
    choices = choose_roles(catalog, blueprint)
    yield "# Roles that serve tenants are attacked; the others, with the reason:"
    for choice in choices:
        if not choice.is_attacked:
            yield f"#   {_plain(choice.role.name)}: {choice.reason}"
    yield "[roles]"
    attacked = [choice.role.name for choice in choices if choice.is_attacked]
    yield f"attack = {_list(attacked)}"
    yield "trusted = []"
    if not attacked:
        yield "# No role here serves tenants. tenantry plan would make this one for the application:"
        yield f"app = {_list([_app_role(catalog)])}"
    yield ""


def _context(catalog: Catalog) -> Iterator[str]:
    """Choose the profile that whoever asks can apply: only a superuser seals."""
    if not catalog.server.is_superuser:
        yield f"# {_plain(catalog.server.user)} is no superuser. One can apply the sealed profile, which costs less."
        yield "[context]"
        yield 'profile = "signed"'
        yield ""


def _app_role(catalog: Catalog) -> str:
    """Give a name for the application's role that no role has: that of the database and _app."""
    stem = catalog.server.database.encode()[:_LONGEST_STEM].decode(errors="ignore")
    names = (f"{stem}_app{number or ''}" for number in count())
    return next(name for name in names if name not in catalog.role_named)


def _subjects(guess: Guess) -> Iterator[str]:
    """Give the subjects as comments: verify finds the same, and finds others once apply has built a context."""
    lines = [line for subject in guess.subjects for line in _subject(subject)]
    if guess.options:
        yield "# What these settings hold is open; without subjects here, verify tries what shows a member its rows:"
        for setting, values in guess.options.items():
            yield f"#   {_plain(setting)}: {_plain(', '.join(values))}"
    yield "# Without subjects here verify takes these; once plan and apply have built a context, it opens that instead."
    yield "# To settle others, take away the # and correct them."
    yield from (f"# {line}".rstrip() for line in lines)
    yield ""


def _subject(subject: Subject) -> Iterator[str]:
    yield "[[subject]]"
    yield f"role = {toml_string(subject.role)}"
    yield f"name = {toml_string(subject.name)}"
    yield f"channel = {toml_string(subject.channel)}"
    if subject.settings:
        pairs = ", ".join(f"{toml_string(name)} = {toml_string(value)}" for name, value in subject.settings.items())
        yield f"settings = {{ {pairs} }}"
    yield ""


def _tables(catalog: Catalog, found: Ownership) -> Iterator[str]:
    tables = [
        table
        for table in sorted(catalog.tables, key=lambda table: table.title)
        if table.schema not in PLATFORM_SCHEMAS | {"tenantry"}
    ]
    yield "# To whom the rows of each table belong. To correct one, add for example:"
    yield '#   [tables."public.notes"]'
    yield '#   owner = "written_for"'
    for table in tables:
        yield f"#   {_plain(table.title)}: {_owned_by(catalog, found.owner_of(table.oid))}"
    yield ""
    yield "# Of these nothing tells an owner, and so they are taken for shared by all tenants. Look at each: say why it"
    yield "# is so, or name its owner."
    for table in tables:
        if not found.is_owned(table.oid):
            yield from _shared(table)


def _searches(catalog: Catalog, found: Ownership) -> Iterator[str]:
    suggested = list(guessed_searches(catalog, found))
    if not suggested:
        return
    yield ""
    yield "# Row security keeps these columns' indexes from being used. Take away the # for functions that use them:"
    for table, columns in suggested:
        yield f"# [tables.{toml_string(table.title)}]"
        yield f"# search = {_list(columns)}"


def _shared(table: Relation) -> Iterator[str]:
    """Declare a table shared, but only ask where it holds what is somebody's by its nature."""
    personal = [_plain(column.name) for column in table.columns if is_personal_column(column.name)]
    mark = "# " if personal else ""
    if personal:
        yield f"# {_plain(table.title)} holds {', '.join(personal)}, which are somebody's: whose? plan asks for a word."
    yield f"{mark}[tables.{toml_string(table.title)}]"
    yield f'{mark}shared = "guessed: no column and no foreign key leads to a tenant"'


def _owned_by(catalog: Catalog, owner: Owner) -> str:
    if owner.kind is OwnerKind.SHARED:
        return "nobody's, shared by all"
    if owner.members:
        return f"its members, listed in {_plain(catalog.relations[owner.members].title)}"
    steps = [", ".join(reference.columns) for reference in owner.path]
    return f"a {owner.kind}'s, by {' then '.join(map(_plain, steps))}" if steps else f"lists the {owner.kind}s"


def described() -> Iterator[str]:
    """Describe every key that a blueprint may have, as comments."""
    yield "# Every key:"
    for name, field in Blueprint.model_fields.items():
        section = _section_of(field.annotation)
        yield ""
        yield f"# {_heading(name, section)}"
        yield from _wrapped("  ", field.description or "")
        for key, inner in section.model_fields.items() if section else ():
            yield from _wrapped(f"  {key:<9} ", inner.description or "")


def _section_of(annotation: object) -> type[BaseModel] | None:
    """Find the section behind a key: the type itself, or what a list or table holds."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _heading(name: str, section: type[BaseModel] | None) -> str:
    if section is None:
        return name
    if section is Table:
        return f'[{name}."schema.name"]'
    return f"[[{name}]]" if section in (Subject, Dismissal) else f"[{name}]"


def _wrapped(start: str, text: str) -> Iterator[str]:
    indent = "#" + " " * len(start)
    yield from wrap(text, _WIDTH, initial_indent=f"#{start}", subsequent_indent=indent)


def toml_string(text: str) -> str:
    """Quote as a TOML basic string; what does not print is escaped, in TOML's way and not JSON's."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _list(items: list[str]) -> str:
    return f"[{', '.join(map(toml_string, items))}]"


def _plain(text: str) -> str:
    """Keep a name from ending its comment: control characters are shown, not written."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
