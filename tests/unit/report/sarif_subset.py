"""Which parts of SARIF 2.1.0 does tenantry write, and what do they allow?

Written by hand after the specification (sections 3.13 to 3.58), closed to keys we do not write. Set
TENANTRY_SARIF_SCHEMA to a copy of OASIS's sarif-schema-2.1.0.json to have the tests use that as well.
"""

from __future__ import annotations

TEXT = {"type": "string", "minLength": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {"type": "object"}


def closed(required: list[str], **properties) -> dict:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def list_of(items: dict, **more) -> dict:
    return {"type": "array", "items": items, **more}


MESSAGE = closed(["text"], text=TEXT)
RULE = closed(
    ["id"],
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed([], level=LEVEL),
    properties=BAG,
)
DRIVER = closed(
    ["name"],
    name=TEXT,
    version=TEXT,
    semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    rules=list_of(RULE, uniqueItems=True),
)
PHYSICAL = closed(
    ["artifactLocation"],
    artifactLocation=closed(["uri"], uri={"type": "string", "pattern": "^[A-Za-z0-9%/._~-]+$"}),
    region=closed(["startLine"], startLine={"type": "integer", "minimum": 1}),
)
LOCATION = closed(
    ["physicalLocation"],
    physicalLocation=PHYSICAL,
    logicalLocations=list_of(
        closed(["fullyQualifiedName"], fullyQualifiedName=TEXT, name=TEXT, kind=TEXT), uniqueItems=True
    ),
)
SUPPRESSION = closed(
    ["kind"],
    kind={"enum": ["inSource", "external"]},
    status={"enum": ["accepted", "underReview", "rejected"]},
    justification=TEXT,
)
RESULT = closed(
    ["message", "ruleId", "level", "locations", "partialFingerprints"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=list_of(LOCATION, minItems=1),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    suppressions=list_of(SUPPRESSION, uniqueItems=True),
    properties=BAG,
)
INVOCATION = closed(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    exitCode={"type": "integer"},
    toolExecutionNotifications=list_of(closed(["message"], level=LEVEL, message=MESSAGE)),
)
RUN = closed(
    ["tool", "results"],
    tool=closed(["driver"], driver=DRIVER),
    automationDetails=closed([], id=TEXT),
    invocations=list_of(INVOCATION),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=list_of(RESULT),
)
SUBSET = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **closed(["version", "runs"], version={"const": "2.1.0"}, runs=list_of(RUN), **{"$schema": TEXT}),
}
