"""Whether a user's own row merely remembers a tenant, as the one that is shown: nobody ever asks it for rights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tenantry.blueprint.ownership import Ownership, is_user_table
from tenantry.blueprint.tables import PLATFORM_SCHEMAS
from tenantry.catalog.model import Catalog, Relation

__all__ = ["is_pointer"]


def is_pointer(catalog: Catalog, ownership: Ownership, relation: Relation) -> bool:
    """Say whether the row is one user's own and no policy, function or view reads which tenant it names."""
    columns = ownership.owner_of(relation.oid).columns
    if not columns or not is_user_table(catalog, ownership, relation.oid):
        return False
    own = " ".join(f"{policy.using} {policy.check}" for policy in catalog.policies_of.get(relation.oid, ()))
    return not any(_names(own, column) for column in columns) and not any(
        _names(text, relation.name) and any(_names(_without_writes(text), column) for column in columns)
        for text in _texts(catalog, relation)
    )


def _texts(catalog: Catalog, relation: Relation) -> Iterator[str]:
    for policy in catalog.policies:
        if policy.relation != relation.oid:
            yield f"{policy.using} {policy.check}"
    for routine in catalog.routines.values():
        if not routine.extension:
            yield routine.source
    for view in catalog.relations.values():
        if view.is_view and not view.is_invoker_view and view.schema not in PLATFORM_SCHEMAS:
            yield view.definition


def _names(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", text))


def _without_writes(text: str) -> str:
    """Leave out columns that are only filled: lists of an INSERT, and what SET assigns."""
    text = re.sub(r"(?i)insert\s+into\s+[\w.\"]+\s*\([^)]*\)", "", text)
    return re.sub(r"(?i)(?:\bset|,)\s*\"?\w+\"?\s*=(?!=)|\bexcluded\.\"?\w+\"?", " ", text)
