"""By which settings and claims the policies of a database learn who asks, read from their text.

Deparsed policies and function bodies are searched for ``current_setting('...')`` and JWT claim paths;
what a setting means is guessed here and confirmed by live probes in ``verify``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tenantry.catalog.model import Catalog, Routine

__all__ = ["claim_paths", "context_texts", "custom_settings", "routines_behind", "server_settings", "texts_behind"]

_NO_CONTEXT = frozenset({"role", "session_authorization", "application_name", "search_path", "timezone"})
_SETTING = re.compile(r"current_setting\(\s*'([^']+)'", re.IGNORECASE)
_CLAIM_STEP = re.compile(r"\s*(?:->>?|#>>?)\s*\(?'([^']+)'(?:::text)?\)?")
_CLAIM_ROOT = re.compile(
    r"(?:auth\.jwt\(\)(?: AS jwt)?\)?"
    r"|current_setting\('request\.jwt\.claims'[^)]*\)(?:[^)']{0,24}\))?(?:::jsonb?)?\)?)",
    re.IGNORECASE,
)


def custom_settings(catalog: Catalog) -> tuple[str, ...]:
    """Give the custom settings policies read, or, where there are no policies, any function reads."""
    names = {name for text in context_texts(catalog) for name in _SETTING.findall(text)}
    return tuple(sorted(name for name in names if "." in name))


def server_settings(catalog: Catalog) -> tuple[str, ...]:
    """Give the server's own settings that policies read: a context kept where only few roles may write it."""
    names = {name.lower() for text in context_texts(catalog) for name in _SETTING.findall(text)}
    return tuple(sorted(name for name in names if "." not in name and name not in _NO_CONTEXT))


def claim_paths(catalog: Catalog) -> tuple[tuple[str, ...], ...]:
    """Give the paths of JWT claims that policies read, such as ``('app_metadata', 'org_id')``."""
    return tuple(sorted({path for text in context_texts(catalog) for path in _paths(text)}))


def context_texts(catalog: Catalog) -> tuple[str, ...]:
    """Give every text that may read the context: policies, and the functions behind them.

    Without any policy, all functions: the team may have the context and not yet the fence.
    """
    texts = [text for oid in catalog.policies_of for text in texts_behind(catalog, oid)]
    if catalog.policies:
        return tuple(dict.fromkeys(texts))
    return tuple(routine.source for routine in catalog.routines.values() if not routine.extension)


def texts_behind(catalog: Catalog, oid: int) -> tuple[str, ...]:
    """Give the texts of a table's policies and of every function they reach."""
    policies = catalog.policies_of.get(oid, ())
    routines = routines_behind(catalog, (number for policy in policies for number in policy.routines))
    expressions = tuple(text for policy in policies for text in (policy.using, policy.check) if text)
    return (*expressions, *(routine.source for routine in routines))


def routines_behind(catalog: Catalog, oids: Iterable[int]) -> tuple[Routine, ...]:
    """Give the functions and those that their bodies name, transitively.

    Bodies are text to the server, so calls are found by name; that may name too many, never too few.
    """
    seen: dict[int, Routine] = {}
    ahead = [catalog.routines[oid] for oid in oids if oid in catalog.routines]
    while ahead:
        routine = ahead.pop()
        if routine.oid in seen or routine.extension:
            continue
        seen[routine.oid] = routine
        called = set(re.findall(r"\b(\w+)\s*\(", routine.source))
        ahead.extend(found for name in called for found in catalog.routines_named.get(name, ()))
    return tuple(seen.values())


def _paths(text: str) -> Iterable[tuple[str, ...]]:
    for root in _CLAIM_ROOT.finditer(text):
        steps: list[str] = []
        position = root.end()
        while step := _CLAIM_STEP.match(text, position):
            steps.extend(part for part in step.group(1).strip("{}").split(",") if part)
            position = step.end()
            while position < len(text) and text[position] == ")":
                position += 1
        if steps:
            yield tuple(steps)
