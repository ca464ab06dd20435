"""What does a statement set off, through policies, triggers, expressions and functions, and does a rollback undo it?

Each relation and function is a node. A node has a reason of its own where its text tells of an effect outside the
transaction, and leads to the nodes that it runs. What the server's catalog records (expressions, operators, casts,
types) is followed by identity, bodies of functions by the names in them: that may name too many, not too few.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property, lru_cache

from tenantry.catalog.model import Catalog, Relation, Routine, Rule
from tenantry.verify.effects import Occasion, effect, plain

__all__ = ["Chain", "Firing", "chain_of", "reaches_outside"]


class Firing(StrEnum):
    """When something is fired: a read, a write, or the building of a row with triggers held still."""

    READ = "read"
    WRITE = "write"
    BUILD = "build"


_ROUTINE, _ROW = "routine", "row"  # a function's run; a row that comes into this very table, whatever the way
_Node = tuple[str, int]
_PARTS = {"read": Firing.READ, "policy": Firing.READ, "write": _ROW, "routine": _ROUTINE}
_CALLED = re.compile(r"\b(\w+)\s*\(")
_WRITTEN = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy)\s+(?:only\s+)?(?:\w+\.)*(\w+)",
    re.IGNORECASE,
)
# Settings of a function that make its body somebody else's, or the server another one.
_HARMFUL_SETTINGS = ("role", "session_authorization", "session_replication_role")
_TRANSACTIONAL_WRAPPERS = ("postgres_fdw",)  # its remote transaction is rolled back with ours (F.38.4)


# why: sabotage makes one snapshot after the other, and comes back to the first
@lru_cache(maxsize=2)
def chain_of(catalog: Catalog) -> Chain:
    """Give the chain of a snapshot; it is worked out once."""
    return Chain(catalog)


class Chain:
    """What leads where in one snapshot."""

    def __init__(self, catalog: Catalog) -> None:
        self._routines = catalog.routines
        self._reader = _Reader(catalog)

    def fired(self, relation: Relation, firing: Firing) -> str:
        """Say what a statement on the relation would fire that no rollback undoes; empty when nothing tells so."""
        return self._fired.get((firing, relation.oid), "")

    def called(self, routine: Routine) -> str:
        """Say why calling the function may leave something behind; empty when nothing tells so."""
        return self._called.get(routine.oid, "")

    def set_off(self, routine: Routine) -> str:
        """Say what the function would fire that no rollback undoes, as ``fired`` does."""
        return self._fired.get((_ROUTINE, routine.oid), "")

    @cached_property
    def _fired(self) -> Mapping[_Node, str]:
        return _spread(self._reader.own_reasons(), self._reader.links)

    @cached_property
    def _called(self) -> Mapping[int, str]:
        own = {routine.oid: reason for routine in self._routines.values() if (reason := reaches_outside(routine))}
        told = {(_ROUTINE, oid): f"calls {self._routines[oid].title}, which {reason}" for oid, reason in own.items()
                if not self._routines[oid].extension}  # fmt: skip
        links = {node: ahead for node, ahead in self._reader.links.items() if node[0] == _ROUTINE}
        behind = {oid: reason for (_, oid), reason in _spread(told, links).items()}
        further = {oid: f"sets off more: {reason}" for (kind, oid), reason in self._fired.items() if kind == _ROUTINE}
        return {**further, **behind, **own}


def reaches_outside(routine: Routine) -> str:
    """Say what the function's own text, language or extension tells of a call."""
    if routine.extension:
        return f"belongs to the extension {routine.extension}"
    if routine.language in ("internal", "c"):
        return f"is written in {routine.language}: its text tells nothing"
    return _untrusted(routine) or _told_by_text(routine, Occasion.CALLED)


def _fired_itself(routine: Routine) -> str:
    """Say what it tells where the function is fired; of C functions only an extension's are taken for known."""
    if routine.language == "c" and not routine.extension:
        return _told_by_text(routine, Occasion.FIRED) or "is written in c: its text tells nothing"
    return _untrusted(routine) or _told_by_text(routine, Occasion.FIRED)


def _untrusted(routine: Routine) -> str:
    is_code = routine.is_trusted or routine.language in ("internal", "c")
    return "" if is_code else f"is written in the untrusted language {routine.language}"


def _told_by_text(routine: Routine, occasion: Occasion) -> str:
    text = routine.source
    if routine.language in ("internal", "c"):
        text = f"{routine.schema}.{routine.name}({routine.source}("
    settings = (setting.partition("=") for setting in routine.settings)
    changed = [f"; set {name} to '{value}'" for name, _, value in settings if name in _HARMFUL_SETTINGS]
    return effect("".join([text, *changed]), occasion)


def _spread(own: Mapping[_Node, str], links: Mapping[_Node, Iterable[_Node]]) -> dict[_Node, str]:
    """Give every node that has a reason or leads to one that has, with the reason."""
    back: dict[_Node, list[_Node]] = defaultdict(list)
    for node, following in links.items():
        for one in following:
            back[one].append(node)
    reasons = dict(own)
    ahead = list(own)
    while ahead:
        node = ahead.pop()
        for before in back[node]:
            if before not in reasons:
                reasons[before] = reasons[node]
                ahead.append(before)
    return reasons


class _Reader:
    """Reads a snapshot's own reasons and links."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._texts = {oid: plain(one.source) for oid, one in catalog.routines.items() if not one.extension}

    def own_reasons(self) -> dict[_Node, str]:
        """Give what text, language and kind tell of each node by itself."""
        reasons: dict[_Node, str] = {}
        for routine in self._catalog.routines.values():
            if reason := _fired_itself(routine):
                reasons[_ROUTINE, routine.oid] = f"{routine.title} would be fired, which {reason}"
        for relation in self._catalog.relations.values():
            reasons.update(self._reasons_of(relation))
        return reasons

    @cached_property
    def links(self) -> Mapping[_Node, set[_Node]]:
        """Give what each node runs."""
        links: dict[_Node, set[_Node]] = defaultdict(set)
        for relation in self._catalog.relations.values():
            self._link_relation(links, relation)
        for use in self._catalog.uses:
            for node in self._using(use.part, use.enabled, use.owner):
                links[node].add((_ROUTINE, use.routine))
        for oid, text in self._texts.items():
            links[_ROUTINE, oid].update(self._named_in(text))
        return links

    # -- relations ------------------------------------------------------------------------------------------

    def _reasons_of(self, relation: Relation) -> Iterator[tuple[_Node, str]]:
        read = [relation.definition]
        read += [f"{one.using} {one.check}" for one in self._catalog.policies_of.get(relation.oid, ())]
        for kind, texts in ((str(Firing.READ), read), (_ROW, list(self._row_texts(relation)))):
            if reason := effect("\n".join(texts), Occasion.FIRED):
                yield (kind, relation.oid), f"an expression here {reason}"
        if relation.kind == "f":
            asked = f"{relation.title} is a foreign table ({relation.wrapper}): what happens there is not undone here"
            yield (_ROW, relation.oid), asked
            if relation.wrapper not in _TRANSACTIONAL_WRAPPERS:
                yield (Firing.READ, relation.oid), asked

    def _row_texts(self, relation: Relation) -> Iterator[str]:
        """Give the expressions that the server evaluates when a row comes in."""
        yield from (column.default for column in relation.columns)
        yield from (check.expression for check in self._catalog.checks.get(relation.oid, ()))
        yield from (index.definition for index in self._catalog.indexes_of.get(relation.oid, ()))
        yield from (rule.definition for rule in self._rules.get(relation.oid, ()))
        for column in relation.columns:
            kind = self._catalog.types.get(column.type_oid)
            while kind is not None:
                yield from kind.checks
                kind = self._catalog.types.get(kind.base)

    def _link_relation(self, links: dict[_Node, set[_Node]], relation: Relation) -> None:
        oid, catalog = relation.oid, self._catalog
        family = [oid, *(child.oid for child in catalog.children_of(oid))]
        # why: a partition that is a foreign table is read with its parent
        links[Firing.READ, oid] |= {(Firing.READ, one) for one in family if catalog.relations[one].kind == "f"}
        links[Firing.WRITE, oid] |= {(Firing.READ, oid), *((_ROW, one) for one in family)}
        links[Firing.WRITE, oid] |= {("triggered", one) for one in family}
        links[Firing.BUILD, oid] |= {node for one in family for node in ((_ROW, one), ("held", one))}
        for firing in Firing if relation.is_view else ():
            links[firing, oid] |= {(firing, one) for one in relation.reads}
        if oid in self._rules:
            links[_ROW, oid] |= {(Firing.WRITE, one) for one in relation.reads}
        for key in catalog.foreign_keys.get(oid, ()):
            if {key.on_delete, key.on_update} & {"c", "n", "d"}:
                links["triggered", key.target] |= {(_ROW, oid), ("triggered", oid)}

    def _using(self, part: str, enabled: str, owner: int) -> list[_Node]:
        """Give the nodes that run a use; while rows are built, triggers fire only if enabled always or for replicas."""
        if part != "trigger":
            return [(_PARTS[part], owner)]
        if enabled == "D":
            return []
        stays_held = enabled == "O" and self._catalog.server.is_superuser
        return [("triggered", owner), *([] if stays_held else [("held", owner)])]

    # -- bodies ---------------------------------------------------------------------------------------------

    def _named_in(self, text: str) -> Iterator[_Node]:
        for name in {form for found in _CALLED.findall(text) for form in (found, found.lower())}:
            yield from ((_ROUTINE, one.oid) for one in self._catalog.routines_named.get(name, ()) if not one.extension)
        for name in self._odd_names:
            if name in text:
                yield from ((_ROUTINE, one.oid) for one in self._catalog.routines_named.get(name, ()))
                yield from ((Firing.WRITE, oid) for oid in self._relations_named.get(name, ()))
        for name in {form for found in _WRITTEN.findall(text) for form in (found, found.lower())}:
            yield from ((Firing.WRITE, oid) for oid in self._relations_named.get(name, ()))
        for name in {form for found in re.findall(r"\w+", text) for form in (found, found.lower())}:
            yield from ((Firing.READ, oid) for oid in self._relations_named.get(name, ()))

    @cached_property
    def _odd_names(self) -> tuple[str, ...]:
        """Give the names that are no single word."""
        names = {*self._catalog.routines_named, *self._relations_named}
        return tuple(sorted(name for name in names if not re.fullmatch(r"\w+", name)))

    @cached_property
    def _relations_named(self) -> Mapping[str, list[int]]:
        named: dict[str, list[int]] = defaultdict(list)
        for relation in self._catalog.relations.values():
            named[relation.name].append(relation.oid)
        return named

    @cached_property
    def _rules(self) -> Mapping[int, list[Rule]]:
        found: dict[int, list[Rule]] = defaultdict(list)
        for rule in self._catalog.rules:
            found[rule.relation].append(rule)
        return found
