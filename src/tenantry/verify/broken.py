"""Where a tenant cannot read its own rows: a policy that raises or never holds looks safe and is broken."""

from __future__ import annotations

from collections.abc import Iterable

from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import Ownership
from tenantry.catalog.model import Catalog, Policy
from tenantry.catalog.privilege import identities
from tenantry.verify.judge import Try
from tenantry.verify.model import Finding, Kind, Level, Proof, Verb, Verdict

__all__ = ["blind_members", "own_rows_unreadable"]

_LEAST_SHARE_SEEN = 0.25  # of the tables that hold a tenant's rows


def own_rows_unreadable(catalog: Catalog, tries: Iterable[Try]) -> list[Finding]:
    """Give a finding for each table and role whose member has a policy to read by and does not see its row."""
    found: dict[tuple[int, int], Finding] = {}
    for one in tries:
        if one.asker.name != "member" or one.attack.verb is not Verb.SELECT:
            continue
        if (
            one.result.verdict is Verdict.DENIED
            and "privilege" not in one.result.evidence
            and _has_way_in(catalog, one)
        ):
            found[one.relation.oid, one.asker.role.oid] = _finding(one)
    return list(found.values())


def blind_members(ownership: Ownership, tries: Iterable[Try]) -> frozenset[str]:
    """Give the roles whose member could have read tables behind policies and saw its own row in next to none of them.

    Either the subject is guessed wrongly or the database is broken: refusals then prove nothing. Rows of a tenant
    tell; those of nobody are seen by all, and those of a user also by one whose tenant is guessed wrongly.
    """
    sights: dict[str, list[tuple[OwnerKind, Verdict]]] = {}
    for one in tries:
        is_read = one.attack.verb is Verb.SELECT and one.asker.name == "member" and one.relation.rls
        if is_read and "no SELECT privilege" not in one.result.evidence:
            kind = ownership.owner_of(one.relation.oid).kind
            sights.setdefault(one.asker.role.name, []).append((kind, one.result.verdict))
    return frozenset(role for role, seen in sights.items() if _is_blind(seen))


def _is_blind(seen: list[tuple[OwnerKind, Verdict]]) -> bool:
    telling = [verdict for kind, verdict in seen if kind is OwnerKind.TENANT] or [verdict for _, verdict in seen]
    sighted = sum(verdict in (Verdict.OWN_ROWS, Verdict.LEAK) for verdict in telling)
    return sighted < _LEAST_SHARE_SEEN * len(telling)


def _has_way_in(catalog: Catalog, one: Try) -> bool:
    held = identities(catalog, one.asker.role)
    policies = catalog.policies_of.get(one.relation.oid, ())
    return one.relation.rls and any(_lets_in(policy, held) for policy in policies)


def _lets_in(policy: Policy, held: frozenset[int]) -> bool:
    return (
        policy.is_permissive and policy.applies_to("r") and bool(held & set(policy.roles)) and policy.using != "false"
    )


def _finding(one: Try) -> Finding:
    raised = one.result.evidence if ":" in one.result.evidence else ""
    why = f" The query fails with {raised}." if raised else " No policy that applies holds for it."
    role, relation = one.asker.role.name, one.relation.title
    return Finding(
        code="A11",
        name="own_rows_unreadable",
        level=Level.WARNING if raised else Level.NOTE,
        kind=Kind.BROKEN,
        proof=Proof.ATTACKED,
        message=f"{role} (member) does not see its own row in {relation}.{why}",
        meaning="Either the policy is broken, or the row needs a state or right that tenantry did not build; "
        "until its own tenant can read a table, a refusal to strangers proves little.",
        relation=relation,
        verb="select",
        role=role,
        subject="member",
        statement=one.result.statement,
    )
