"""What lints are told about a database beside its catalog: who owns rows, who asks, and by which settings."""

from __future__ import annotations

import json
from dataclasses import dataclass

__all__ = ["LintFacts", "OwnedRelation"]


@dataclass(frozen=True)
class OwnedRelation:
    """A table whose rows belong to tenants.

    ``tenant_column`` is empty where rows belong to a tenant only along a path of foreign keys.
    """

    relid: int
    tenant_column: str = ""
    is_tenant_table: bool = False
    is_user_table: bool = False


@dataclass(frozen=True)
class LintFacts:
    """The parameters every lint query may use."""

    owned: tuple[OwnedRelation, ...] = ()
    app_roles: tuple[int, ...] = ()
    context_settings: tuple[str, ...] = ()

    def parameters(self) -> dict[str, object]:
        """Give the query parameters: ``owned`` as jsonb text, ``app_roles`` as oids, ``context_settings``."""
        owned = [
            {
                "relid": relation.relid,
                "tenant_column": relation.tenant_column or None,
                "is_tenant_table": relation.is_tenant_table,
                "is_user_table": relation.is_user_table,
            }
            for relation in self.owned
        ]
        return {
            "owned": json.dumps(owned),
            "app_roles": list(self.app_roles),
            "context_settings": list(self.context_settings),
        }
