"""What the runtime reads from its environment and blueprint: where the database is, and how a context is opened.

Read are DATABASE_URL (or TENANTRY_DSN, which wins), the key's variables, and TENANTRY_BLUEPRINT (else ./tenantry.toml).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tenantry.blueprint.load import load
from tenantry.blueprint.model import Blueprint
from tenantry.context.key import minter_from
from tenantry.context.model import Profile, Source
from tenantry.context.opening import Opener, PlainOpener, TokenOpener
from tenantry.context.token import Minter
from tenantry.session.refused import TenancyUnset

__all__ = ["blueprint_from", "dsn_from", "opener_of"]

DSN, DATABASE_URL, BLUEPRINT = "TENANTRY_DSN", "DATABASE_URL", "TENANTRY_BLUEPRINT"
_BESIDE = Path("tenantry.toml")


def dsn_from(environment: Mapping[str, str]) -> str:
    """Give the connection string; raises ``TenancyUnset`` where there is none, which libpq would take for localhost."""
    found = environment.get(DSN) or environment.get(DATABASE_URL) or ""
    if not found.strip():
        raise TenancyUnset(f"No database is named: neither {DSN} nor {DATABASE_URL} is set.")
    return found


def blueprint_from(environment: Mapping[str, str]) -> Blueprint:
    """Give the blueprint that is named or lies in the current directory; without one, that of all defaults."""
    named = environment.get(BLUEPRINT)
    if named:
        return load(Path(named))
    return load(_BESIDE) if _BESIDE.is_file() else Blueprint()


def opener_of(blueprint: Blueprint, minter: Minter | None, environment: Mapping[str, str]) -> Opener:
    """Give what opens contexts under the blueprint's profile; a profile with tokens needs a key."""
    said = blueprint.context
    if Profile(said.profile) is not Profile.PLAIN:
        return TokenOpener(minter or minter_from(environment))
    tenant = Source.said(said.tenant)
    if tenant is None:
        raise TenancyUnset("The plain profile needs [context] tenant: which setting names the tenant.")
    return PlainOpener(tenant, Source.said(said.actor))
