"""What does a blueprint say that can be read, and yet would do nothing, or end a plan or a verification later?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from tenantry.blueprint.fault import Fault, fault_at
from tenantry.blueprint.model import Blueprint, Roles
from tenantry.blueprint.persona_faults import PERSONA_DOUBTS
from tenantry.blueprint.place import Path, Places

__all__ = ["Known", "doubts", "placeholders_in"]

_PLACEHOLDERS = ("tenant", "user", "email", "tenant_hex", "user_hex")
_HOLE = re.compile(r"\{([\w$]+(?:\.[\w$]+)*)\}")
_COLUMN_PARTS = 3
_LONGEST_NAME_BYTES = 63
# why: these are no roles of an application; the first two are words of SQL
_NO_ROLES = frozenset({"public", "none", "tenantry_owner", "tenantry_context", "tenantry_lookup"})
_PLAIN_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_SOURCE = re.compile(r"[^\s.#{}]+(?:\.[^\s.#{}]+)+(?:#[^\s.#{}]+(?:\.[^\s.#{}]+)*)?")
_TEXTS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = re.compile(r"[\s(]*(?:select|with|values|table)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(?:insert\s+into|delete\s+from|merge\s+into|update\s+(?:only\s+)?\S+\s+(?:as\s+\S+\s+)?set)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Known:
    """What is known without a database: the codes there are, those that need a last day, and which day it is."""

    codes: frozenset[str]
    dated: frozenset[str]
    today: date


def doubts(blueprint: Blueprint, places: Places, known: Known) -> list[Fault]:
    """Give everything that is in doubt, in the order of the file."""
    found = [fault for rule in _RULES for fault in rule(blueprint, places)]
    found += _dismissals(blueprint, places, known)
    return sorted(found, key=lambda fault: fault.place)


def placeholders_in(text: str) -> list[str]:
    """Give what stands in braces and is filled in when a subject acts."""
    return [hole for hole in _HOLE.findall(text) if _is_filled(hole)]


def _is_filled(hole: str) -> bool:
    return hole in _PLACEHOLDERS or hole.count(".") == _COLUMN_PARTS - 1


# -- roles and columns ------------------------------------------------------------------------------------


def _roles(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    roles = blueprint.roles
    for key in Roles.model_fields:
        names: tuple[str, ...] = getattr(roles, key)
        for index, name in enumerate(names):
            path: Path = ("roles", key, index)
            if first := _earlier(names, index):
                line = places.of(("roles", key, first - 1)).line
                yield fault_at(places, path, f"The role {name} is named twice (line {line}).", "Name it once.")
            if key != "trusted" and name in _NO_ROLES:
                message = f"{name} is no role that an application can have."
                yield fault_at(places, path, message, "Name the role that clients work as.")
            if len(name.encode(errors="replace")) > _LONGEST_NAME_BYTES:
                message = f"A name of PostgreSQL has {_LONGEST_NAME_BYTES} bytes at most, and is cut there."
                yield fault_at(places, path, message, "Write it as the server has it.")


def _earlier(names: tuple[str, ...], index: int) -> int:
    """Give the number, from one, of the item that is the same and stands before; 0 if there is none."""
    return names.index(names[index]) + 1 if names[index] in names[:index] else 0


def _columns(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for section, names in (("tenant", blueprint.tenant.columns), ("users", blueprint.users.columns)):
        for index, name in enumerate(names):
            if "." in name or '"' in name:
                message = "This is looked for as the name of a column, wherever one is called so."
                alone = name.rpartition(".")[2].strip('"')
                write = f"Write the column's name alone: {alone}."
                yield fault_at(places, (section, "columns", index), message, write)
    for index, name in enumerate(blueprint.users.columns):
        if name in blueprint.tenant.columns:
            line = places.of(("tenant", "columns", blueprint.tenant.columns.index(name))).line
            message = f"The column {name} is also in [tenant] columns (line {line}), and holds the key of one."
            yield fault_at(places, ("users", "columns", index), message, "Leave it in one of the two.")


def _blind_crossings(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for name, table in blueprint.tables.items():
        verbs = table.crossing.verbs if table.crossing else ()
        blind = [verb for verb in verbs if verb in ("update", "delete") and "select" not in verbs]
        if blind:
            message = f"To {blind[0]} rows of every tenant, background work has to see them, and select does not cross."
            yield fault_at(places, ("tables", name, "crossing", "verbs"), message, 'Add "select".')


# -- subjects ---------------------------------------------------------------------------------------------


def _same_subjects(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for index, subject in enumerate(blueprint.subject):
        first = seen.setdefault((subject.role, subject.name), index)
        if first != index:
            line = places.of(("subject", first)).line
            message = f"{subject.role} ({subject.name}) is there already (line {line}), and no report tells them apart."
            yield fault_at(places, ("subject", index), message, "Join the two, or give one another role or name.")


def _unlisted_subjects(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    attacked = (*blueprint.roles.attack, *blueprint.roles.made)
    for index, subject in enumerate(blueprint.subject if attacked else ()):
        if subject.role not in (*attacked, *blueprint.roles.trusted):
            line = places.of(("roles",)).line
            near = get_close_matches(subject.role, attacked, n=1)
            write = f"Write {near[0]}, or add it there." if near else "Add it there."
            message = f"The role {subject.role} is none that [roles] (line {line}) names."
            yield fault_at(places, ("subject", index, "role"), message, write)


def _roles_without_subject(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    if not blueprint.subject:
        return
    acting = {subject.role for subject in blueprint.subject}
    for index, name in enumerate(blueprint.roles.attack):
        if name not in acting:
            line = places.of(("subject",)).line
            message = f"No subject (from line {line}) acts as {name}, so that nothing would be tried as it."
            yield fault_at(places, ("roles", "attack", index), message, f'Add [[subject]] with role = "{name}".')


def _placeholders(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for path, text in _templates(blueprint):
        for hole in _HOLE.findall(text):
            near = get_close_matches(hole, _PLACEHOLDERS, n=1, cutoff=0.7)
            is_column = "." in hole and not hole[0].isdigit()
            if _is_filled(hole) or not (near or is_column):
                continue  # why: other braces are JSON's, or an array's
            right = f"{{{near[0]}}}" if near else "{schema.table.column}"
            write = f"Write {right}; in an array of text, array['...'] in place of braces."
            yield fault_at(places, path, f"{{{hole}}} is no placeholder and stays as it stands.", write)


def _nobodies(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for path, text in _templates(blueprint):
        index = path[1]
        if isinstance(index, int) and blueprint.subject[index].name == "nobody" and placeholders_in(text):
            message = "nobody has no context, and yet this names somebody."
            yield fault_at(places, path, message, 'Leave it out, or write name = "member" or name = "stranger".')


def _templates(blueprint: Blueprint) -> Iterator[tuple[Path, str]]:
    for index, subject in enumerate(blueprint.subject):
        for name, text in subject.settings.items():
            yield ("subject", index, "settings", name), text
        for number, text in enumerate(subject.sql):
            yield ("subject", index, "sql", number), text


# -- context, statements, dismissals ----------------------------------------------------------------------


def _context(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    context = blueprint.context
    if context.noun.strip() and not _PLAIN_WORD.fullmatch(context.noun):
        message = f"current_{context.noun}_id() would want quotes wherever it is called."
        word = re.sub(r"\W+", "_", context.noun.strip().lower(), flags=re.ASCII).strip("_") or "tenant"
        yield fault_at(places, ("context", "noun"), message, f"Write a word of small letters: {word}.")
    for key, said in (("tenant", context.tenant), ("actor", context.actor), ("roles", context.roles)):
        if said and context.profile == "plain" and not _SOURCE.fullmatch(said):
            message = "This is neither a setting, which has a dot, nor a claim in one."
            write = f'Write {key} = "app.{key}_id", or {key} = "request.jwt.claims#{key}".'
            yield fault_at(places, ("context", key), message, write)
    if context.profile == "plain" and context.actor and context.actor == context.tenant:
        line = places.of(("context", "tenant")).line
        message = f"The tenant and the actor are read from the same place (line {line})."
        yield fault_at(places, ("context", "actor"), message, "Name the setting that holds the actor, or leave it out.")


def _statements(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for index, statement in enumerate(blueprint.statements):
        bare = _TEXTS.sub(" ", statement).strip().removesuffix(";")
        path: Path = ("statements", index)
        if not _READS.match(bare) or _WRITES.search(bare):
            message = "This is no SELECT, and two worlds are compared by what they answer."
            yield fault_at(places, path, message, 'Write what the application reads, as in "select * from bookings".')
        elif ";" in bare:
            yield fault_at(places, path, "These are several statements.", "Write each as an item of its own.")
        elif placeholders_in(statement):
            message = "Nothing is filled in here; the subject's own context says who asks."
            yield fault_at(places, path, message, "Write the statement without braces.")


def _dismissals(blueprint: Blueprint, places: Places, known: Known) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for index, one in enumerate(blueprint.dismiss):
        path: Path = ("dismiss", index)
        first = seen.setdefault((one.code, one.relation), index)
        if first != index:
            message = f"{one.code} on {one.relation} is dismissed already (line {places.of(('dismiss', first)).line})."
            yield fault_at(places, path, message, "Keep one of the two.")
        if one.code not in known.codes:
            near = get_close_matches(one.code.upper(), known.codes, n=1)
            write = f"Write {near[0]}, or the code that the report names." if near else "Write what the report names."
            yield fault_at(places, (*path, "code"), f"No finding has the code {one.code}.", write)
        if not one.reason.strip():
            yield fault_at(places, (*path, "reason"), "This says nothing.", "Say why the finding is accepted.")
        if one.relation and "*" not in one.relation and "." not in one.relation:
            message = "Findings name relations with their schema, and so this matches none."
            yield fault_at(places, (*path, "relation"), message, f"Write public.{one.relation} or *.{one.relation}.")
        yield from _last_days(one.code, one.until, path, places, known)


def _last_days(code: str, until: date | None, path: Path, places: Places, known: Known) -> Iterator[Fault]:
    if until is None and code in known.dated:
        message = f"{code} is a leak that an attack proves, and its dismissal needs a last day."
        yield fault_at(places, (*path, "code"), message, "Add until = with a day in the near future.")
    if until is not None and until < known.today:
        write = "Mend what it hides and remove it, or give it a day in the future."
        yield fault_at(places, (*path, "until"), f"The dismissal has expired on {until}.", write)


_RULES: tuple[Callable[[Blueprint, Places], Iterator[Fault]], ...] = (
    _roles,
    _columns,
    _blind_crossings,
    _same_subjects,
    _unlisted_subjects,
    _roles_without_subject,
    _placeholders,
    _nobodies,
    _context,
    _statements,
    *PERSONA_DOUBTS,
)
