"""What has to change: every wanted object against the snapshot and the journal. Values in, values out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from tenantry.catalog.model import Catalog
from tenantry.plan.access import given_back
from tenantry.plan.asked import still_asked
from tenantry.plan.journal import Journal
from tenantry.plan.live import digest, live
from tenantry.plan.model import Action, Change, Entry, Plan, Step
from tenantry.plan.object import Grouping, Kind, Lock, Object, Phase, parted

__all__ = ["changes", "fingerprint", "plan"]

# Kinds that the server replaces in place, or of which ``create`` only sets a state.
_IN_PLACE = frozenset({Kind.FUNCTION, Kind.FENCE, Kind.GRANTS, Kind.OWNER, Kind.VIEW, Kind.SCHEMA, Kind.ROLE})
_WITH_ACCESS = frozenset({Kind.FUNCTION, Kind.SCHEMA, Kind.GRANTS, Kind.PARAMETER})
_STATES = frozenset({Kind.FENCE, Kind.GRANTS, Kind.OWNER, Kind.VIEW})
# Kinds that belong to the whole server: another database may have made them; ``drop`` asks whether it uses them still.
_OF_THE_SERVER = frozenset({Kind.ROLE, Kind.PARAMETER})
# Kinds that come about by stages, which cannot be gone through again; a change of theirs is told as drift.
_BY_STAGES = frozenset({Kind.INDEX, Kind.CONSTRAINT, Kind.VALIDITY, Kind.COLUMN, Kind.CONTENT, Kind.REQUIREMENT})
_MODES: Mapping[Grouping, Literal["transaction", "alone", "batches"]] = {
    Grouping.TOGETHER: "transaction",
    Grouping.APART: "transaction",
    Grouping.ALONE: "alone",
    Grouping.BATCHES: "batches",
}
_GROUND = (Phase.ROLES, Phase.SCHEMAS, Phase.JOURNAL)
_LOCKS = tuple(Lock)


def plan(wanted: Sequence[Object], catalog: Catalog, journal: Journal, *, notes: tuple[str, ...] = ()) -> Plan:
    """Give the plan from the snapshot to what is wanted; without steps where nothing is to be done."""
    by_id = {one.id: one for one in wanted}
    found = changes(wanted, catalog, journal)
    stays = _staying(found, catalog)
    steps = tuple(_numbered(_steps([change for change in found if change.object not in stays], by_id)))
    return Plan(
        database=catalog.server.database,
        server_version_num=catalog.server.version_num,
        catalog=fingerprint(catalog, steps),
        notes=(*notes, *(f"{name}: asked by {', '.join(asking)}." for name, asking in stays.items())),
        steps=steps,
    )


def _staying(found: Sequence[Change], catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """Give what is no longer wanted and cannot go, because something that stays as it is asks it."""
    going = [change.object for change in found if change.action is Action.REMOVE]
    touched = [change.object for change in found if change.statements and change.action is not Action.RESTORE]
    return still_asked(catalog, going, [name for name in touched if name not in going])


def changes(wanted: Sequence[Object], catalog: Catalog, journal: Journal) -> list[Change]:
    """Give what happens to each object that is not as wanted, and to those no longer wanted."""
    ordered = sorted(wanted, key=lambda one: one.phase)
    made = [change for one in ordered for change in _change(one, catalog, journal.entries.get(one.id))]
    names = {one.id for one in wanted}
    unnamed = {name: entry for name, entry in journal.entries.items() if name not in names}
    kept = [
        change
        for name, entry in unnamed.items()
        if entry.is_kept and Kind(name.split(" ", 1)[0]) not in _BY_STAGES
        for change in _change(_still_wanted(name, entry), catalog, entry)
    ]
    gone = [_removal(catalog, name, entry) for name, entry in reversed(list(unnamed.items())) if not entry.is_kept]
    return [*gone, *made, *kept]


def _still_wanted(name: str, entry: Entry) -> Object:
    """Give the object of a decision that can no longer be read from the catalog, because it was carried out."""
    relation = _relation_of(name)
    lock = Lock.ACCESS_EXCLUSIVE if relation else Lock.NONE
    why = "It was decided when tenantry first came to this database."
    return Object(name, Phase.FENCES, why, entry.asked_text, entry.removal, relation, lock, is_kept=True)


def _change(wanted: Object, catalog: Catalog, entry: Entry | None) -> Iterator[Change]:
    asked, standing = digest(wanted.create), live(catalog, wanted.id)
    if entry and entry.asked == asked and entry.became == digest(standing):
        return
    if not wanted.create:
        yield from _absence(wanted, standing, entry)
        return
    is_note = entry is None and bool(standing) and standing == wanted.create
    action = Action.NOTE if is_note else _action(entry, asked, standing)
    yield Change(
        object=wanted.id,
        action=action,
        why=wanted.why,
        asked=asked,
        asked_text=wanted.create,
        is_kept=wanted.is_kept,
        statements=() if is_note else _statements(wanted, catalog, entry),
        inverse=() if is_note else _inverse(wanted, standing),
        inverse_alone=wanted.back_alone,
        removal=wanted.drop,
        before=entry.before if entry else standing,
        earlier=entry,
        hazards=wanted.hazards,
    )


def _statements(wanted: Object, catalog: Catalog, entry: Entry | None) -> tuple[str, ...]:
    """Make the object; where it was changed behind our back, take from others what they were given meanwhile."""
    standing = live(catalog, wanted.id)
    if entry and entry.asked == digest(wanted.create) and standing and wanted.kind in _WITH_ACCESS:
        revoked = [text for text in standing if text.startswith("revoke all on ")]
        return (*revoked, *(text for text in entry.became_text if not text.startswith("create schema ")))
    is_replaced = bool(standing) and wanted.kind not in _IN_PLACE and wanted.back is None
    is_list = entry is not None and wanted.kind is Kind.GRANTS and wanted.relation
    returned = given_back(catalog, entry, wanted.create, standing) if entry and is_list else ()
    return (*(wanted.drop if is_replaced else ()), *returned, *wanted.ahead, *wanted.create)


def _absence(wanted: Object, standing: tuple[str, ...], entry: Entry | None) -> Iterator[Change]:
    if standing:
        yield Change(
            object=wanted.id,
            action=Action.DROP,
            why=wanted.why,
            asked="",
            is_kept=wanted.is_kept,
            statements=wanted.drop,
            inverse=standing,
            removal=wanted.drop,
            before=entry.before if entry else standing,
            earlier=entry,
            hazards=wanted.hazards,
        )


def _action(entry: Entry | None, asked: str, standing: tuple[str, ...]) -> Action:
    if not standing:
        return Action.CREATE
    return Action.RESTORE if entry and entry.asked == asked else Action.REPLACE


def _inverse(wanted: Object, standing: tuple[str, ...]) -> tuple[str, ...]:
    if wanted.back is not None:
        return wanted.back
    if not standing or wanted.kind in _OF_THE_SERVER:
        return wanted.drop
    is_dropped = wanted.kind not in _IN_PLACE or wanted.kind is Kind.GRANTS
    return (*(wanted.drop if is_dropped else ()), *standing)


def _removal(catalog: Catalog, name: str, entry: Entry) -> Change:
    kind = Kind(name.split(" ", 1)[0])
    gone = entry.removal if kind not in _STATES or kind is Kind.GRANTS else ()
    return Change(
        object=name,
        action=Action.REMOVE,
        why="The blueprint no longer asks for it.",
        asked="",
        statements=(*gone, *entry.before),
        inverse=live(catalog, name),
        before=entry.before,
        removal=entry.removal,
        earlier=entry,
    )


# -- steps ----------------------------------------------------------------------------------------------


def _steps(found: Iterable[Change], wanted: Mapping[str, Object]) -> Iterator[Step]:
    """Bundle changes: the ground first, then what stands alone, then each table's in one transaction."""
    bundles: dict[tuple[int, str, int], list[Change]] = {}
    for number, change in enumerate(found):
        one = wanted.get(change.object)
        relation = one.relation if one else _relation_of(change.object)
        is_apart = one is not None and one.grouping is not Grouping.TOGETHER
        rank = _rank(one, relation) if one or relation else _rank_gone(change.object)
        place = (rank, "" if is_apart else relation, number if is_apart else 0)
        bundles.setdefault(place, []).append(change)
    for (rank, _, _), members in sorted(bundles.items(), key=lambda item: item[0]):
        yield _step(rank, members, [wanted[change.object] for change in members if change.object in wanted])


def _step(rank: int, members: Sequence[Change], objects: Sequence[Object]) -> Step:
    relation = objects[0].relation if objects else _relation_of(members[0].object)
    # why: what is no longer wanted, and so is no object here, is a policy or a fence
    locks = [*(one.lock for one in objects), *([Lock.ACCESS_EXCLUSIVE] if len(objects) < len(members) else [])]
    lock = max(locks, key=_LOCKS.index, default=Lock.NONE)
    is_apart = bool(objects) and objects[0].grouping is not Grouping.TOGETHER
    return Step(
        number=0,
        title=members[0].object if is_apart else _title(rank, relation),
        mode=_MODES[objects[0].grouping] if objects else "transaction",
        relation=relation,
        lock=lock if relation else Lock.NONE,
        changes=tuple(members),
    )


def _rank_gone(name: str) -> int:
    """Take functions away last: until then policies and defaults stand on them."""
    return Phase.LEFTOVERS if Kind(name.split(" ", 1)[0]) is Kind.FUNCTION else Phase.REMOVALS


def _rank(one: Object | None, relation: str) -> int:
    if one is None:
        return Phase.FENCES
    if one.phase in _GROUND:
        return Phase.ROLES
    if one.grouping is not Grouping.TOGETHER:
        return one.phase
    return Phase.FENCES if relation else one.phase


def _relation_of(name: str) -> str:
    kind, _, rest = name.partition(" ")
    if Kind(kind) in (Kind.POLICY, Kind.FENCE, Kind.TRIGGER, *_BY_STAGES):
        return parted(rest)[1]
    return rest.removeprefix("on table ") if rest.startswith("on table ") else ""


def _title(rank: int, relation: str) -> str:
    if relation:
        return relation
    return {Phase.ROLES: "roles, schema and journal"}.get(Phase(rank), Phase(rank).name.lower().replace("_", " "))


def _numbered(steps: Iterable[Step]) -> Iterator[Step]:
    for number, step in enumerate(steps, start=1):
        yield step.model_copy(update={"number": number})


def fingerprint(catalog: Catalog, steps: Iterable[Step]) -> str:
    """Give the SHA-256 of everything the steps touch as it stands, and of the columns of their relations."""
    lines: list[str] = []
    for step in steps:
        lines += [f"{change.object}: {digest(live(catalog, change.object))}" for change in step.changes]
        relation = catalog.relation_titled.get(step.relation)
        lines += [f"{column.name} {column.type_name}" for column in relation.columns] if relation else []
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
