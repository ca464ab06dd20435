"""What is sent with BEGIN so that the database knows for whom the transaction is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tenantry.context.identity import Identity
from tenantry.context.model import Source
from tenantry.context.token import Minter
from tenantry.session.wire import Statement
from tenantry.sql.name import quoted

__all__ = ["Opener", "PlainOpener", "TokenOpener", "demanding"]

_OPEN = b"select tenantry.open($1)"
_SET = b"select pg_catalog.set_config($1, $2, true)"


@dataclass(frozen=True)
class TokenOpener:
    """Opens the sealed and the signed context, by a token minted for each transaction."""

    minter: Minter
    ttl_s: int = 30

    def statements(self, identity: Identity) -> tuple[Statement, ...]:
        """Give the statement that opens, its token bound."""
        return ((_OPEN, (self.token(identity).encode(),)),)

    def token(self, identity: Identity) -> str:
        """Mint a token for one transaction."""
        ttl_s = min(self.ttl_s, self.minter.longest_s)
        return self.minter.mint(
            identity.tenant, actor=identity.actor, roles=identity.roles, scope=identity.scope, ttl_s=ttl_s
        )


@dataclass(frozen=True)
class PlainOpener:
    """Makes the settings that a plain context is read from. No proof: any SQL can make them."""

    tenant: Source
    actor: Source | None = None

    def statements(self, identity: Identity) -> tuple[Statement, ...]:
        """Give one statement for each setting, for this transaction alone."""
        settings = self._settings(identity)
        return tuple((_SET, (name.encode(), text.encode())) for name, text in settings.items())

    def _settings(self, identity: Identity) -> dict[str, str]:
        said = [(self.tenant, identity.tenant), *([(self.actor, identity.actor)] if self.actor else [])]
        claims: dict[str, Any] = {}
        plain: dict[str, str] = {}
        for source, value in said:
            if source.claim:
                _put(claims.setdefault(source.setting, {}), source.claim, value)
            else:
                plain[source.setting] = value
        return {**plain, **{name: json.dumps(held) for name, held in claims.items()}}


Opener = TokenOpener | PlainOpener


def demanding(noun: str) -> tuple[Statement, ...]:
    """Give the statement by which the database itself refuses a transaction of no tenant."""
    return ((b"select tenantry." + quoted(f"require_{noun}_context").encode() + b"()", ()),)


def _put(held: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for step in path[:-1]:
        held = held.setdefault(step, {})
    held[path[-1]] = value
