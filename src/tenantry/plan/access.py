"""How an access list is told as statements that put it back, in the server's own order.

The order matters: a dump prints grants in the order of the list, and a way back is to lead to the same dump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from psycopg import sql

from tenantry.catalog.model import PUBLIC, Catalog, Grant
from tenantry.sql.name import identifier, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["accesses", "grantee"]


def accesses(catalog: Catalog, target: sql.Composable, owner: int, grants: Iterable[Grant]) -> Iterator[str]:
    """Take everything from whoever else than the owner holds something, then give it back in order."""
    others = [grant for grant in grants if grant.grantee != owner]
    holders = dict.fromkeys(grant.grantee for grant in others)
    is_passed_on = any(grant.grantor not in (0, owner) for grant in others)
    if holders:
        end = spelled(" cascade" if is_passed_on else "")
        yield statement("revoke all on {} from {}{}", target, listed(grantee(catalog, oid) for oid in holders), end)
    for (grantor, holder, grantable, _), words in _bundled(others).items():
        option = spelled(" with grant option" if grantable else "")
        given = statement("grant {} on {} to {}{}", listed(words), target, grantee(catalog, holder), option)
        yield from (given,) if grantor in (0, owner) else _as(catalog, grantor, given)


def grantee(catalog: Catalog, oid: int) -> sql.Composable:
    """Give a role as statements name it; 0 is everyone."""
    return sql.SQL("public") if oid == PUBLIC else identifier(catalog.roles[oid].name)


def _as(catalog: Catalog, role: int, given: str) -> Iterator[str]:
    """Let a role pass on what it holds, as it did: the list remembers who granted."""
    yield statement("set local role {}", grantee(catalog, role))
    yield given
    yield "set local role none"


def _bundled(grants: Iterable[Grant]) -> Mapping[tuple[int, int, bool, str], list[sql.Composable]]:
    # why: each column has an access list of its own, with an order of its own
    bundles: dict[tuple[int, int, bool, str], list[sql.Composable]] = {}
    for grant in grants:
        word = spelled(grant.privilege.lower())
        named = sql.SQL("{} ({})").format(word, identifier(grant.column)) if grant.column else word
        place = (grant.grantor, grant.grantee, grant.grantable, grant.column)
        bundles.setdefault(place, []).append(named)
    return bundles
