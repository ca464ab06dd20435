"""Which faults are planted, and is each of them real? A proof is SQL that succeeds on the planting and not on the base.

A planting is one file: header lines (about, expect, fault, topic), the statements that plant it, and one or more
sections ``-- proof as <role>:``. Sections run in order, each on a connection of its own as that role, with a claim
of tenant A; the last statement of the last section answers true where the fault lets something through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tenantry.testing.databases import Database, Workshop

__all__ = ["Planting", "base_sql", "discover", "planted", "proof_succeeds"]

DIRECTORY = Path(__file__).parent / "plantings"
BASE = DIRECTORY / "base.sql"

_CLAIMS = {
    "sub": "a0000000-0000-4000-8000-000000000001",
    "tenant_id": "aaaaaaaa-0000-4000-8000-000000000000",
    "role": "authenticated",
}
_PROOF = re.compile(r"^-- proof as ([^:]+):\n", re.MULTILINE)
_HEADER = re.compile(r"^-- (about|expect|fault|topic): (.*)$", re.MULTILINE)
_NO_CLAIMS = " without claims"


@dataclass(frozen=True)
class Proof:
    """Statements, and the role that runs them."""

    role: str
    statements: str
    has_claims: bool


@dataclass(frozen=True)
class Planting:
    """One fault: what it is, what a finding about it names, and how it is shown to be real."""

    name: str
    about: str
    fault: str
    expect: tuple[str, ...]
    topic: re.Pattern[str]
    statements: str
    proofs: tuple[Proof, ...]

    @property
    def is_inherent(self) -> bool:
        """Say whether nothing is planted, because the server itself has the fault."""
        return "\n-- inherent:" in self.statements


def discover() -> tuple[Planting, ...]:
    """Read every planting, by name."""
    return tuple(_parse(file) for file in sorted(DIRECTORY.glob("*.sql")) if file != BASE)


def base_sql() -> str:
    """Give the schema in which nothing is wrong."""
    return BASE.read_text(encoding="utf-8")


@contextmanager
def planted(workshop: Workshop, planting: Planting | None) -> Iterator[Database]:
    """Give a fresh database with the base schema and, where one is named, the fault; it goes afterwards, roles too."""
    with workshop.database() as database:
        database.execute(base_sql())
        if planting is not None:
            database.execute(planting.statements)
        yield database


def proof_succeeds(database: Database, planting: Planting) -> bool:
    """Say whether the fault lets something through here; a refusal by the server is a no."""
    with _bystander(database):
        try:
            return [_answer(database, proof) for proof in planting.proofs][-1] is True
        except psycopg.Error:
            return False


@contextmanager
def _bystander(database: Database) -> Iterator[None]:
    """Keep a superuser's session open, with something in its statement that others should not read."""
    with database.connect() as connection:
        connection.execute("select 'SECRET literal'")
        yield


def _answer(database: Database, proof: Proof) -> object:
    with database.connect(proof.role) as connection:
        if proof.has_claims:
            connection.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(_CLAIMS)])
        cursor = connection.execute(proof.statements.encode())
        while cursor.nextset():
            pass
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def _parse(file: Path) -> Planting:
    statements, *proofs = _PROOF.split(file.read_text(encoding="utf-8"))
    header = dict(_HEADER.findall(statements))
    return Planting(
        name=file.stem,
        about=header["about"],
        fault=header["fault"],
        expect=tuple(name.strip() for name in header["expect"].split(",")),
        topic=re.compile(header["topic"], re.IGNORECASE),
        statements=statements,
        proofs=tuple(
            Proof(
                role=role.removesuffix(_NO_CLAIMS),
                statements=text,
                has_claims=not role.endswith(_NO_CLAIMS),
            )
            for role, text in zip(proofs[::2], proofs[1::2], strict=True)
        ),
    )
