"""How an application proves to the database for whom a transaction is: a signed token that lives for seconds.

    v1.<key id>.<expires>.<backend pid or 0>.<tenant>,<actor>,<roles>,<scope>,<context id>.<mac>

``expires`` is in seconds of the epoch. Texts are the hex digits of their UTF-8 bytes, roles are joined by commas. The
tenant is ``x<hex>x``, or in forms that the database reads without decoding: ``u<32 digits>u`` where its text is a uuid,
``n<digits>n`` where it is a whole number, with ``m`` for minus; so each text has one form, and it is the form that the
server's own texts have (lower case, no leading zeros). The mac is HMAC-SHA-256 (RFC 2104) of all before it.

Send a token as a bind parameter, never as a literal: literals are logged, and shown to other sessions of the same role
in pg_stat_activity.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from tenantry.errors import TenantryError

__all__ = ["CROSSING", "Claims", "Minter", "TokenInvalid", "read"]

CROSSING = "crossing"  # the word of a scope by which background work may cross tenants, where a table allows it
LONGEST_BYTES = 4096
SHORTEST_SECRET_BYTES = 32
_KEY_ID = re.compile(r"[a-z0-9_-]{1,32}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_TEXT = r"((?:[0-9a-f]{2})*)"
_TENANT = r"(u[0-9a-f]{32}u|nm?[0-9]{1,19}n|x(?:[0-9a-f]{2})+x|)"
_TOKEN = re.compile(
    r"(v1\.([a-z0-9_-]{1,32})\.([0-9]{1,12})\.([0-9]{1,9})"
    rf"\.{_TENANT},{_TEXT},{_TEXT},{_TEXT},([0-9a-f]{{32}}))\.([0-9a-f]{{64}})"
)


class TokenInvalid(TenantryError):
    """A context token cannot be made of this, or is none."""

    code = "TN202"
    way_out = "Nothing was opened. Mend the named value, or mint a new token."


@dataclass(frozen=True)
class Claims:
    """What a token says: for which tenant, by whom, with which roles and scope, until when and on which connection."""

    tenant: str
    actor: str = ""
    roles: tuple[str, ...] = ()
    scope: str = ""
    expires_s: int = 0
    backend_pid: int = 0
    context_id: str = ""


@dataclass(frozen=True)
class Minter:
    """Mints tokens with one key; ``longest_s`` is what the database lets this key's tokens live."""

    key_id: str
    secret: bytes = field(repr=False)
    longest_s: int = 60
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.key_id):
            raise TokenInvalid("The id of a key has 1 to 32 lower-case letters, digits, _ and -.")
        if len(self.secret) < SHORTEST_SECRET_BYTES:
            raise TokenInvalid(f"The secret of a key must have {SHORTEST_SECRET_BYTES} bytes or more.")

    def mint(
        self,
        tenant: str,
        *,
        actor: str = "",
        roles: tuple[str, ...] = (),
        scope: str = "",
        ttl_s: int = 30,
        backend_pid: int = 0,
    ) -> str:
        """Give a token for one transaction; raises ``TokenInvalid`` for what no token can hold."""
        if not 1 <= ttl_s <= self.longest_s:
            raise TokenInvalid(f"ttl_s must be from 1 to {self.longest_s}.")
        if not 0 <= backend_pid < 10**9:
            raise TokenInvalid("A backend's pid has at most nine digits; 0 means any.")
        if CROSSING in scope.split(" ") and not actor:
            raise TokenInvalid("A scope that crosses tenants needs an actor, so that it is known who did.")
        texts = (_tenant(tenant), _hex(actor, "actor"), _hex(_joined(roles), "role"), _hex(scope, "scope"))
        said = ",".join((*texts, secrets.token_hex(16)))
        payload = ".".join(("v1", self.key_id, str(int(self.clock()) + ttl_s), str(backend_pid), said))
        token = f"{payload}.{_mac(self.secret, payload)}"
        if len(token) > LONGEST_BYTES:
            raise TokenInvalid("The context is too long for a token.")
        return token


def read(token: str, secret: bytes, *, now_s: float | None = None) -> Claims:
    """Give what a token says, once its mac and its expiry are proved; raises ``TokenInvalid`` otherwise."""
    found = _TOKEN.fullmatch(token) if len(token) <= LONGEST_BYTES else None
    if found is None or not hmac.compare_digest(_mac(secret, found[1]), found[10]):
        raise TokenInvalid("The token was changed, or is signed with another key.")
    expires_s = int(found[3])
    if expires_s <= (time.time() if now_s is None else now_s):
        raise TokenInvalid("The token has expired.")
    actor, roles, scope = (bytes.fromhex(found[place]).decode() for place in range(6, 9))
    named = tuple(filter(None, roles.split(",")))
    return Claims(_read_tenant(found[5]), actor, named, scope, expires_s, int(found[4]), found[9])


def _tenant(text: str) -> str:
    if _UUID.fullmatch(text):
        return f"u{text.replace('-', '')}u"
    if _NUMBER.fullmatch(text):
        return f"n{text.replace('-', 'm')}n"
    return f"x{_hex(text, 'tenant')}x" if text else ""


def _read_tenant(form: str) -> str:
    kind, inner = form[:1], form[1:-1]
    if kind == "u":
        return str(uuid.UUID(inner))
    return inner.replace("m", "-") if kind == "n" else bytes.fromhex(inner).decode()


def _mac(secret: bytes, payload: str) -> str:
    return hmac.digest(secret, payload.encode(), "sha256").hex()


def _joined(roles: tuple[str, ...]) -> str:
    if any(not role or "," in role for role in roles):
        raise TokenInvalid("A role must be text without a comma.")
    return ",".join(roles)


def _hex(text: str, what: str) -> str:
    if "\0" in text:
        raise TokenInvalid(f"The {what} holds a NUL character, which PostgreSQL has not.")
    try:
        return text.encode().hex()
    except UnicodeEncodeError:
        raise TokenInvalid(f"The {what} is no text in UTF-8.") from None
