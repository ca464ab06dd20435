"""What a team decides about its tenant context: the word for a tenant, its key's type, the profile, the roles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tenantry.context.membership import Membership
from tenantry.errors import TenantryError

__all__ = ["Context", "ContextInvalid", "Profile", "Source"]

_LONGEST_NAME_BYTES = 63
_LONGEST_NOUN_BYTES = _LONGEST_NAME_BYTES - len("require__context")
_OWN_ROLES = ("tenantry_owner", "tenantry_context", "tenantry_lookup")
# why: PostgreSQL takes these for words of its own even in quotes
_NO_ROLES = ("public", "none")
_BARE = r"[a-z_][a-z0-9_$]*"
_TYPE = re.compile(rf'(?:({_BARE}|"(?:[^"]|"")+")\.)?({_BARE}|"(?:[^"]|"")+")')
# The words of SQL for types, and the catalog's (PostgreSQL, table "Data Types").
_CATALOG_NAMES = {
    "bigint": "int8",
    "character varying": "varchar",
    "character": "bpchar",
    "integer": "int4",
    "smallint": "int2",
    **{name: name for name in ("bpchar", "int2", "int4", "int8", "name", "text", "uuid", "varchar")},
}


class ContextInvalid(TenantryError):
    """What was said about the tenant context cannot be made."""

    code = "TN201"
    way_out = "Nothing was changed. Mend the named value."


class Profile(StrEnum):
    """How the context is kept from being forged (docs/decisions/0005-sealed-context.md)."""

    SEALED = "sealed"
    SIGNED = "signed"
    PLAIN = "plain"


@dataclass(frozen=True)
class Source:
    """Where the plain profile reads a value: a setting, or a claim at a path in one that holds JSON."""

    setting: str
    claim: tuple[str, ...] = ()

    @classmethod
    def said(cls, text: str) -> Source | None:
        """Read ``setting`` or ``setting#path.of.claim``; nothing said is no source."""
        setting, _, claim = text.partition("#")
        return cls(setting, tuple(claim.split(".")) if claim else ()) if setting else None


@dataclass(frozen=True, kw_only=True)
class Context:
    """The tenant context wanted in a database; raises ``ContextInvalid`` where it cannot be made.

    ``key_type`` is written as in SQL: ``uuid``, ``bigint``, ``text`` or a type with its schema. ``app_roles`` exist
    already and may open contexts; ``background_roles`` are those of them that may cross tenants where tables allow it,
    none where no table does; ``internal_roles`` are those ``require_<noun>_context()`` lets work for no tenant.
    The sources are for the plain profile alone. With a ``membership`` only members are served; ``looks_up`` where
    something else of the database looks past row security for the tenant, such as a search.
    """

    noun: str
    key_type: str = "uuid"
    profile: Profile = Profile.SEALED
    app_roles: tuple[str, ...] = ()
    internal_roles: tuple[str, ...] = ()
    background_roles: tuple[str, ...] = ()
    tenant: Source | None = None
    actor: Source | None = None
    roles: Source | None = None
    scope: Source | None = None
    membership: Membership | None = None
    looks_up: bool = False

    def __post_init__(self) -> None:
        _check_name(self.noun, "noun", _LONGEST_NOUN_BYTES)
        for role in (*self.app_roles, *self.internal_roles):
            _check_name(role, "role", _LONGEST_NAME_BYTES)
        _check_app_roles(self.app_roles)
        _check_sources(self)
        _ = self.type_name

    @property
    def type_name(self) -> tuple[str, str]:
        """Give schema and name of the key's type as the catalog has them."""
        without_length = re.sub(r"\s*\(\d+\)$", "", self.key_type.strip())
        if without_length in _CATALOG_NAMES:
            return "pg_catalog", _CATALOG_NAMES[without_length]
        found = _TYPE.fullmatch(without_length)
        if not found or not found[1] or "\0" in without_length:
            raise ContextInvalid(
                f"{self.key_type!r} is no type of a tenant's key: write uuid, bigint, integer, smallint, text, "
                "varchar, or a type with its schema."
            )
        return _unquoted(found[1]), _unquoted(found[2])


def _check_name(name: str, what: str, longest_bytes: int) -> None:
    if not name or "\0" in name:
        raise ContextInvalid(f"A {what} cannot be {name!r}: it must be text without a NUL character.")
    try:
        size_bytes = len(name.encode())
    except UnicodeEncodeError:
        raise ContextInvalid(f"A {what} cannot be {name!r}: it is no text in UTF-8.") from None
    if size_bytes > longest_bytes:
        raise ContextInvalid(f"The {what} {name!r} has {size_bytes} bytes; {longest_bytes} are possible.")


def _check_app_roles(roles: tuple[str, ...]) -> None:
    if wrong := sorted({*_NO_ROLES, *_OWN_ROLES} & set(roles)):
        raise ContextInvalid(f"{wrong[0]!r} cannot be a role of the application.")
    if len(set(roles)) != len(roles):
        raise ContextInvalid("A role of the application is named twice.")


def _check_sources(context: Context) -> None:
    sources = [source for source in (context.tenant, context.actor, context.roles, context.scope) if source]
    if context.profile is Profile.PLAIN and context.tenant is None:
        raise ContextInvalid("The plain profile needs to know which setting names the tenant.")
    if context.profile is not Profile.PLAIN and sources:
        raise ContextInvalid(f"The {context.profile} profile reads no settings of the application.")
    for source in sources:
        if not source.setting or any("\0" in text for text in (source.setting, *source.claim)):
            raise ContextInvalid("A setting or claim must be text without a NUL character.")


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part
