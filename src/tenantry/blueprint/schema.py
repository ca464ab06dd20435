"""What may stand in tenantry.toml, as a JSON Schema (draft 2020-12) that editors understand."""

from __future__ import annotations

from typing import Any

from tenantry.blueprint.model import Blueprint

__all__ = ["json_schema"]

Schema = dict[str, Any]

_REASONS = ("owner", "shared", "public", "moves", "actor", "skip")


def json_schema() -> Schema:
    """Give the schema, made from the model; what its validators refuse is said here in the schema's words."""
    made = _plain(Blueprint.model_json_schema())
    table = made["$defs"]["Table"]
    for key in _REASONS:
        # why: a key may be left out, but not be written and left empty
        table["properties"][key] = _without(table["properties"][key], "default") | {"pattern": r"\S"}
    is_writable = {"properties": {"writable": {"const": True}}, "required": ["writable"]}
    table |= {"if": is_writable, "then": {"required": ["shared"]}}
    until = made["$defs"]["Dismissal"]["properties"]["until"]
    made["$defs"]["Dismissal"]["properties"]["until"] = _without(until, "anyOf", "default") | {
        "type": "string",
        "format": "date",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "tenantry.toml"}


def _plain(schema: Any) -> Any:
    """Leave out what only repeats: a title made from each key, and the defaults of whole sections."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _plain(part) for key, part in schema.items() if not (key == "title" and isinstance(part, str))}
    is_section = "$ref" in kept or kept.get("type") == "object"
    return _without(kept, "default") if is_section else kept


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: part for key, part in schema.items() if key not in keys}
