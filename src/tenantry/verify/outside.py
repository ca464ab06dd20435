"""Which functions may do what a rollback does not undo, read from their text. Such are not called unless asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Catalog, Relation, Routine
from tenantry.catalog.privilege import can_execute
from tenantry.verify.model import Skipped
from tenantry.verify.stage import Stage

__all__ = ["Firing", "fired_outside", "outside_of", "reaches_outside", "uncalled"]

_REASONS = (
    (r"\bdblink", "opens a connection of its own (dblink)"),
    (
        r"\bpg_net\b|\bnet\.http|\bhttp_(get|post|put|patch|delete|head|request|collect)|\bextensions\.http|\bhttp\s*\(|\bpgsql_http",
        "sends requests over the network",
    ),
    (r"\bcopy\b[^;]*\b(program|to\s+'|from\s+')", "reads or writes files or programs (COPY)"),
    (
        r"\blo_(export|import)\b|\bpg_(read|write|stat)_(binary_)?file\b|\bpg_ls_\w*dir\b|\bpg_file_",
        "touches files of the server",
    ),
    (r"\b(nextval|setval)\s*\(", "moves a sequence"),
    (r"\bpg_notify\s*\(|(?:^|;|\bbegin\b|\bthen\b)\s*notify\s", "sends a notification"),
    (r"\bpg_sleep", "sleeps"),
    (r"\bpg_(try_)?advisory_", "takes advisory locks"),
    (
        r"\bpg_(terminate|cancel)_backend\b|\bpg_reload_conf\b|\bpg_rotate_logfile\b",
        "acts on the server's processes",
    ),
    (r"\bcron\.|\bpgmq\.|\bpgtle\.|\baws_(lambda|s3|commons)\.", "hands work to another process"),
    (
        r"\bvault\.|\bpg_(switch_wal|create_restore_point|logical_emit_message|replication_)",
        "acts outside the transaction",
    ),
)
# What a statement fires is narrower than what may be called: sequences are held, and notifications, queues of
# pg_net and pgmq and advisory locks of a transaction go with it.
_ROLE_CHANGE = (
    r"\b(re)?set\s+(local\s+|session\s+)?(role|session\s+authorization)\b"
    r"|\bset_config\s*\(\s*'(role|session_authorization|statement_timeout|lock_timeout)'",
    "changes the role it runs as, or the bounds of its time",
)
_ESCAPES = (
    _ROLE_CHANGE,
    (r"\bdblink", "opens a connection of its own (dblink)"),
    (
        r"(?<!\bnet\.)(?<!supabase_functions\.)\bhttp_(get|post|put|patch|delete|head|request)\s*\("
        r"|\bextensions\.http|\bhttp\s*\(\s*\(",
        "sends requests",
    ),
    (r"\bcopy\b[^;]*\b(program|to\s+')", "writes files or runs programs (COPY)"),
    (r"\blo_(export|import)\b|\bpg_file_(write|rename|unlink)", "touches files of the server"),
    (r"\bpg_(terminate|cancel)_backend\b", "ends other sessions"),
)
_PATTERNS = tuple((re.compile(p, re.IGNORECASE | re.DOTALL), reason) for p, reason in (*_REASONS, _ROLE_CHANGE))
_ESCAPE_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), reason) for pattern, reason in _ESCAPES)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def reaches_outside(routine: Routine) -> str:
    """Say why calling the function may leave something behind after a rollback; empty when nothing tells so."""
    if routine.extension:
        return f"belongs to the extension {routine.extension}"
    if not routine.is_trusted and routine.language not in ("internal", "c"):
        return f"is written in the untrusted language {routine.language}"
    if routine.language in ("internal", "c"):
        return f"is written in {routine.language}: its text tells nothing"
    text = _COMMENT.sub(" ", routine.source)
    return next((reason for pattern, reason in _PATTERNS if pattern.search(text)), "")


def outside_of(catalog: Catalog, routine: Routine) -> str:
    """Say the same of the function and of every function its text names."""
    own = reaches_outside(routine)
    if own:
        return own
    for called in routines_behind(catalog, [routine.oid]):
        reason = reaches_outside(called)
        if reason:
            return f"calls {called.title}, which {reason}"
    return ""


def uncalled(stage: Stage) -> list[Skipped]:
    """List the functions that subjects may call and that are not called, with the reason."""
    if stage.call_outside:
        return []
    roles = {asker.role.oid: asker.role for asker in stage.askers}.values()
    return [
        Skipped(f"function {routine.title}", f"it {reason}; --call-outside calls it all the same")
        for routine in stage.catalog.routines.values()
        if not routine.extension
        and routine.returns not in ("trigger", "event_trigger")
        and (reason := outside_of(stage.catalog, routine))
        and any(can_execute(stage.catalog, role, routine) for role in roles)
    ]


class Firing(StrEnum):
    """When something is fired: a read, a write, or the building of a row with triggers held still."""

    READ = "read"
    WRITE = "write"
    BUILD = "build"


_ENABLED = {Firing.READ: "", Firing.WRITE: "OAR", Firing.BUILD: "AR"}


def fired_outside(catalog: Catalog, relation: Relation, firing: Firing) -> str:
    """Say what a statement on the relation would fire whose effects no rollback takes back; empty when nothing.

    Looks at policies, and at what a view reads and calls; for writes also at triggers, defaults, generated
    columns, checks, domains, indexes and rules. Functions are followed by the names in their text.
    """
    policies = [] if firing is Firing.BUILD else list(catalog.policies_of.get(relation.oid, ()))
    texts = [relation.definition, *(f"{policy.using} {policy.check}" for policy in policies)]
    started = [*relation.calls, *(number for policy in policies for number in policy.routines)]
    if firing is not Firing.READ:
        texts += _written_texts(catalog, relation)
        family = {relation.oid, *(child.oid for child in catalog.children_of(relation.oid))}
        started += [
            one.routine for one in catalog.triggers if one.relation in family and one.enabled in _ENABLED[firing]
        ]
    below = (catalog.relations[oid] for oid in relation.reads if oid in catalog.relations) if relation.is_view else ()
    return _first_reason(catalog, texts, started) or next(
        (reason for one in below if (reason := fired_outside(catalog, one, firing))), ""
    )


def _written_texts(catalog: Catalog, relation: Relation) -> list[str]:
    """Give the expressions that the server evaluates when a row is written."""
    texts = [column.default for column in relation.columns]
    texts += [check.expression for check in catalog.checks.get(relation.oid, ())]
    texts += [index.definition for index in catalog.indexes_of.get(relation.oid, ())]
    texts += [rule.definition for rule in catalog.rules if rule.relation == relation.oid]
    for column in relation.columns:
        kind = catalog.types.get(column.type_oid)
        texts += kind.checks if kind else ()
    return texts


def _first_reason(catalog: Catalog, texts: Sequence[str], started: Sequence[int]) -> str:
    named = {name for text in texts for name in re.findall(r"\b(\w+)\s*\(", text)}
    called = [routine.oid for name in named for routine in catalog.routines_named.get(name, ())]
    for text in texts:
        if reason := _escaping(text):
            return f"an expression here {reason}"
    for routine in routines_behind(catalog, [*started, *called]):
        if reason := _escape_of(routine):
            return f"{routine.title} would be fired, which {reason}"
    return ""


def _escape_of(routine: Routine) -> str:
    if not routine.is_trusted and routine.language not in ("internal", "c"):
        return f"is written in the untrusted language {routine.language}"
    return _escaping(_COMMENT.sub(" ", routine.source))


def _escaping(text: str) -> str:
    return next((reason for pattern, reason in _ESCAPE_PATTERNS if pattern.search(text)), "")
