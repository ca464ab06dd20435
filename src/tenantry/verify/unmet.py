"""What an attack cannot be: the session that logged in. Policies that ask for that are left open, never called safe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tenantry.blueprint.context import texts_behind
from tenantry.catalog.model import Catalog
from tenantry.verify.model import Cell, Verdict

__all__ = ["left_open"]

# Attacks take a role with SET ROLE: these answer with the verifier's own session (PostgreSQL, Session Information).
_SESSION = re.compile(
    r"\b(session_user|system_user)\b|\b(inet_client_(?:addr|port)|pg_backend_pid)\s*\("
    r"|current_setting\(\s*'(application_name|role|session_authorization|is_superuser)'",
    re.IGNORECASE,
)
# The role that was taken, or who logged in where none was: an attack by SET ROLE is asked for just that role.
_TAKEN = re.compile(
    r"\bcase\s+(?:\w+\.)?current_setting\('role'(?:::text)?\)\s+when\s+'none'(?:::text)?\s+"
    r"then\s+\(?session_user\)?(?:::text)?\s+else\s+(?:\w+\.)?current_setting\('role'(?:::text)?\)\s+end\b",
    re.IGNORECASE,
)
_ACQUITTED = (Verdict.OWN_ROWS, Verdict.DENIED)


def left_open(catalog: Catalog, untried: Mapping[tuple[str, str], str], cells: Iterable[Cell]) -> Iterator[Cell]:
    """Turn acquittals into open questions where policies ask for what no attack here was.

    That is who logged in, from where or as which program; and conditions on rows that are ``untried``.
    """
    asked = {relation.title: _asks(catalog, relation.oid) for relation in catalog.tables}
    for cell in cells:
        reason = ""
        if what := asked.get(cell.relation, ""):
            reason = f"its policies ask for {what}, which an attack by SET ROLE cannot be"
        elif condition := untried.get((cell.relation, str(cell.verb)), ""):
            reason = f"no row was built for which a policy's condition holds: {condition}"
        is_right = cell.verdict is Verdict.DENIED and cell.evidence.startswith(("no privilege", "ties no"))
        if reason and cell.verdict in _ACQUITTED and not is_right:
            yield replace(cell, verdict=Verdict.UNPROVEN, evidence=f"{reason}: {cell.evidence}")
        else:
            yield cell


def _asks(catalog: Catalog, oid: int) -> str:
    found = _SESSION.search(_TAKEN.sub("", " ".join(texts_behind(catalog, oid))))
    return next((part for part in found.groups() if part), "") if found else ""
