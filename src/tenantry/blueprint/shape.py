"""What is said of a key that the model does not take: unknown, missing, of another type, or without a meaning."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tenantry.blueprint.fault import Fault, fault_at
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.place import Path, Places
from tenantry.blueprint.write import toml_string

__all__ = ["shape_faults"]

_Words = tuple[str, str]
_EXAMPLES = {
    "role": 'role = "app"',
    "code": 'code = "T27"',
    "crossing": 'crossing = { verbs = ["select"], reason = "why" }',
    "verbs": 'verbs = ["select"]',
    "reason": 'reason = "why it is accepted"',
    "settings": 'settings = { "app.tenant_id" = "{tenant}" }',
    "tables": '[tables."public.plans"], and its keys below',
    "statements": 'statements = ["select count(*) from public.bookings"]',
    "sql": """sql = ["select app.enter('{tenant}')"]""",
}


def shape_faults(error: ValidationError, places: Places) -> list[Fault]:
    """Give every fault that the model found, in the order of the file."""
    found = [_fault(one, places) for one in error.errors()]
    return sorted(found, key=lambda fault: fault.place)


def _fault(one: ErrorDetails, places: Places) -> Fault:
    path: Path = tuple(one["loc"])
    message, write = _WORDS.get(one["type"], _else)(one, path)
    if one["type"] == "writable":
        path = (*path, "writable")
    return fault_at(places, path, message, write)


# -- one function a kind of fault, named as pydantic names it --------------------------------------------


def _unknown(one: ErrorDetails, path: Path) -> _Words:
    key, known = str(path[-1]), _keys(path[:-1])
    if path[0] == "tables" and isinstance(one["input"], dict):
        name = ".".join(map(str, path[1:]))
        return "A name with a dot is one key in quotes.", f"Write [tables.{toml_string(name)}]."
    return "There is no such key.", _instead(key, known, path)


def _instead(key: str, known: list[str], path: Path) -> str:
    if len(path) > 1 and key in Blueprint.model_fields:
        return f"Write {key} at the top of the file, before the first [section]."
    if home := next((name for name in Blueprint.model_fields if key in _keys((name,))), ""):
        return f"Write it under [{home}]."
    near = get_close_matches(key, known, n=1) or get_close_matches(key, _sections() if len(path) == 1 else [], n=1)
    return f"Write {near[0]}." if near else f"Write one of: {', '.join(known)}."


def _missing(_: ErrorDetails, path: Path) -> _Words:
    key = str(path[-1])
    return "This key is missing.", f"Write {_EXAMPLES.get(key, key)}."


def _no_text(one: ErrorDetails, path: Path) -> _Words:
    said = one["input"]
    text = str(said).lower() if isinstance(said, bool) else str(said)
    if isinstance(said, dict | list):
        return f"This is {_kind(said)} and must be text.", f"Write text in quotes: {_assigned(path, 'text')}."
    return f"This is {_kind(said)} and must be text.", f"Write it in quotes: {_assigned(path, text)}."


def _no_list(one: ErrorDetails, path: Path) -> _Words:
    key, said = str(path[-1]), one["input"]
    if key in ("subject", "dismiss"):
        return f"This is {_kind(said)}; there may be several.", f"Write [[{key}]], in two brackets, once for each."
    example = f"{key} = [{toml_string(said)}]" if isinstance(said, str) and said else f'{key} = ["one", "two"]'
    return f"This is {_kind(said)} and must be a list.", f"Write {_EXAMPLES.get(key, example)}."


def _no_table(one: ErrorDetails, path: Path) -> _Words:
    key, said = str(path[-1]), one["input"]
    write = f"[{key}], and its keys below"
    if isinstance(path[-1], int):
        write = f"[[{path[0]}]], and its keys below"
    elif len(path) > 1:
        write = f"[{path[0]}.{toml_string(key)}], and its keys below"
    return f"This is {_kind(said)} and must be a section.", f"Write {_EXAMPLES.get(key, write)}."


def _no_truth(one: ErrorDetails, path: Path) -> _Words:
    write = f"Write {path[-1]} = true or {path[-1]} = false, without quotes."
    return f"This is {_kind(one['input'])} and must be true or false.", write


def _no_choice(one: ErrorDetails, path: Path) -> _Words:
    field = _field(path[:-1] if isinstance(path[-1], int) else path)
    words = get_args(field.annotation) if field else ()
    # why: of a list, the first argument is what its items may be
    words = get_args(words[0]) if isinstance(path[-1], int) and words else words
    choices = [_toml(value) for value in words]
    *most, last = choices or ["another value"]
    return f"It cannot be {_toml(one['input'])}.", f"Write {', '.join(most)}{' or ' if most else ''}{last}."


def _empty(_: ErrorDetails, path: Path) -> _Words:
    if path[-1] in ("owner", "actor"):
        return "This is empty and so would do nothing.", "Name the column, or leave the key out."
    if path[-1] in ("reason", "shared", "public", "moves", "skip"):
        return "This is empty and so would do nothing.", "Say why, or leave the key out."
    return "This is empty and so would do nothing.", "Write the name, or leave it out."


def _empty_list(_: ErrorDetails, path: Path) -> _Words:
    key = str(path[-1])
    return "This is empty and so would do nothing.", f"Write {_EXAMPLES.get(key, key)}, or leave the section out."


def _writable(_: ErrorDetails, __: Path) -> _Words:
    message = "writable = true goes with shared and does nothing alone."
    return message, 'Add shared = "why everyone may read it", or leave writable out.'


def _no_day(_: ErrorDetails, path: Path) -> _Words:
    return "This is no day of the calendar.", f"Write {path[-1]} = 2030-01-31, without quotes."


def _else(one: ErrorDetails, path: Path) -> _Words:
    field = _field(path)
    return f"{one['msg']}.", (field.description or "") if field else "Look the key up in the reference."


_WORDS: dict[str, Callable[[ErrorDetails, Path], _Words]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "string_type": _no_text,
    "tuple_type": _no_list,
    "dict_type": _no_table,
    "model_type": _no_table,
    "bool_type": _no_truth,
    "literal_error": _no_choice,
    "string_too_short": _empty,
    "empty_list": _empty_list,
    "empty": _empty,
    "writable": _writable,
    "day": _no_day,
    "date_type": _no_day,
    "date_parsing": _no_day,
    "date_from_datetime_parsing": _no_day,
    "date_from_datetime_inexact": _no_day,
}


# -- what the model has at a path, and what the file has -------------------------------------------------


def _sections() -> list[str]:
    return list(Blueprint.model_fields)


def _keys(path: Path) -> list[str]:
    section = _section(path)
    return list(section.model_fields) if section else []


def _field(path: Path) -> FieldInfo | None:
    section = _section(path[:-1])
    return section.model_fields.get(str(path[-1])) if section else None


def _section(path: Path) -> type[BaseModel] | None:
    """Give the model of the section at a path; the second part of a path names one of several alike."""
    if not path:
        return Blueprint
    section = _model(Blueprint.model_fields.get(str(path[0])))
    inner = _model(section.model_fields.get(str(path[2]))) if section and len(path) > 2 else None
    return inner or section


def _model(field: FieldInfo | None) -> type[BaseModel] | None:
    types = (field.annotation, *get_args(field.annotation)) if field else ()
    return next((one for one in types if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _assigned(path: Path, text: str) -> str:
    if isinstance(path[-1], int):
        return f"[{toml_string(text)}]"
    return f"{path[-1] if '.' not in str(path[-1]) else toml_string(str(path[-1]))} = {toml_string(text)}"


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return toml_string(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(value: object) -> str:
    """Say a value's type in the words of TOML."""
    words = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a section", list: "a list"}
    return words.get(type(value), "a date or time")
