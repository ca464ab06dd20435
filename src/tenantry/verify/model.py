"""What a verification says: cells of the matrix, findings, and the report that holds them.

These values are the JSON contract (docs/reference/report.md); ``Report.version`` changes when they do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum

__all__ = [
    "CONTRACT_VERSION",
    "Cell",
    "Finding",
    "Kind",
    "Level",
    "MutationResult",
    "Proof",
    "Report",
    "RoleFact",
    "ServerFact",
    "Skipped",
    "SubjectFact",
    "Verb",
    "Verdict",
]

CONTRACT_VERSION = "1.0"


class Verdict(StrEnum):
    """How one cell of the matrix ended. Only ``leak`` accuses; only a run attack acquits."""

    DENIED = "denied"
    OWN_ROWS = "own_rows"
    LEAK = "leak"
    UNPROVEN = "unproven"


class Verb(StrEnum):
    """What a subject tries to do to a relation."""

    SELECT = "select"
    INSERT = "insert"
    JOIN = "join"
    UPDATE = "update"
    MOVE = "move"
    UPSERT = "upsert"
    MERGE = "merge"
    DELETE = "delete"
    TRUNCATE = "truncate"
    EXECUTE = "execute"


class Level(StrEnum):
    """How much harm a finding means: errors and warnings fail a run, notes do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Order levels by harm, the worst first."""
        return list(Level).index(self)


class Kind(StrEnum):
    """What sort of trouble a finding is."""

    LEAK = "leak"  # another tenant's rows were read or written
    WEAKNESS = "weakness"  # a way in that needs one more step, or a guard that is missing
    BROKEN = "broken"  # a tenant cannot use its own rows
    HYGIENE = "hygiene"  # costs speed or clarity, not safety


class Proof(StrEnum):
    """Whether the finding was seen to happen, or read from the catalog."""

    ATTACKED = "attacked"
    LINT = "lint"


@dataclass(frozen=True)
class Cell:
    """One verb of one role's subject on one relation."""

    relation: str
    verb: Verb
    role: str
    subject: str
    verdict: Verdict
    evidence: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing to mend.

    ``relation`` is the quoted, schema-qualified name, or empty where the finding is about the whole
    database; ``objects`` then lists what it touches. ``intended`` says that it may be on purpose, and
    ``declare`` how to say so in the blueprint. ``fix`` is SQL to review, never run by tenantry itself.
    """

    code: str
    name: str
    level: Level
    kind: Kind
    proof: Proof
    message: str
    meaning: str = ""
    fix: str = ""
    relation: str = ""
    verb: str = ""
    role: str = ""
    subject: str = ""
    statement: str = ""
    stolen: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    intended: bool = False
    declare: str = ""

    @property
    def fingerprint(self) -> str:
        """Identify the finding across runs: code, object, verb and role, not its wording."""
        # why: a lint speaks of one object, the first; an attack's list of objects may grow and stays one finding
        first = self.objects[0] if self.objects and self.proof is Proof.LINT else ""
        identity = (self.code, self.relation, first, self.verb, self.role)
        return hashlib.sha256("\x1f".join(identity).encode(errors="surrogatepass")).hexdigest()[:16]

    def at_level(self, level: Level) -> Finding:
        """Give the same finding at another level."""
        return replace(self, level=level)


@dataclass(frozen=True)
class ServerFact:
    """What server answered."""

    version: str
    version_num: int
    database: str
    connected_as: str
    is_superuser: bool


@dataclass(frozen=True)
class RoleFact:
    """A role of the cluster, and whether it was attacked or why not."""

    name: str
    attacked: bool
    reason: str


@dataclass(frozen=True)
class SubjectFact:
    """Who asked in the attacks: a role, and how it became somebody's actor."""

    role: str
    subject: str
    opened_by: str
    is_guess: bool


@dataclass(frozen=True)
class Skipped:
    """Something that was not tried, and why; never counted as safe."""

    what: str
    why: str


@dataclass(frozen=True)
class MutationResult:
    """One weakened control, and which attack noticed."""

    control: str
    statement: str
    killed_by: str

    @property
    def is_killed(self) -> bool:
        """Say whether an attack noticed."""
        return bool(self.killed_by)


@dataclass(frozen=True)
class Report:
    """Everything one run has to say. ``refused`` says why no attack was run at all, where that is so."""

    server: ServerFact
    roles: tuple[RoleFact, ...] = ()
    subjects: tuple[SubjectFact, ...] = ()
    guesses: tuple[str, ...] = ()
    matrix: tuple[Cell, ...] = ()
    findings: tuple[Finding, ...] = ()
    dismissed: tuple[Finding, ...] = ()
    unproven: tuple[Skipped, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    mutations: tuple[MutationResult, ...] = ()
    attacks_run: int = 0
    lints_run: int = 0
    seconds: float = 0.0
    refused: str = ""
    version: str = field(default=CONTRACT_VERSION)

    def worst_first(self) -> tuple[Finding, ...]:
        """Order findings by harm: level, proof by attack before lint, kind, then name."""
        kinds, proofs = list(Kind), list(Proof)

        def harm(finding: Finding) -> tuple[int, int, int, int, str, str]:
            return (
                finding.level.rank,
                int(finding.intended),
                proofs.index(finding.proof),
                kinds.index(finding.kind),
                finding.relation,
                finding.code,
            )

        return tuple(sorted(self.findings, key=harm))

    def exit_status(self, *, fail_at: Level = Level.WARNING) -> int:
        """Give 2 where attacks were refused, 1 for findings at or above the level, 2 for anything unproven, else 0."""
        if self.refused:
            return 2
        if any(finding.level.rank <= fail_at.rank for finding in self.findings):
            return 1
        return 2 if self.unproven else 0
