"""Which restrictive policies take nothing with them when they go: what they say, a floor for everybody says as well."""

from __future__ import annotations

import re

from tenantry.catalog.model import PUBLIC, Catalog, Policy

__all__ = ["is_covered"]

_ACROSS = re.compile(r"\(*\bX\b\)* OR \( SELECT tenantry\.crosses\(\) AS crosses\)\)*")


def is_covered(catalog: Catalog, policy: Policy) -> bool:
    """Say whether a floor for everybody says the same to whoever does not cross tenants (docs/decisions/0007)."""
    return any(
        not one.is_permissive
        and one.oid != policy.oid
        and PUBLIC in one.roles
        and one.command in ("*", policy.command)
        and _says(one.using, policy.using)
        and _says(one.check or one.using, policy.check or policy.using)
        for one in catalog.policies_of.get(policy.relation, ())
    )


def _says(text: str, part: str) -> bool:
    if not part:
        return True
    return text == part or bool(_ACROSS.fullmatch(text.replace(part, "X", 1)))
