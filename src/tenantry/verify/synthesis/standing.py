"""Which standing a side's user gets: the role, status and flags of its membership, as policies ask for them.

Within a tenant the standing is high, so that own rows can be seen; where no tenant is named beside the user, a
high role would be power over the whole platform, and the standing is low.
"""

from __future__ import annotations

import re

from tenantry.blueprint.context import context_texts
from tenantry.blueprint.ownership import Ownership, is_user_table
from tenantry.blueprint.reference import VIRTUAL
from tenantry.blueprint.words import TENANT_WORDS, words_of
from tenantry.catalog.model import Catalog, Column, Relation
from tenantry.verify.conditions import Compared, compared, names_power
from tenantry.verify.synthesis.value import rank

__all__ = ["Standing"]

_ROLE = re.compile(r"role|user_type|account_type|member_type|permission|access_level")
_STATUS = re.compile(r"status|state$")
_FLAG = re.compile(r"active|enabled|accepted|approved|verified|confirmed")
_GOOD = ("active", "accepted", "approved", "confirmed", "joined", "enabled", "verified", "trial", "trialing")
_SUPER = re.compile(r"super|system|sys_|platform|global|root|^god$|saas|internal|service")
_HIGH = re.compile(r"admin|moderator|manager|operator|staff|support|developer|editor|owner")
_HIGH_WORDS = ("owner", "admin", "manager")
_HUMBLE = ("user", "member", "customer", "client", "viewer", "guest", "basic", "free", "student", "patient", "employee")
_OPERATORS = re.compile(
    r"(^|_)(admin|administrator|operator|super_?user|super_?admin|moderator)s?(_(user|account|member|list)s?)?$"
)


class Standing:
    """Answers for one database; ``begin`` costs one reading of its policies."""

    def __init__(self, catalog: Catalog, ownership: Ownership) -> None:
        self._catalog = catalog
        self._ownership = ownership
        self._compared: Compared = compared(catalog)
        self._text = " ".join(context_texts(catalog))

    def value(self, relation: Relation, column: Column) -> str | None:
        """Give what the column must hold for the user's standing, or nothing where standing has no part in it."""
        if not self._ties_user(relation):
            return None
        asked = self._asked(relation, column)
        kind = self._catalog.types[column.type_oid]
        if kind.category == "B" and _FLAG.search(column.name) and "true" in asked:
            return "true"
        if not kind.labels and kind.category != "S":
            return None
        allowed = list(kind.labels) or self._constants(relation, column)
        if _ROLE.search(column.name):
            return self._role(relation, column, allowed, asked)
        if _STATUS.search(column.name):
            return next((word for word in _GOOD if word in asked and (not allowed or word in allowed)), None)
        return None

    def powers(self, relation: Relation) -> list[tuple[str, str]]:
        """Give columns and values by which a row here lifts its user, those that policies speak of most first."""
        found = [
            (column.name, word)
            for column in relation.columns
            if names_power(column.name) or _ROLE.search(column.name)
            for word in self._lifting(relation, column)
        ]
        return sorted(found, key=lambda pair: -self._uses(pair[1]))[:_MOST_POWERS]

    def _lifting(self, relation: Relation, column: Column) -> list[str]:
        kind = self._catalog.types[column.type_oid]
        asked = self._asked(relation, column)
        if kind.category == "B":
            return [word for word in asked if word == "true"]
        if not kind.labels and kind.category != "S":
            return []
        allowed = list(kind.labels) or self._constants(relation, column) or [*asked, *_HIGH_WORDS]
        words = [word for word in allowed if _SUPER.search(word.lower()) or _HIGH.search(word.lower())]
        return [word for word in dict.fromkeys(words) if self._uses(word)]

    def is_above(self, relation: Relation) -> bool:
        """Say whether a row here, by being there, lifts its user above all tenants: a list of operators."""
        named = bool(_OPERATORS.search(relation.name))
        if self._ties_tenant(relation) or not self._ties_user(relation):
            return False
        if is_user_table(self._catalog, self._ownership, relation.oid) and not named:
            return False
        return named or any(
            bool(words) and all(_humility(word, has_tenants=True) >= _TOO_HIGH for word in words)
            for column in relation.columns
            if _ROLE.search(column.name)
            for words in [self._catalog.types[column.type_oid].labels or self._constants(relation, column)]
        )

    def _role(self, relation: Relation, column: Column, allowed: list[str], asked: list[str]) -> str | None:
        if self._ties_tenant(relation):
            choice = allowed or asked or [word for word in (*_HIGH_WORDS, *_HUMBLE) if f"'{word}'" in self._text]
            if not choice:
                return None
            return self._highest(choice)
        has_tenants = bool(self._ownership.anchors.tenants)
        if has_tenants and any(_SUPER.search(word.lower()) for word in allowed):
            # why: with a role above the tenants, an administrator is one of a tenant, though the row names none
            return self._highest(allowed)
        if not column.not_null or column.default:
            return None
        return min(allowed or [*_HUMBLE[:1], *asked], key=lambda word: _humility(word, has_tenants=has_tenants))

    def _highest(self, words: list[str]) -> str:
        """Choose the role that opens most inside a tenant, those above all tenants last."""
        return min(words, key=lambda word: (bool(_SUPER.search(word.lower())), -self._uses(word), rank(word)))

    def _uses(self, word: str) -> int:
        """Count how often policies and the functions behind them speak of the word."""
        return self._text.count(f"'{word}'")

    def _asked(self, relation: Relation, column: Column) -> list[str]:
        return list(self._compared.get((relation.oid, column.name), ()))

    def _constants(self, relation: Relation, column: Column) -> list[str]:
        return [
            text.replace("''", "'")
            for check in self._catalog.checks.get(relation.oid, ())
            if check.columns == (column.name,)
            for text in re.findall(r"'((?:[^']|'')*)'", check.expression)
        ]

    def _ties_user(self, relation: Relation) -> bool:
        return is_user_table(self._catalog, self._ownership, relation.oid) or any(
            not ref.is_audit and is_user_table(self._catalog, self._ownership, ref.target)
            for ref in self._ownership.references.get(relation.oid, ())
        )

    def _ties_tenant(self, relation: Relation) -> bool:
        tenants = self._ownership.anchors.tenants
        targets = {ref.target for ref in self._ownership.references.get(relation.oid, ()) if not ref.is_audit}
        return bool(tenants) and (tenants in targets or (tenants == VIRTUAL and VIRTUAL in targets))


_TOO_HIGH = 8.0
_MOST_POWERS = 4


def _humility(word: str, *, has_tenants: bool) -> float:
    """Order roles by how little they promise beyond the own tenant, the least first."""
    lower = word.lower()
    if _SUPER.search(lower):
        return 9.0
    if has_tenants and any(TENANT_WORDS.get(part, 0) >= _NAMES_TENANT for part in words_of(lower)):
        return 0.0
    if lower in _HUMBLE:
        return 1.0 + _HUMBLE.index(lower) / 100
    return _TOO_HIGH if _HIGH.search(lower) else 4.0


_NAMES_TENANT = 60
