"""How an access list is told as statements that put it back, in the server's own order.

The order matters: a dump prints grants in the order of the list, and a way back is to lead to the same dump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from psycopg import sql

from tenantry.catalog.model import PUBLIC, Catalog, Grant
from tenantry.plan.model import Entry
from tenantry.sql.name import identifier, quoted, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["accesses", "as_role", "given_back", "grantee"]


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
        yield from (given,) if grantor in (0, owner) else as_role(catalog, grantor, given)


def grantee(catalog: Catalog, oid: int) -> sql.Composable:
    """Give a role as statements name it; 0 is everyone."""
    return sql.SQL("public") if oid == PUBLIC else identifier(catalog.roles[oid].name)


def as_role(catalog: Catalog, role: int, *texts: str) -> Iterator[str]:
    """Let a role pass on what it holds, or take that back: the list remembers who granted, and heeds nobody else."""
    yield statement("set local role {}", grantee(catalog, role))
    yield from texts
    yield "set local role none"


def given_back(catalog: Catalog, entry: Entry, asked: tuple[str, ...], standing: tuple[str, ...]) -> Iterator[str]:
    """Grant again what stood before, where something was taken that nobody asks to be taken any more.

    It comes ahead of what is asked, which takes again what is still to be taken. What one role had passed on to
    another is not granted again, nor anything to a role that is gone.
    """
    if not any(text.startswith("revoke ") and text not in asked for text in entry.asked_text):
        return
    ends = tuple(
        f" to {name}{option}"
        for name in ("public", *(quoted(role.name) for role in catalog.roles.values()))
        for option in ("", " with grant option")
    )
    is_own = True
    for text in entry.before:
        if text.startswith("set local role "):
            is_own = text == "set local role none"
        elif is_own and text.startswith("grant ") and text.endswith(ends) and text not in standing:
            yield text


def _bundled(grants: Iterable[Grant]) -> Mapping[tuple[int, int, bool, str], list[sql.Composable]]:
    # why: each column has an access list of its own, with an order of its own
    bundles: dict[tuple[int, int, bool, str], list[sql.Composable]] = {}
    for grant in grants:
        word = spelled(grant.privilege.lower())
        named = sql.SQL("{} ({})").format(word, identifier(grant.column)) if grant.column else word
        place = (grant.grantor, grant.grantee, grant.grantable, grant.column)
        bundles.setdefault(place, []).append(named)
    return bundles
