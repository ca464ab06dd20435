"""How one becomes a tenant's actor on this database: guessed from what its policies read.

Templates carry placeholders; ``verify`` fills them with keys of rows and confirms the guess by looking
whether a member then sees its own rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tenantry.blueprint.context import claim_paths, context_texts, custom_settings
from tenantry.blueprint.model import Blueprint, Subject
from tenantry.blueprint.own_context import own_subjects
from tenantry.blueprint.ownership import Ownership
from tenantry.blueprint.role_names import columns_naming_role
from tenantry.blueprint.roles import is_api_database
from tenantry.blueprint.words import TENANT_WORDS, USER_WORDS, singular, words_of
from tenantry.catalog.model import Catalog, Relation
from tenantry.catalog.privilege import reachable

__all__ = ["Guess", "guess_subjects", "setting_options"]

_CLAIMS = "request.jwt.claims"
_API_SETTINGS = frozenset({_CLAIMS, "request.jwt.claim.sub", "request.jwt.claim.role", "request.jwt.claim.email"})
_GRAPHQL_CLAIMS = "jwt.claims."
_READ = (
    r"(?:(translate|string_to_array|jsonb?_array_elements\w*)\s*\([^;]{0,40}?)?"
    r"current_setting\(\s*'%s'([^;]{0,100})"
)
_NOT_CLAIMS = frozenset({"request.headers", "request.cookies", "request.method", "request.path", "role"})


@dataclass(frozen=True)
class Guess:
    """Subject templates, and for each setting whose meaning is open the values to try, best first."""

    subjects: tuple[Subject, ...]
    options: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]


def guess_subjects(catalog: Catalog, blueprint: Blueprint, ownership: Ownership, roles: tuple[str, ...]) -> Guess:
    """Guess the subjects of the attacked roles; a blueprint's own subjects are used as they stand."""
    own = own_subjects(catalog, blueprint, roles, has_users=bool(ownership.anchors.users))
    if own:
        return Guess(own, {}, ("Subjects open tenantry's own context with a token.",))
    if blueprint.subject:
        return Guess(blueprint.subject, {}, ())
    settings = [name for name in custom_settings(catalog) if name not in _NOT_CLAIMS and not _looks_like_bypass(name)]
    api = tuple(role for role in roles if is_api_database(catalog) and _is_api_role(catalog, role))
    guesses = [
        *([_api_guess(catalog, ownership, settings, api)] if api else []),
        *([_settings_guess(catalog, ownership, settings, rest)] if (rest := _without(roles, api)) else []),
    ]
    return Guess(
        tuple(subject for guess in guesses for subject in guess.subjects),
        {name: values for guess in guesses for name, values in guess.options.items()},
        tuple(note for guess in guesses for note in guess.notes),
    )


def _without(roles: tuple[str, ...], taken: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if role not in taken)


def _is_api_role(catalog: Catalog, name: str) -> bool:
    """Say whether PostgREST's login role can become the role."""
    login = catalog.role_named.get("authenticator")
    role = catalog.role_named[name]
    return name in ("anon", "authenticated") or (login is not None and role.oid in reachable(catalog, login))


def _settings_guess(catalog: Catalog, ownership: Ownership, settings: list[str], roles: tuple[str, ...]) -> Guess:
    options = {name: setting_options(catalog, ownership, name) for name in settings}
    chosen = {name: values[0] for name, values in options.items() if values}
    # why: PostGraphile keeps the claims of a token so; its clients send GraphQL, and no SQL
    channel: Literal["sql", "api"] = "api" if any(name.startswith(_GRAPHQL_CLAIMS) for name in settings) else "sql"
    subjects = [
        subject
        for role in roles
        for subject in (
            Subject(role=role, name="member", settings=chosen, channel=channel),
            *_stranger(role, ownership, chosen, channel),
            *([Subject(role=role, name="nobody", channel=channel)] if chosen else []),
        )
    ]
    return Guess(
        tuple(subjects), {n: v for n, v in options.items() if len(v) > 1}, tuple(_notes(catalog, settings, chosen))
    )


def _stranger(
    role: str, ownership: Ownership, chosen: dict[str, str], channel: Literal["sql", "api"]
) -> Iterator[Subject]:
    if ownership.anchors.users and any("{user}" in value for value in chosen.values()):
        yield Subject(role=role, name="stranger", settings=chosen, channel=channel)


def _notes(catalog: Catalog, settings: list[str], chosen: dict[str, str]) -> Iterator[str]:
    named = sorted(f"{catalog.relations[oid].title}.{name}" for oid, name in columns_naming_role(catalog))
    if named:
        yield f"The name of the database role says who asks; it stands in {', '.join(named)}."
    elif not settings:
        yield "Policies read no setting: a session of the role is taken to be everybody's."
    for name, value in chosen.items():
        yield f"The setting {name} says who asks; it holds {value}."


# -- Supabase and PostgREST -----------------------------------------------------------------------------


def _api_guess(catalog: Catalog, ownership: Ownership, settings: list[str], roles: tuple[str, ...]) -> Guess:
    others = {
        name: setting_options(catalog, ownership, name)[0]
        for name in settings
        if name not in _API_SETTINGS and name != "request.jwt.claim"
    }
    claims = _claims(catalog, ownership)
    subjects: list[Subject] = []
    for role in roles:
        if role == "anon":
            subjects.append(Subject(role=role, name="nobody", settings=_api_settings({}, role), channel="api"))
            continue
        for name in ("member", "stranger"):
            made = _api_settings(claims, role) | others
            subjects.append(Subject(role=role, name=name, settings=made, channel="api"))
    note = "Clients are PostgREST's: request.jwt.claims carries the user, anon carries nobody."
    return Guess(tuple(subjects), {}, (note,))


def _api_settings(claims: dict[str, object], role: str) -> dict[str, str]:
    text = json.dumps({**claims, "role": role}, separators=(",", ":"))
    settings = {_CLAIMS: text, "request.jwt.claim.role": role}
    if claims:
        settings |= {"request.jwt.claim.sub": "{user}", "request.jwt.claim.email": "{email}"}
    return settings


def _claims(catalog: Catalog, ownership: Ownership) -> dict[str, object]:
    """Build the token of a signed-in user, with every claim that policies ask for and whose meaning is known."""
    claims: dict[str, object] = {"sub": "{user}", "aud": "authenticated", "email": "{email}"}
    for path in claim_paths(catalog):
        value = _claim_value(ownership, path)
        if value:
            _put(claims, path, value)
    return claims


def _claim_value(ownership: Ownership, path: tuple[str, ...]) -> str:
    if path in (("sub",), ("role",), ("aud",), ("email",)):
        return ""
    return _meaning(ownership, path[-1])


def _put(claims: dict[str, object], path: tuple[str, ...], value: str) -> None:
    inner = claims
    for step in path[:-1]:
        below = inner.setdefault(step, {})
        if not isinstance(below, dict):
            return
        inner = below
    inner.setdefault(path[-1], value)


# -- settings ---------------------------------------------------------------------------------------------


def setting_options(catalog: Catalog, ownership: Ownership, setting: str) -> tuple[str, ...]:
    """Give what a setting may hold, the likeliest first: a tenant's key, a user's, another row's, a role's name."""
    name = setting.rsplit(".", 1)[-1]
    meant = _meaning(ownership, name)
    rows = [
        f"{{{table.schema}.{table.name}.{key}}}"
        for table in _tables_named(catalog, name)
        for key in catalog.primary_key_of.get(table.oid, ())[:1]
        if key and table.oid not in (ownership.anchors.tenants, ownership.anchors.users)
    ]
    keys = [
        value
        for value, known in (("{tenant}", ownership.anchors.tenants), ("{user}", ownership.anchors.users))
        if known
    ]
    usual = [meant] if meant else []
    form = _form(catalog, setting)
    return tuple(form % value for value in dict.fromkeys([*([] if meant else rows), *usual, *rows, *keys])) or ("",)


def _form(catalog: Catalog, setting: str) -> str:
    """Give how the value of a setting is written: as it is, or as an array of JSON or of the server's own."""
    read = re.compile(_READ % re.escape(setting), re.IGNORECASE)
    for call, after in (found for text in context_texts(catalog) for found in read.findall(text)):
        if call.lower() == "translate" and "[]" in after:
            return "[%s]"
        if call.lower().startswith("json") or re.match(r"[^;]*?::jsonb?\b[^;]*(?:@>|<@|\?)", after):
            return '["%s"]'
        if not call and re.match(r"[^;]*?::[\w ]+\[\]", after):
            return "{%s}"
    return "%s"


def _meaning(ownership: Ownership, name: str) -> str:
    """Tell a tenant's key, a user's key or an e-mail by the words of a name."""
    words = [singular(word) for word in words_of(name)]
    anchors = ownership.anchors
    if name in anchors.tenant_columns and anchors.tenants:
        return "{tenant}"
    if "email" in words or "mail" in words:
        return "{email}"
    if "role" in words or "admin" in words:
        return ""
    if anchors.users and ({"sub", "uid", "actor", "user"} & set(words) or _weighs(words, USER_WORDS, 35)):
        return "{user}"
    if anchors.tenants and _weighs(words, TENANT_WORDS, 40):
        return "{tenant}"
    return ""


def _weighs(words: list[str], weights: dict[str, int], least: int) -> bool:
    return any(weights.get(word, 0) >= least for word in words)


def _tables_named(catalog: Catalog, name: str) -> list[Relation]:
    words = [word for word in words_of(name) if word not in ("id", "ids", "uuid", "uuids", "current", "my", "key")]
    noun = "_".join(words)
    return [
        table
        for table in catalog.tables
        if noun and "_".join([*words_of(table.name)[:-1], singular((words_of(table.name) or [""])[-1])]) == noun
    ]


def _looks_like_bypass(name: str) -> bool:
    """Say whether a setting opens rather than names: such are left unset, and forged by an attack."""
    words = set(words_of(name.rsplit(".", 1)[-1]))
    return bool({"bypass", "admin", "superuser", "super", "disable", "skip", "internal", "system", "rls"} & words)
