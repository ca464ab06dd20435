"""What a guard looks at in a request, whatever framework it came through."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from tenantry.web.refusals import RequestMalformed, TokenMissing, TokenRefused

__all__ = ["REQUEST_ID", "Asked", "bearer", "request_id_of"]

REQUEST_ID = "x-request-id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """A request's headers, their names in small letters, and the parameters of its path."""

    headers: tuple[tuple[str, str], ...] = ()
    path: Mapping[str, object] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """Give a header; raises ``RequestMalformed`` where it is there twice: readers would differ."""
        found = [value for key, value in self.headers if key == name.lower()]
        if len(found) > 1:
            raise RequestMalformed
        return found[0] if found else ""


def bearer(asked: Asked) -> str:
    """Give the token of a request."""
    scheme, _, token = asked.header("authorization").partition(" ")
    if not scheme:
        raise TokenMissing
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRefused
    return token.strip()


def request_id_of(said: str) -> str:
    """Give the request's id: what was sent, where it can stand in a log line, else a new one."""
    return said if _ID.fullmatch(said) else uuid.uuid4().hex


def plain(value: str) -> str:
    """Give a tenant's name as a request says it; raises ``RequestMalformed`` for what no tenant is named."""
    if not value.isprintable() or len(value.encode(errors="replace")) > _LONGEST:
        raise RequestMalformed
    return value
