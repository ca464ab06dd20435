"""Where does a blueprint say two things that cannot both hold? Told before any database is asked.

Each rule gives the faults of one kind. What two places say is told at the later one, with the line of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from tenantry.blueprint.fault import Fault, fault_at
from tenantry.blueprint.model import Blueprint, Membership, Table
from tenantry.blueprint.persona_faults import PERSONA_CONTRADICTIONS
from tenantry.blueprint.place import Path, Places
from tenantry.blueprint.tables import is_one_name
from tenantry.blueprint.write import toml_string

__all__ = ["contradictions"]

_MADE = {
    "app": "app serves people",
    "background": "what serves people must not be able to work across tenants",
    "reader": "a reader writes nothing",
}
_LONGEST_NOUN_BYTES = 63 - len("require__context")


def contradictions(blueprint: Blueprint, places: Places) -> list[Fault]:
    """Give every contradiction, in the order of the file."""
    found = [fault for rule in _RULES for fault in rule(blueprint, places)]
    return sorted(found, key=lambda fault: fault.place)


def _attacked_and_trusted(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for index, name in enumerate(blueprint.roles.trusted):
        for key in ("attack", *_MADE):
            names: tuple[str, ...] = getattr(blueprint.roles, key)
            if name not in names:
                continue
            here: Path = ("roles", "trusted", index)
            there = places.of(("roles", key, names.index(name))).line
            message = f"The role {name} is also in {key} (line {there}), and cannot serve tenants and see them all."
            yield fault_at(places, here, message, f"Leave it in one of the two; in {key} if a client works as it.")


def _made_for_two_ends(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    """Refuse a role that would get the rights of two kinds: the wider one's would hold."""
    for key, others in (("background", ("app",)), ("reader", ("app", "background"))):
        names: tuple[str, ...] = getattr(blueprint.roles, key)
        for other in others:
            for index, name in enumerate(names):
                if name in getattr(blueprint.roles, other):
                    line = places.of(("roles", other)).line
                    message = f"The role {name} is also in {other} (line {line}), and {_MADE[key]}."
                    yield fault_at(places, ("roles", key, index), message, "Give each its own role.")


def _trusted_subjects(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    trusted = blueprint.roles.trusted
    for index, subject in enumerate(blueprint.subject):
        if subject.role in trusted:
            line = places.of(("roles", "trusted", trusted.index(subject.role))).line
            message = f"The role {subject.role} is trusted (line {line}), and trusted roles are not attacked."
            write = "Name the role that clients work as, or take this one out of [roles] trusted."
            yield fault_at(places, ("subject", index, "role"), message, write)


def _context_sources(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    context = blueprint.context
    if context.profile == "plain" and not context.tenant:
        message = "The plain profile reads the tenant from a setting, and none is named."
        yield fault_at(places, ("context", "profile"), message, 'Add tenant = "app.tenant_id", or another profile.')
    for key, said in (("tenant", context.tenant), ("actor", context.actor), ("roles", context.roles)):
        if said and context.profile != "plain":
            message = f"The {context.profile} profile reads no setting of the application."
            yield fault_at(places, ("context", key), message, 'Leave it out, or write profile = "plain".')


def _members(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    said, here = blueprint.membership, ("membership",)
    if not said.table and said != Membership():
        write = 'Add table = "schema.name", or leave the section out.'
        yield fault_at(places, here, "Members are described, and no table of theirs is named.", write)
    if said.table and said.user and said.user == said.tenant:
        line = places.of((*here, "tenant")).line
        message = f"The column {said.user} is also the tenant's (line {line}), and holds the key of one."
        yield fault_at(places, (*here, "user"), message, "Name the column that holds the user's key.")
    if said.table and blueprint.context.profile == "plain" and not blueprint.context.actor:
        message = "Members are looked up by the actor, and the plain profile reads none."
        yield fault_at(places, (*here, "table"), message, 'Add actor = "app.user_id" to [context].')
    for index, name in enumerate(said.active):
        if name in said.ended:
            message = f"{name} is also in ended, and cannot be true and null."
            yield fault_at(places, (*here, "active", index), message, "Leave it in one of the two.")


def _noun(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    noun = blueprint.context.noun
    size_bytes = len(noun.encode(errors="replace"))
    if size_bytes > _LONGEST_NOUN_BYTES:
        message = f"It has {size_bytes} bytes, and require_<noun>_context() leaves room for {_LONGEST_NOUN_BYTES}."
        yield fault_at(places, ("context", "noun"), message, 'Write a short word, as in noun = "tenant".')
    elif "\0" in noun or (noun and not noun.strip()):
        yield fault_at(places, ("context", "noun"), "This is no word.", 'Write one, as in noun = "tenant".')


def _one_word_a_table(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for name, table in blueprint.tables.items():
        for first, second, why in _at_odds(table):
            earlier, later = sorted((first, second), key=lambda key: places.of(("tables", name, key)))
            line = places.of(("tables", name, earlier)).line
            message = f"{earlier} (line {line}) and {later} exclude each other: {why}."
            yield fault_at(places, ("tables", name, later), message, f"Leave out {earlier} or {later}.")


def _at_odds(table: Table) -> Iterator[tuple[str, str, str]]:
    if table.shared and table.owner:
        yield "shared", "owner", "a shared table's rows belong to nobody"
    if table.shared and table.public:
        yield "shared", "public", "a public table's rows are a tenant's, a shared table's are nobody's"
    if table.shared and table.moves:
        yield "shared", "moves", "a shared table's rows have no tenant that could change"
    if table.shared and table.search:
        yield "shared", "search", "no row security keeps a shared table's index from being used"
    for key in ("owner", "shared", "public"):
        if table.skip and getattr(table, key):
            yield "skip", key, "what is skipped is not verified at all"


def _crossings(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for name, table in blueprint.tables.items():
        path: Path = ("tables", name, "crossing")
        if table.crossing and blueprint.context.profile == "plain":
            line = places.of(("context", "profile")).line
            message = f"Under the plain profile (line {line}) nothing proves that work may cross tenants."
            yield fault_at(places, path, message, "Leave it out, or choose the profile sealed or signed.")
        elif table.crossing and not blueprint.roles.background:
            message = "Only roles of background work cross tenants, and none is named."
            yield fault_at(places, path, message, 'Add background = ["app_worker"] under [roles].')
        elif table.crossing and table.shared:
            line = places.of(("tables", name, "shared")).line
            message = f"Rows of a shared table (line {line}) are no tenant's, so that there is nothing to cross."
            yield fault_at(places, path, message, "Leave out crossing or shared.")


def _tenants_table(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for name, table in blueprint.tables.items():
        if not blueprint.tenant.table or not is_one_name(name, blueprint.tenant.table):
            continue
        line = places.of(("tenant", "table")).line
        for key in ("shared", "skip"):
            if getattr(table, key):
                message = f"This table lists the tenants (line {line}), and each row is a tenant's own."
                write = f"Leave {key} out; if all may read the list, write public with the reason."
                yield fault_at(places, ("tables", name, key), message, write)


def _named_twice(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for one, other in combinations(blueprint.tables, 2):
        if is_one_name(one, other):
            earlier, later = sorted((one, other), key=lambda name: places.of(("tables", name)))
            line = places.of(("tables", earlier)).line
            message = f"This is the table of [tables.{toml_string(earlier)}] (line {line}) in another spelling."
            yield fault_at(places, ("tables", later), message, "Put the keys of both under one of them.")


_RULES: tuple[Callable[[Blueprint, Places], Iterator[Fault]], ...] = (
    _attacked_and_trusted,
    _made_for_two_ends,
    _trusted_subjects,
    _context_sources,
    _members,
    _noun,
    _one_word_a_table,
    _crossings,
    _tenants_table,
    _named_twice,
    *PERSONA_CONTRADICTIONS,
)
