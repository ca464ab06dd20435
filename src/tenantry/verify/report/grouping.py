"""Which findings say the same, so that a person reads it once? The other formats keep them all apart."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from tenantry.sql.name import quoted
from tenantry.verify.model import Finding, Proof

__all__ = ["Family", "Told", "families"]


@dataclass(frozen=True)
class Told:
    """One thing to say: findings that differ in nothing but the role, its subjects, and how much it saw."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """Give the finding whose words are used."""
        return self.findings[0]

    @property
    def who(self) -> str:
        """Name every role with its subjects, those with the same subjects together."""
        roles: dict[str, list[str]] = {}
        for one in self.findings:
            if one.role and one.role not in roles.setdefault(one.subject, []):
                roles[one.subject].append(one.role)
        named = [f"{', '.join(names)}{f' ({subject})' if subject else ''}" for subject, names in roles.items() if names]
        return "; ".join(named)

    @property
    def fix(self) -> str:
        """Give the statements of all roles, each once; what is revoked from several is one statement."""
        fixes = list({one.fix: None for one in self.findings if one.fix})
        # why: a dollar quote may hold what looks like the end of a statement
        if len(fixes) < 2 or any("$" in fix for fix in fixes):
            return "\n".join(fixes)
        return "\n".join(_merged(self.findings))


@dataclass(frozen=True)
class Family:
    """What stands under one heading: a leader, and others of the same code or mended by the same statements."""

    leader: Told
    others: tuple[Told, ...]

    @property
    def alike(self) -> tuple[Told, ...]:
        """Give the others that want words of their own."""
        return tuple(one for one in self.others if not self._mends(one))

    @property
    def mended_too(self) -> tuple[Told, ...]:
        """Give the others, which the leader's statements mend as well."""
        return tuple(one for one in self.others if self._mends(one))

    def _mends(self, other: Told) -> bool:
        one, leader = other.first, self.leader.first
        same = (leader.relation, leader.verb) != (one.relation, one.verb) or leader.code != one.code
        return same and one.proof is Proof.ATTACKED and _roleless(one, one.fix) == _roleless(leader, leader.fix) != ""


def families(findings: Iterable[Finding]) -> list[Family]:
    """Group findings, which keep their order: each family stands where its first finding stood."""
    by_key: dict[Hashable, dict[Hashable, list[Finding]]] = {}
    for finding in findings:
        by_key.setdefault(_family_of(finding), {}).setdefault(_same(finding), []).append(finding)
    told = [[Told(tuple(same)) for same in family.values()] for family in by_key.values()]
    return [Family(leader, tuple(others)) for leader, *others in told]


def _family_of(finding: Finding) -> Hashable:
    place = (finding.level, finding.proof, finding.intended)
    if finding.proof is Proof.LINT or not finding.relation:
        return (*place, finding.code)
    return (*place, finding.relation, finding.declare, _roleless(finding, finding.fix) or finding.code)


def _same(finding: Finding) -> Hashable:
    facts = (finding.code, finding.relation, finding.verb, finding.objects, finding.meaning, finding.declare)
    # why: how many rows each role saw does not make it another thing to mend
    return (*facts, re.sub(r"\(\d+ rows in sight\.\)", "", _roleless(finding, finding.message)))


def _roleless(finding: Finding, text: str) -> str:
    if not finding.role:
        return text
    role, subject = re.escape(finding.role), re.escape(finding.subject)
    return re.sub(rf"(?<!\w){role}(?!\w)(?: \({subject}\))?", "*", text)


_ROLE = "\0"
_REVOKES = re.compile(r"(?:--.*\n)*revoke\b", re.IGNORECASE)


def _merged(found: Iterable[Finding]) -> Iterator[str]:
    roles: dict[str, list[str]] = {}
    for one in found:
        for statement in re.split(r"(?<=;)\n", one.fix):
            named = _REVOKES.match(statement) and one.role
            text = statement.replace(quoted(one.role), _ROLE) if named else statement
            roles.setdefault(text, []).append(one.role)
    for text, names in roles.items():
        yield text.replace(_ROLE, ", ".join(quoted(name) for name in dict.fromkeys(names) if name))
