"""What policies bind columns to: which columns hold the key of the one who asks, and which that of its tenant.

Read from deparsed policies and from the functions behind them; a name that nobody would guess is found here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tenantry.blueprint.context import routines_behind
from tenantry.blueprint.words import TENANT_WORDS, words_of
from tenantry.catalog.model import Catalog, Relation

__all__ = [
    "columns_bound_to_context",
    "columns_compared_with_tenant",
    "columns_holding_actor",
    "columns_holding_tenant",
]

_USUAL_CALLS = frozenset({"uid", "current_user_id", "get_user_id", "user_id"})
_READS_USER = re.compile(
    r"auth\.uid\(\)|'sub'|jwt\.claim\.sub|claims?\.(?:user_?id|sub)'|'\w+\.(?:current_)?user_?id'", re.IGNORECASE
)
_READS_TABLE = re.compile(r"\bfrom\b", re.IGNORECASE)
_JWT = r"(?:auth\.jwt\(\)|current_setting\('request\.jwt\.claims'[^)]*\))"
_COLUMN = r"(?:\"?(\w+)\"?\.)?\"?(\w+)\"?\)?(?:::[\w ]+)?"
_CLAIM = re.compile(
    rf"{_COLUMN} = \(*(?:SELECT )?\(*"
    rf"(?:{_JWT}[^=<>]{{0,60}}?->>? '(?!sub'|role'|email'|aud')|current_setting\('(?!request\.))",
    re.IGNORECASE,
)

_SURELY_TENANT = 60
_FROM_CONTEXT = re.compile(
    rf"{_COLUMN} (?:=|IN) \(*(?:SELECT )?\(*"
    rf"(?:current_setting\('([\w.]+)'|{_JWT}[^=<>]{{0,60}}?->>? '(\w+)'|(?:\w+\.)?(?!current_setting)(\w+)\()",
    re.IGNORECASE,
)


def columns_holding_tenant(catalog: Catalog) -> frozenset[str]:
    """Give the names of columns that policies compare with a function, claim or setting named after a tenant.

    A name that as many tables compare with the user who asks is a user's: what most tables say counts.
    """
    votes = Counter(name for _, name in columns_compared_with_tenant(catalog) if name.lower() not in ("id", "uuid"))
    users = Counter(name for _, name in columns_holding_actor(catalog))
    return frozenset(name for name, count in votes.items() if count > users[name])


def columns_compared_with_tenant(catalog: Catalog) -> frozenset[tuple[int, str]]:
    """Give the columns, as (table, name), that policies compare with something named after a tenant."""
    return frozenset(
        (policy.relation, name)
        for policy in catalog.policies
        for text in (policy.using, policy.check)
        for qualifier, name, *sources in _FROM_CONTEXT.findall(text)
        if not qualifier
        for source in sources
        if any(TENANT_WORDS.get(word, 0) >= _SURELY_TENANT for word in words_of(source))
    )


def columns_holding_actor(catalog: Catalog) -> frozenset[tuple[int, str]]:
    """Give the columns, as (table, name), that policies compare with the user who asks.

    What a foreign key refers to from such a column is the same user's key.
    """
    patterns = _patterns(_calls(catalog))
    found = {pair for own, text, tables in _texts(catalog) for pair in _compared(patterns, own, text, tables)}
    for _ in range(2):
        found |= {pair for oid in catalog.foreign_keys for pair in _referred(catalog, oid, found)}
    return frozenset(found)


def columns_bound_to_context(catalog: Catalog) -> Counter[str]:
    """Count for each column name the tables whose policies compare it with a claim or a setting."""
    names = {
        (policy.relation, name)
        for policy in catalog.policies
        for text in (policy.using, policy.check)
        for qualifier, name in _CLAIM.findall(text)
        if not qualifier
    }
    return Counter(name for _, name in names)


def _calls(catalog: Catalog) -> set[str]:
    """Give the functions without arguments that name the user who asks, without looking the user up."""
    return {"uid"} | {
        routine.name
        for routine in catalog.routines.values()
        if routine.input_count == 0
        and not routine.extension
        and (routine.name in _USUAL_CALLS or _READS_USER.search(routine.source))
        and not _READS_TABLE.search(routine.source)
        and routine.returns not in ("boolean", "trigger", "void")
    }


def _patterns(calls: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    call = rf"(?:\w+\.)?(?:{'|'.join(map(re.escape, sorted(calls)))})\(\)"
    claim = rf"{_JWT}[^=<>]{{0,40}}?->> 'sub'(?:::text)?"
    actor = rf"\(*(?:select )?\(*(?:{call}|{claim})\)*(?: as \w+)?\)*(?:::[\w ]+)?\)*"
    texts = (rf"{_COLUMN} = {actor}", rf"{actor} = \(?{_COLUMN}", rf"{actor} = any \({_COLUMN}")
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)


def _texts(catalog: Catalog) -> Iterator[tuple[Relation | None, str, list[Relation]]]:
    """Give each text with the table it speaks of, if one, and the tables it names."""
    for policy in catalog.policies:
        own = catalog.relations.get(policy.relation)
        named = [catalog.relations[oid] for oid in policy.relations if oid in catalog.relations]
        for text in (policy.using, policy.check):
            yield own, text, named
    by_name: dict[str, list[Relation]] = {}
    for table in catalog.tables:
        by_name.setdefault(table.name, []).append(table)
    for routine in routines_behind(catalog, (oid for policy in catalog.policies for oid in policy.routines)):
        words = set(re.findall(r"\w+", routine.source))
        yield None, " ".join(routine.source.split()), [table for word in words for table in by_name.get(word, ())]


def _compared(
    patterns: Iterable[re.Pattern[str]], own: Relation | None, text: str, named: list[Relation]
) -> Iterator[tuple[int, str]]:
    for pattern in patterns:
        for qualifier, name in pattern.findall(text):
            for table in _meant(own, text, named, qualifier):
                if name in table.by_column:
                    yield table.oid, name


def _meant(own: Relation | None, text: str, named: list[Relation], qualifier: str) -> list[Relation]:
    """Resolve a qualifier: none means the policy's own table, else a table's name or its alias."""
    if not qualifier:
        return [own] if own is not None else named[:1] if len(named) == 1 else []
    tables = [*([own] if own is not None else []), *named]
    direct = [table for table in tables if table.name == qualifier]
    if direct:
        return direct[:1]
    aliased = set(re.findall(rf"\b(\w+)\"? (?:as )?{re.escape(qualifier)}\b", text, re.IGNORECASE))
    return [table for table in tables if table.name in aliased][:1]


def _referred(catalog: Catalog, oid: int, found: set[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for key in catalog.foreign_keys.get(oid, ()):
        if len(key.columns) == 1 and (oid, key.columns[0]) in found and key.target in catalog.relations:
            yield key.target, key.target_columns[0]
