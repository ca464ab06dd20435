"""Which reports the tests render: an ordinary one, a hostile one, and a large one."""

from __future__ import annotations

from typing import Any

from tenantry.verify.model import (
    Cell,
    Finding,
    Kind,
    Level,
    MutationResult,
    Proof,
    Report,
    RoleFact,
    ServerFact,
    Skipped,
    SubjectFact,
    Verb,
    Verdict,
)

HOSTILE = (
    "evil\x1b[31mred\x1b[0m\nERROR faked\r\x00\x07\x9b2J\u202egnp\u2066x\u2028y"
    "[bold]b[/bold]<script>alert(1)</script>|`code`&amp;\"'[x](http://evil.example)@team #1 www.evil.example"
    " -->]]>{{ 7*7 }}{% raw %}\ufffe"
)

SERVER = ServerFact(version="18.1", version_num=180001, database="shop", connected_as="postgres", is_superuser=True)

LEAK = Finding(
    code="A01",
    name="read_other",
    level=Level.ERROR,
    kind=Kind.LEAK,
    proof=Proof.ATTACKED,
    message="app_user read 3 rows of another tenant in public.booking.",
    meaning="Any signed-in user can read every booking.",
    fix="alter table public.booking enable row level security;\n"
    "create policy booking_tenant on public.booking as restrictive for all to public "
    "using (tenant_id = (select current_tenant_id())) with check (tenant_id = (select current_tenant_id()));",
    relation="public.booking",
    verb="select",
    role="app_user",
    subject="tenant A",
    statement="select * from public.booking",
    stolen=("name J*** (8 characters)", "email a***@e***.com"),
)

WEAKNESS = Finding(
    code="T01",
    name="rls_off",
    level=Level.WARNING,
    kind=Kind.WEAKNESS,
    proof=Proof.LINT,
    message="public.plan has row security switched off.",
    meaning="Every role with a grant reads every row.",
    fix="alter table public.plan enable row level security;",
    relation="public.plan",
    intended=True,
    declare='[shared]\ntables = ["public.plan"]',
)

NOTE = Finding(
    code="H01",
    name="no_index",
    level=Level.NOTE,
    kind=Kind.HYGIENE,
    proof=Proof.LINT,
    message="public.room has no index on tenant_id.",
    relation="public.room",
)

DATABASE_WIDE = Finding(
    code="R01",
    name="bypass_role",
    level=Level.ERROR,
    kind=Kind.WEAKNESS,
    proof=Proof.LINT,
    message="The role app may bypass row security.",
    objects=("app",),
)


def finding(**changes: Any) -> Finding:
    """Give an ordinary finding with some facts changed."""
    facts: dict[str, Any] = {
        "code": "T01",
        "name": "rls_off",
        "level": Level.WARNING,
        "kind": Kind.WEAKNESS,
        "proof": Proof.LINT,
        "message": "row security is off",
        "relation": "public.booking",
    }
    return Finding(**(facts | changes))


def cell(relation: str, verb: Verb, role: str, verdict: Verdict, evidence: str = "") -> Cell:
    """Give one cell, tried as a tenant."""
    return Cell(relation, verb, role, "tenant A", verdict, evidence)


def report(**changes: Any) -> Report:
    """Give a report with something in every part, with some parts changed."""
    parts: dict[str, Any] = {
        "server": SERVER,
        "roles": (
            RoleFact("app_user", True, ""),
            RoleFact("anon", True, ""),
            RoleFact("service_role", False, "bypasses row security"),
        ),
        "subjects": (SubjectFact("app_user", "tenant A", "set_config('app.tenant_id', ...)", True),),
        "guesses": ("public.org lists the tenants",),
        "matrix": (
            cell("public.booking", Verb.SELECT, "app_user", Verdict.LEAK, "3 rows"),
            cell("public.booking", Verb.SELECT, "anon", Verdict.DENIED),
            cell("public.booking", Verb.DELETE, "app_user", Verdict.OWN_ROWS),
            cell("public.booking", Verb.DELETE, "anon", Verdict.DENIED),
            cell("public.room", Verb.SELECT, "app_user", Verdict.OWN_ROWS),
            cell("public.room", Verb.SELECT, "anon", Verdict.OWN_ROWS),
            cell("public.slot", Verb.INSERT, "app_user", Verdict.UNPROVEN, "a check constraint"),
        ),
        "findings": (NOTE, WEAKNESS, DATABASE_WIDE, LEAK),
        "unproven": (Skipped("insert into public.slot", "no row could be made: check constraint"),),
        "skipped": (Skipped("role service_role", "bypasses row security"),),
        "mutations": (
            MutationResult("policy booking_tenant", "drop policy booking_tenant on public.booking", "A01"),
            MutationResult("force on public.room", "alter table public.room no force row level security", ""),
        ),
        "attacks_run": 412,
        "lints_run": 60,
        "seconds": 3.21,
    }
    return Report(**(parts | changes))


def clean_report(**changes: Any) -> Report:
    """Give a report in which nothing was found."""
    matrix = (cell("public.room", Verb.SELECT, "app_user", Verdict.OWN_ROWS),)
    return report(**({"findings": (), "unproven": (), "skipped": (), "matrix": matrix} | changes))


def hostile_report(name: str = HOSTILE) -> Report:
    """Give a report in which every text is the hostile name."""
    bad = Finding(
        code=name,
        name=name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=name,
        meaning=name,
        fix=name,
        relation=name,
        verb="select",
        role=name,
        subject=name,
        statement=name,
        stolen=(name,),
        objects=(name,),
        intended=True,
        declare=name,
    )
    return Report(
        server=ServerFact(name, 180001, name, name, True),
        roles=(RoleFact(name, False, name),),
        subjects=(SubjectFact(name, name, name, True),),
        guesses=(name,),
        matrix=(
            Cell(name, Verb.SELECT, name, name, Verdict.LEAK, name),
            Cell(name, Verb.SELECT, "other", name, Verdict.UNPROVEN, name),
        ),
        findings=(bad, bad.at_level(Level.NOTE)),
        dismissed=(bad,),
        unproven=(Skipped(name, name),),
        skipped=(Skipped(name, name),),
        mutations=(MutationResult(name, name, ""),),
        attacks_run=1,
    )


def large_report(relations: int = 60) -> Report:
    """Give a report of many relations, of which one leaks."""
    cells = [
        cell(f"public.t{number:03}", verb, "app_user", Verdict.OWN_ROWS) for number in range(relations) for verb in Verb
    ]
    return report(matrix=(*cells, cell("public.t007", Verb.SELECT, "anon", Verdict.LEAK)))
