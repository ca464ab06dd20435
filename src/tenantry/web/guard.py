"""May this request do its work, and for whom? A guard answers, and is the only way from a request to the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from tenantry.blueprint.model import Blueprint
from tenantry.context.identity import Identity
from tenantry.session.loop import aside
from tenantry.session.refused import DatabaseRefused, ValueRefused
from tenantry.session.unit import Unit
from tenantry.tenancy import Tenancy
from tenantry.web.errors import Codes
from tenantry.web.refusals import GuardUnset, NotFound, RoleMissing, TenantNotFound
from tenantry.web.request import Asked, bearer
from tenantry.web.sources import Claim, Source, is_believed, named
from tenantry.web.tokens import Tokens, Verified

__all__ = ["Call", "Guard", "Guarded"]

Row = TypeVar("Row")
_NO_FUNCTION = "42883"
_ROLES = "select tenantry.member_roles()"
_CLAIM = (Claim(),)


@dataclass
class Call:
    """One request on its way: its id, and its unit of work while that is open."""

    request_id: str
    guarded: Guarded | None = None


@dataclass(frozen=True)
class Guarded:
    """What a request's work is given: a transaction of its tenant, and who asks."""

    tx: Unit
    identity: Identity
    request_id: str
    _call: Call = field(repr=False)
    _begin: Callable[[Identity], AbstractAsyncContextManager[Unit]] = field(repr=False)

    @property
    def tenant(self) -> str:
        """Give the tenant's key."""
        return self.identity.tenant

    @property
    def actor(self) -> str:
        """Say who asks."""
        return self.identity.actor

    @property
    def roles(self) -> tuple[str, ...]:
        """Give the actor's roles within the tenant."""
        return self.identity.roles

    @asynccontextmanager
    async def later(self) -> AsyncIterator[Unit]:
        """Give a transaction of its own to what goes on after the answer has begun: streams, background tasks."""
        if self._call.guarded is not None:
            raise GuardUnset("The request's own transaction is still open: use that, never a second connection.")
        async with self._begin(self.identity) as unit:
            yield unit

    @staticmethod
    def found(row: Row | None) -> Row:
        """Give a row; raises ``NotFound`` for none, so that another tenant's object is none at all."""
        if row is None:
            raise NotFound
        return row


class Guard:
    """Finds out who asks and for which tenant, and opens that tenant's transaction.

    ``tenant`` says where a request names its tenant, in the order in which the places count.
    """

    def __init__(
        self, tenancy: Tenancy, tokens: Tokens, *, tenant: Sequence[Source] = _CLAIM, codes: Codes | None = None
    ) -> None:
        self._tenancy, self._tokens, self._sources = tenancy, tokens, tuple(tenant)
        self.codes = codes or Codes()
        if not self._sources:
            raise GuardUnset("The guard is told no place where requests name their tenant.")
        if not tenancy.blueprint.membership.table and not all(map(is_believed, self._sources)):
            raise GuardUnset("What a client says is checked against the members: name their table under [membership].")

    @property
    def blueprint(self) -> Blueprint:
        """Give what the application declares."""
        return self._tenancy.blueprint

    @asynccontextmanager
    async def unit(self, call: Call, asked: Asked, roles: tuple[str, ...] = ()) -> AsyncIterator[Guarded]:
        """Give a request its unit of work, to an actor with one of the roles; committed when the block ends.

        Asked again within the same request, it gives the same unit, after looking at the roles.
        """
        if call.guarded is not None:
            _demand(call.guarded.identity, roles)
            yield call.guarded
            return
        identity = await self.identity(asked)
        _demand(identity, roles)
        try:
            async with self._begun(identity) as unit:
                call.guarded = Guarded(unit, identity, call.request_id, call, self._begun)
                yield call.guarded
        finally:
            call.guarded = None

    async def identity(self, asked: Asked) -> Identity:
        """Say for whom a request is, by its token and, for whatever the client said, by the members' list."""
        verified = await self._verified(bearer(asked))
        tenant, is_certain = named(self._sources, asked, verified)
        if is_certain:
            return Identity.of(tenant, actor=verified.actor, role=verified.roles)
        return Identity.of(tenant, actor=verified.actor, role=await self._member_roles(tenant, verified.actor))

    async def _verified(self, token: str) -> Verified:
        if self._tokens.is_ready(token):
            return self._tokens.verified(token)
        return await aside(partial(self._tokens.verified, token))

    async def _member_roles(self, tenant: str, actor: str) -> tuple[str, ...]:
        """Ask the database, in a transaction that is over before the work's own begins: never two connections."""
        row: tuple[list[str] | None] | None = None
        try:
            async with self._tenancy.acting_for(tenant, actor=actor, read_only=True) as unit:
                row = await (await unit.execute(_ROLES)).fetchone()
        except DatabaseRefused as refusal:
            if refusal.sqlstate == _NO_FUNCTION:
                raise GuardUnset("The database cannot tell who is a member yet: run tenantry apply.") from None
            raise
        except ValueRefused:
            # why: a key that no tenant can have, such as text where keys are uuids
            raise TenantNotFound from None
        if row is None or row[0] is None:
            raise TenantNotFound
        return tuple(role for role in row[0] if role and "," not in role)

    def _begun(self, identity: Identity) -> AbstractAsyncContextManager[Unit]:
        return self._tenancy.acting_for(identity.tenant, actor=identity.actor, role=identity.roles)


def _demand(identity: Identity, roles: tuple[str, ...]) -> None:
    if roles and not set(roles) & set(identity.roles):
        raise RoleMissing
