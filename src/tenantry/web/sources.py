"""Where does a request say for which tenant it is?

A claim of a verified token was said by the issuer. Everything else was said by the client, and is checked against the
list of members in the database. The first place that names a tenant counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tenantry.web.refusals import TenantNotFound, TenantUnnamed
from tenantry.web.request import Asked, plain
from tenantry.web.tokens import Verified

__all__ = ["Claim", "Header", "Path", "Source", "Subdomain", "is_believed", "named"]


def _same(name: str) -> str:
    return name


@dataclass(frozen=True)
class Claim:
    """The token's claim, whose name ``Tokens`` was given.

    Not believed, the members are asked as for all else: a token outlives no membership, and roles are the database's.
    """

    is_believed: bool = True


@dataclass(frozen=True)
class Header:
    """A header, such as X-Tenant; ``key`` gives the tenant's key for what it says, and "" for nobody."""

    name: str
    key: Callable[[str], str] = _same

    def said(self, asked: Asked) -> str:
        """Give what the request says."""
        return asked.header(self.name).strip()


@dataclass(frozen=True)
class Subdomain:
    """The one label before a domain in the Host header; ``key`` gives the tenant's key for it."""

    domain: str
    key: Callable[[str], str] = _same

    def said(self, asked: Asked) -> str:
        """Give what the request says."""
        host = asked.header("host").strip().lower().partition(":")[0].rstrip(".")
        label, _, domain = host.partition(".")
        return label if domain == self.domain.lower() else ""


@dataclass(frozen=True)
class Path:
    """A parameter of the path, such as {tenant}; ``key`` gives the tenant's key for it."""

    parameter: str
    key: Callable[[str], str] = _same

    def said(self, asked: Asked) -> str:
        """Give what the request says."""
        return str(asked.path.get(self.parameter, "")).strip()


Source = Claim | Header | Subdomain | Path


def is_believed(source: Source) -> bool:
    """Say whether a source is taken at its word."""
    return isinstance(source, Claim) and source.is_believed


def named(sources: Sequence[Source], asked: Asked, verified: Verified) -> tuple[str, bool]:
    """Give the tenant, and whether that is believed; raises ``TenantUnnamed`` where nobody did."""
    for source in sources:
        if isinstance(source, Claim):
            if verified.tenant:
                return verified.tenant, source.is_believed
        elif said := plain(source.said(asked)):
            if key := source.key(said):
                return key, False
            raise TenantNotFound
    raise TenantUnnamed
