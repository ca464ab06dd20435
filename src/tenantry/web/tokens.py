"""Whose token is this, and is it one to believe? (RFC 7519, and RFC 8725 on what goes wrong)"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from tenantry.web.keys import Keys
from tenantry.web.refusals import GuardUnset, TokenExpired, TokenRefused

__all__ = ["ALGORITHMS", "Tokens", "Verified"]

# Each algorithm takes keys of one kind, so that a public key can never serve as a shared secret.
ALGORITHMS = {"HS256": "oct", "RS256": "RSA", "EdDSA": "OKP"}
_CURVE = "Ed25519"
_LONGEST_TOKEN = 8000
_LONGEST_KEY_BYTES = 200
_MOST_ROLES, _LONGEST_ROLES_BYTES = 32, 400


@dataclass(frozen=True)
class Verified:
    """What a believed token says."""

    actor: str
    tenant: str = ""
    roles: tuple[str, ...] = ()


class _Algorithms(JWSRegistry):
    """The algorithms that were allowed, by their names."""

    def get_alg(self, name: str) -> Any:
        """Give an allowed algorithm."""
        # why not the inherited: it warns of the name EdDSA at each token, and issuers still write it
        if name not in (self.allowed or ()):
            raise TokenRefused
        return self.algorithms[name]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Checks tokens. ``audience`` and ``issuer`` are what a token must say; None believes any, and is for a reason.

    ``actor``, ``tenant`` and ``roles`` are names of claims, or paths with dots to them.
    """

    keys: Keys
    audience: str | None
    issuer: str | None
    algorithms: tuple[str, ...]
    skew_s: int = 30
    actor: str = "sub"
    tenant: str = "tenant"
    roles: str = "roles"
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        unknown = [name for name in self.algorithms if name not in ALGORITHMS]
        if unknown or not self.algorithms:
            raise GuardUnset(f"Tokens() knows the algorithms {', '.join(ALGORITHMS)}, and needs one of them.")

    def is_ready(self, token: str) -> bool:
        """Say whether the keys for a token are at hand."""
        return self.keys.is_ready(_kid(self._header(token)))

    def verified(self, token: str) -> Verified:
        """Give what a token says; raises ``TokenRefused``, ``TokenExpired`` or ``KeysUnavailable``."""
        header = self._header(token)
        algorithm = header["alg"]
        keys = [key for key in self.keys.named(_kid(header)) if _fits(key, algorithm)]
        # why not more than one: a token that does not say which key it means must leave no choice
        if len(keys) != 1:
            raise TokenRefused
        return self._said(self._claims(token, keys[0], algorithm))

    def _header(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
            raise TokenRefused
        header = _decoded(token.partition(".")[0])
        if header.get("alg") not in self.algorithms or "crit" in header:
            raise TokenRefused
        return header

    def _claims(self, token: str, key: Key, algorithm: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(
                token, key, registry=_Algorithms(algorithms=[algorithm], strict_check_header=False)
            ).claims
            self._demands().validate(claims)
        except ExpiredTokenError:
            raise TokenExpired from None
        except (JoseError, ValueError, TypeError, RecursionError):
            raise TokenRefused from None
        return claims

    def _demands(self) -> JWTClaimsRegistry:
        options: dict[str, ClaimsOption] = {"exp": {"essential": True}}
        for name, value in (("aud", self.audience), ("iss", self.issuer)):
            if value is not None:
                options[name] = {"essential": True, "value": value}
        return JWTClaimsRegistry(now=lambda: int(self.clock()), leeway=self.skew_s, **options)

    def _said(self, claims: dict[str, Any]) -> Verified:
        actor = _text(_at(claims, self.actor))
        if not actor:
            raise TokenRefused
        return Verified(actor, _text(_at(claims, self.tenant)), _roles(_at(claims, self.roles)))


def _fits(key: Key, algorithm: str) -> bool:
    if key.key_type != ALGORITHMS[algorithm] or key.get("alg") not in (None, algorithm):
        return False
    return key.key_type != "OKP" or key.get("crv") == _CURVE


def _decoded(part: str) -> dict[str, Any]:
    try:
        said = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise TokenRefused from None
    if not isinstance(said, dict):
        raise TokenRefused
    return said


def _kid(header: dict[str, Any]) -> str:
    kid = header.get("kid", "")
    if not isinstance(kid, str):
        raise TokenRefused
    return kid


def _at(claims: dict[str, Any], name: str) -> object:
    """Give a claim by its name, which may hold dots itself, or by a path."""
    if name in claims:
        return claims[name]
    held: object = claims
    for step in name.split("."):
        held = held.get(step) if isinstance(held, dict) else None
    return held


def _text(value: object) -> str:
    """Give a key as text; a token that says it in another form is refused rather than understood in part."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TokenRefused
    text = str(value)
    if not text.isprintable() or text != text.strip() or len(text.encode()) > _LONGEST_KEY_BYTES:
        raise TokenRefused
    return text


def _roles(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [] if value in (None, "") else [value]
    roles = tuple(map(_role, listed))
    if len(roles) > _MOST_ROLES or len(",".join(roles).encode()) > _LONGEST_ROLES_BYTES:
        raise TokenRefused
    return roles


def _role(value: object) -> str:
    # why no comma: the context joins roles with it, so one role would become two
    role = _text(value) if isinstance(value, str) else ""
    if not role or "," in role:
        raise TokenRefused
    return role
