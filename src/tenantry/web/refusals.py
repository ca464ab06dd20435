"""What a request is refused for before any of its work is done, and what an application may say for itself."""

from __future__ import annotations

from dataclasses import dataclass

from tenantry.session.refused import Refusal

__all__ = [
    "Code",
    "CodeRefused",
    "GuardUnset",
    "KeysUnavailable",
    "NotFound",
    "RequestMalformed",
    "RoleMissing",
    "TenantNotFound",
    "TenantUnnamed",
    "TokenExpired",
    "TokenMissing",
    "TokenRefused",
]


class TokenMissing(Refusal):
    """The request carries no token."""

    code = "TN330"
    way_out = "Send one: Authorization: Bearer <token>."
    name = "token_missing"
    status = 401


class TokenRefused(Refusal):
    """The token is not one that this application believes."""

    code = "TN331"
    way_out = "Compare algorithm, key, issuer and audience of the token with what Tokens() was given."
    name = "token_invalid"
    status = 401


class TokenExpired(Refusal):
    """The token has expired."""

    code = "TN332"
    way_out = "Sign in again, or renew the token. If it is new, compare the clocks of both machines."
    name = "token_expired"
    status = 401


class KeysUnavailable(Refusal):
    """The keys that tokens are checked with cannot be read."""

    code = "TN333"
    retryable = True
    way_out = "Look whether the JWKS file or URL answers; the log says what went wrong."
    name = "keys_unavailable"
    status = 503


class TenantUnnamed(Refusal):
    """The request does not say for which tenant it is."""

    code = "TN334"
    way_out = "Name the tenant in one of the places that the guard looks at."
    name = "tenant_unnamed"
    status = 400


class TenantNotFound(Refusal):
    """There is no such tenant, or the actor is no member of it: the answer is the same."""

    code = "TN335"
    way_out = "Name a tenant that the actor belongs to."
    name = "tenant_not_found"
    status = 404


class RoleMissing(Refusal):
    """The actor has none of the roles that this needs."""

    code = "TN336"
    way_out = "Give the actor a role that may do this."
    name = "role_missing"
    status = 403


class RequestMalformed(Refusal):
    """The request says something in a form that cannot be read, or says it twice."""

    code = "TN337"
    way_out = "Send each header once, and names and keys as plain text."
    name = "request_malformed"
    status = 400


class GuardUnset(Refusal):
    """The guard is not set up in a way that can be kept."""

    code = "TN338"
    way_out = "Nobody is served. Do what the message says."
    name = "guard_unset"


class NotFound(Refusal):
    """There is no such object among those that the actor may see."""

    code = "TN339"
    way_out = "Nothing was changed. What belongs to another tenant is answered in the same way."
    name = "not_found"
    status = 404


@dataclass(frozen=True)
class Code:
    """A refusal of the application's own: what clients are told, and with which status."""

    code: str
    status: int = 409
    message: str = ""

    def __post_init__(self) -> None:
        if not self.code.strip() or not 400 <= self.status <= 599:
            raise GuardUnset(f"The code {self.code!r} with the status {self.status} is no refusal.")


class CodeRefused(Refusal):
    """The application refused."""

    code = "TN340"
    way_out = "Nothing was changed. The application says more with its own code."
    name = "application_refused"
    status = 409

    def __init__(self, said: Code | None = None) -> None:
        super().__init__(said.message if said else "")
        self.said = said or Code(self.name, self.status)
