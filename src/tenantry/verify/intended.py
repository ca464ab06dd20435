"""Whether the database itself says that what an attack got through is open: then the team is asked, not accused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenantry.blueprint.ownership import Ownership, is_user_table
from tenantry.catalog.model import PUBLIC, Catalog, Policy, Relation, Role
from tenantry.catalog.privilege import can, identities
from tenantry.verify.model import Verb
from tenantry.verify.subject import Asker

__all__ = ["says_open"]

_ASKS = re.compile(r"auth\.|current_setting|jwt|_user\b|_role\b|\(\)", re.IGNORECASE)
_SIGNED_IN = re.compile(r"\(?(?:\( SELECT )?auth\.role\(\)(?: AS role\))? = 'authenticated'::text\)?")
_SECRET = re.compile(
    r"(^|_)(pass|password|passwd|secret|token|api_?key|private_key|otp|otp_code|iban|ssn|cpf|salary)(_hash|_number)?$"
)
_PRIVATE = re.compile(r"(^|_)(phone|mobile|whatsapp|ip_address)(_number)?$")
_PROFILE = re.compile(r"(^|_)(e?mail|date_of_birth|birth_?date|dob)(_address)?$")


def says_open(catalog: Catalog, ownership: Ownership, relation: Relation, verb: Verb, asker: Asker) -> bool:
    """Say whether a policy for just this verb lets everybody through, and nothing shows it to be a slip."""
    if verb not in (Verb.SELECT, Verb.INSERT) or not relation.rls:
        return False
    said = _Said.of(catalog, relation, verb, asker.role)
    if verb is Verb.INSERT:
        return bool(said.open) and not _is_forgotten_check(said, asker)
    slip = _tells_secrets(catalog, ownership, relation, asker.role) or _is_void(catalog, ownership, said)
    return bool(said.open) and not slip


@dataclass(frozen=True)
class _Said:
    """The policies that hold a role on a relation: those open for one command, and those that ask whose row it is."""

    relation: Relation
    command: str
    open: tuple[Policy, ...]
    narrow: tuple[Policy, ...]

    @classmethod
    def of(cls, catalog: Catalog, relation: Relation, verb: Verb, role: Role) -> _Said:
        command = "a" if verb is Verb.INSERT else "r"
        held = identities(catalog, role)
        policies = [
            policy
            for policy in catalog.policies_of.get(relation.oid, ())
            if policy.is_permissive and held & set(policy.roles)
        ]
        is_open = tuple(policy for policy in policies if _is_open(policy, command))
        narrow = tuple(policy for policy in policies if policy not in is_open and _asks(policy))
        return cls(relation, command, is_open, narrow)

    @property
    def makes_void(self) -> bool:
        """Say whether an open policy makes void one for the very same command and roles that asks whose row it is."""
        return any(
            narrow.command == self.command and (PUBLIC in wide.roles or set(narrow.roles) <= set(wide.roles))
            for wide in self.open
            if _said_of(wide, self.command) == "true"
            for narrow in self.narrow
        )


def _is_forgotten_check(said: _Said, asker: Asker) -> bool:
    """Say whether other policies bind rows to their owner, and only what is inserted is left unbound.

    A form that everybody may fill in is held by no such policy for the same command, and not kept for one role.
    """
    is_form = asker.side is None or any(PUBLIC in policy.roles or len(policy.roles) > 1 for policy in said.open)
    return said.makes_void if is_form else bool(said.narrow)


def _is_void(catalog: Catalog, ownership: Ownership, said: _Said) -> bool:
    """Say whether ``true`` makes a narrower policy void; lists of users and of tenants are often public."""
    oid = said.relation.oid
    is_list = is_user_table(catalog, ownership, oid) or oid == ownership.anchors.tenants
    return said.makes_void and not is_list


def _tells_secrets(catalog: Catalog, ownership: Ownership, relation: Relation, role: Role) -> bool:
    """Say whether the role may read what is not for everybody; a tenant's own phone or a profile's mail may be."""
    names = [
        column.name.lower() for column in relation.columns if can(catalog, role, relation, "SELECT", column=column.name)
    ]
    told = [_SECRET]
    if relation.oid != ownership.anchors.tenants:
        told.append(_PRIVATE)
        told += [] if is_user_table(catalog, ownership, relation.oid) else [_PROFILE]
    return any(pattern.search(name) for pattern in told for name in names)


def _is_open(policy: Policy, command: str) -> bool:
    text = _said_of(policy, command)
    is_plain = text == "true" or (command == "r" and bool(text) and not policy.routines and not _ASKS.search(text))
    return policy.command == command and is_plain


def _said_of(policy: Policy, command: str) -> str:
    """Give the condition for a command; that the role is the one of signed-in users says no more than ``TO`` does."""
    text = (policy.check or policy.using) if command == "a" else policy.using
    return "true" if _SIGNED_IN.fullmatch(text) else text


def _asks(policy: Policy) -> bool:
    said = (text for text in (policy.using, policy.check) if text and not _SIGNED_IN.fullmatch(text))
    return any(policy.routines or _ASKS.search(text) for text in said)
