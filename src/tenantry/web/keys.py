"""Which keys are tokens checked with, and when are they read again?"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, OctKey

from tenantry.web.refusals import GuardUnset, KeysUnavailable

__all__ = ["Jwks", "Keys", "Secret"]

_LOG = logging.getLogger("tenantry")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SHORTEST_SECRET_BYTES = 32  # RFC 7518, 3.2: as long as the hash
_LARGEST_BYTES = 1_000_000
_WAIT_S = 5.0


class Keys(Protocol):
    """Where keys come from."""

    def is_ready(self, kid: str) -> bool:
        """Say whether ``named`` answers without reading anything."""
        ...

    def named(self, kid: str) -> tuple[Key, ...]:
        """Give the keys that a token may mean; all of them where it names none."""
        ...


class Secret:
    """One secret that issuer and application share, for HS256."""

    def __init__(self, secret: bytes, *, kid: str = "") -> None:
        if len(secret) < _SHORTEST_SECRET_BYTES:
            raise GuardUnset(f"The secret for HS256 has fewer than {_SHORTEST_SECRET_BYTES} bytes.")
        self._kid = kid
        self._key = OctKey.import_key(secret)

    def is_ready(self, kid: str) -> bool:  # noqa: ARG002 - the protocol's
        """Say yes: nothing has to be read."""
        return True

    def named(self, kid: str) -> tuple[Key, ...]:
        """Give the secret, to tokens that name it or where it has no name."""
        return (self._key,) if not self._kid or kid in ("", self._kid) else ()


class Jwks:
    """A set of keys (RFC 7517), read again when it is old, or when a token names a key that is not in it.

    What cannot be read anew is kept: keys do not go bad because their issuer is down.
    """

    def __init__(
        self,
        read: Callable[[], bytes],
        *,
        fresh_s: float = 300.0,
        again_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._fresh_s, self._again_s, self._clock = read, fresh_s, again_s, clock
        self._keys: tuple[Key, ...] = ()
        self._due_s = self._again_at_s = float("-inf")
        self._lock = threading.Lock()

    @classmethod
    def file(cls, path: str | Path, **options: Any) -> Jwks:
        """Read them from a file."""
        return cls(Path(path).read_bytes, **options)

    @classmethod
    def url(cls, url: str, **options: Any) -> Jwks:
        """Fetch them, over TLS or from this machine."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise GuardUnset("The keys' URL begins with https://, so that nobody on the way can give others.")
        return cls(lambda: _fetched(url), **options)

    def is_ready(self, kid: str) -> bool:
        """Say whether ``named`` answers without reading anything."""
        return self._clock() < (self._due_s if self._of(kid) else self._again_at_s)

    def named(self, kid: str) -> tuple[Key, ...]:
        """Give the keys that a token may mean; raises ``KeysUnavailable`` where none were ever read."""
        if not self.is_ready(kid):
            with self._lock:
                # why again: another thread may have read them while this one waited
                if not self.is_ready(kid):
                    self._renew()
        if not self._keys:
            raise KeysUnavailable
        return self._of(kid)

    def _of(self, kid: str) -> tuple[Key, ...]:
        return tuple(key for key in self._keys if not kid or _kid(key) == kid)

    def _renew(self) -> None:
        # why before: whoever knows a key goes on with it meanwhile, and who knows none waits
        self._due_s = self._clock() + self._again_s
        try:
            self._keys = _parsed(self._read())
            self._due_s = self._clock() + self._fresh_s
        except (OSError, ValueError, JoseError) as error:
            _LOG.warning("the keys of tokens cannot be read (%s); those known are kept", type(error).__name__)
        self._again_at_s = self._clock() + self._again_s


def _parsed(text: bytes) -> tuple[Key, ...]:
    if len(text) > _LARGEST_BYTES:
        raise ValueError("too large")
    said = json.loads(text)
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no keys")  # noqa: TRY004 - of a text, not of an argument
    return tuple(filter(None, map(_key, listed)))


def _key(said: object) -> Key | None:
    """Give a key, and nothing of one that cannot be understood (RFC 7517, 5)."""
    if not isinstance(said, dict) or said.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(said)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _kid(key: Key) -> str:
    return str(key.get("kid") or "")


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        """Follow nothing: another address would be one that nobody named."""


def _fetched(url: str) -> bytes:
    request = Request(url, headers={"accept": "application/json"})  # noqa: S310 - the scheme was examined
    with build_opener(_Stay).open(request, timeout=_WAIT_S) as response:
        return bytes(response.read(_LARGEST_BYTES + 1))
