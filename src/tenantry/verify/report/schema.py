"""What does the JSON contract promise, in JSON Schema draft 2020-12?"""

from __future__ import annotations

from enum import Enum
from typing import Any

from tenantry.verify.model import CONTRACT_VERSION, Kind, Level, Proof, Verb, Verdict
from tenantry.verify.report.accepted import AcceptedBy

__all__ = ["json_schema"]

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TRUTH: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXTS: Schema = {"type": "array", "items": _TEXT}


def json_schema() -> Schema:
    """Give the schema of ``tenantry verify --format json``."""
    parts = _parts()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tenantry:report:{CONTRACT_VERSION}",
        "title": "tenantry report",
        **_closed(_top_level()),
        "$defs": parts,
    }


def _top_level() -> Schema:
    return {
        "version": {"const": CONTRACT_VERSION},
        "tenantry": _TEXT,
        "server": _part("server"),
        "roles": _list_of("role"),
        "subjects": _list_of("subject"),
        "guesses": _TEXTS,
        "matrix": _list_of("cell"),
        "findings": _list_of("finding"),
        "dismissed": _list_of("dismissed"),
        "unproven": _list_of("skipped"),
        "skipped": _list_of("skipped"),
        "mutations": _list_of("mutation"),
        "kill_ratio": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "counts": _part("counts"),
        "seconds": {"type": "number", "minimum": 0},
        "exit_status": {"enum": [0, 1, 2]},
    }


def _parts() -> Schema:
    return {
        "server": _closed(_server()),
        "role": _closed({"name": _TEXT, "attacked": _TRUTH, "reason": _TEXT}),
        "subject": _closed({"role": _TEXT, "subject": _TEXT, "opened_by": _TEXT, "is_guess": _TRUTH}),
        "cell": _closed(_cell()),
        "finding": _closed(_finding()),
        "dismissed": _closed(_finding() | _acceptance()),
        "skipped": _closed({"what": _TEXT, "why": _TEXT}),
        "mutation": _closed({"control": _TEXT, "statement": _TEXT, "killed_by": _TEXT, "is_killed": _TRUTH}),
        "counts": _closed(_counts()),
    }


def _server() -> Schema:
    return {
        "version": _TEXT,
        "version_num": _COUNT,
        "database": _TEXT,
        "connected_as": _TEXT,
        "is_superuser": _TRUTH,
    }


def _cell() -> Schema:
    texts = ("relation", "role", "subject", "evidence")
    return dict.fromkeys(texts, _TEXT) | {"verb": _one_of(Verb), "verdict": _one_of(Verdict)}


def _finding() -> Schema:
    texts = ("code", "name", "verb", "role", "subject", "message", "meaning", "fix", "statement", "declare")
    return dict.fromkeys(texts, _TEXT) | {
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "level": _one_of(Level),
        "kind": _one_of(Kind),
        "proof": _one_of(Proof),
        "relation": {"type": ["string", "null"], "minLength": 1},
        "objects": _TEXTS,
        "stolen": _TEXTS,
        "intended": _TRUTH,
    }


def _acceptance() -> Schema:
    return {
        "reason": _TEXT,
        "until": {"type": ["string", "null"], "format": "date"},
        "by": _one_of(AcceptedBy),
    }


def _counts() -> Schema:
    totals = ("dismissed", "unproven", "skipped", "mutations", "attacks_run", "lints_run")
    return dict.fromkeys(totals, _COUNT) | {
        "findings": _closed({level.value: _COUNT for level in Level}),
        "cells": _closed({verdict.value: _COUNT for verdict in Verdict}),
    }


def _closed(properties: Schema) -> Schema:
    """Describe an object that has all of these keys and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _one_of(words: type[Enum]) -> Schema:
    return {"enum": [word.value for word in words]}


def _part(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list_of(name: str) -> Schema:
    return {"type": "array", "items": _part(name)}
