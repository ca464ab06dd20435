"""How a URL is shown to people: without its password, also where somebody else quotes the URL."""

from __future__ import annotations

import re
from urllib.parse import unquote

__all__ = ["blotted", "without_password"]

_BLOT = "***"
# why: up to the last @, because a password that was not percent-encoded may hold @ and / itself
_CREDENTIALS = re.compile(r"^(\w*:?/*[^:/@]*):(?!/)(.*)@", re.DOTALL)
_NO_PORT = re.compile(r"^(\w*:/+[^:/@]*):(?!\d*(?:[/?,]|$))([^/@]*)")
_KEYWORD = re.compile(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'?|[^\s&]+)", re.IGNORECASE)
_SHORTEST_PART = 2


def without_password(url: str) -> str:
    """Give the URL or connection string with its password, if any, blotted out, however malformed it is."""
    hidden = _CREDENTIALS.sub(rf"\1:{_BLOT}@", url)
    hidden = _NO_PORT.sub(lambda found: f"{found[1]}:{_BLOT}", hidden)
    return _KEYWORD.sub(rf"\1{_BLOT}", hidden)


def blotted(text: str, url: str) -> str:
    """Give somebody else's words about the URL without its password, or any part of it they may quote."""
    text = text.replace(url, without_password(url)) if url else text
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = text.replace(secret, _BLOT)
    return text


def _secrets(url: str) -> set[str]:
    found = [match[2] for pattern in (_CREDENTIALS, _NO_PORT, _KEYWORD) for match in pattern.finditer(url)]
    parts = {part for secret in found for part in (secret, *re.split(r"[@/:?#&=\s']+", secret))}
    return {each for part in parts for each in (part, unquote(part)) if len(each) >= _SHORTEST_PART} - {_BLOT}
