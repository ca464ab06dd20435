"""For whom is work done, and how does code far from the request know?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tenantry.session.refused import TenantMissing

__all__ = ["Identity", "acting_as", "current_identity"]


@dataclass(frozen=True)
class Identity:
    """A tenant, and who acts for it, in which roles."""

    tenant: str
    actor: str = ""
    roles: tuple[str, ...] = ()
    scope: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.tenant, str) or not self.tenant.strip():
            raise TenantMissing

    @classmethod
    def of(cls, tenant: object, *, actor: object = "", role: str | tuple[str, ...] = ()) -> Identity:
        """Give an identity of keys as an application has them: text, numbers, UUIDs; None is nobody."""
        roles = (role,) if isinstance(role, str) and role else tuple(role)
        return cls("" if tenant is None else str(tenant), "" if actor is None else str(actor), roles)


_ambient: ContextVar[Identity | None] = ContextVar("tenantry_identity", default=None)


@contextmanager
def acting_as(identity: Identity) -> Iterator[Identity]:
    """Let everything within, also tasks it starts, be done for an identity."""
    before = _ambient.set(identity)
    try:
        yield identity
    finally:
        _ambient.reset(before)


def current_identity() -> Identity | None:
    """Give the identity that work is done for here, if any."""
    return _ambient.get()
