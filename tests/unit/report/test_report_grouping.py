"""Does a terminal say the same once, and leave nothing out?"""

from __future__ import annotations

import json
from dataclasses import replace

from sample_reports import LEAK, NOTE, SERVER, WEAKNESS, finding, report

from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.report import Format, Options, render
from tenantry.verify.report.accepted import AcceptedBy, accepted
from tenantry.verify.report.grouping import families

VERBS = {"A01": "reads", "A02": "inserts", "A04": "changes", "A08": "deletes"}


def leaks(tables: int, roles: tuple[str, ...] = ("web", "jobs")) -> tuple[Finding, ...]:
    """Give what a schema without row security gives: every verb by every role on every table."""
    return tuple(
        replace(
            LEAK,
            code=code,
            message=f"{role} (member) {verb} rows of another tenant in public.t{number:02}.",
            relation=f"public.t{number:02}",
            verb=verb,
            role=role,
            subject="member",
            fix=f"alter table public.t{number:02} enable row level security;",
        )
        for number in range(tables)
        for code, verb in VERBS.items()
        for role in roles
    )


def written(*found: Finding, **options) -> str:
    return render(report(findings=found, matrix=()), Format.TEXT, Options(**options))


def test_a_fix_is_printed_once_for_all_verbs_and_roles() -> None:
    text = written(*leaks(1))
    assert text.count("enable row level security") == 1
    assert all(code in text for code in VERBS)
    assert "as            web, jobs (member)" in text


def test_a_later_finding_refers_to_the_fix_that_stands_above() -> None:
    other = replace(WEAKNESS, relation="public.t00", fix=leaks(1)[0].fix)
    text = written(*leaks(1), other)
    assert text.count("enable row level security") == 1
    assert "the same SQL as A01 public.t00, above" in text


def test_fifty_leaking_tables_make_a_report_that_can_be_read() -> None:
    text = written(*leaks(50))
    assert len(text.splitlines()) < 400
    assert [number for number in range(50) if f"public.t{number:02}" not in text] == []
    assert "--verbose" in text


def test_verbose_tells_every_finding_in_full() -> None:
    assert written(*leaks(3), verbose=True).count("enable row level security") == 3 * 4 * 2


def test_json_keeps_every_finding() -> None:
    found = json.loads(render(report(findings=leaks(20)), Format.JSON))["findings"]
    assert len(found) == 20 * 4 * 2


def test_roles_that_get_their_own_revoke_share_one_statement() -> None:
    found = [
        replace(LEAK, role=role, message=f"{role} reads", fix=f'revoke all on public.v from "{role}", public;')
        for role in ("web", "jobs")
    ]
    assert 'revoke all on public.v from "web", "jobs", public;' in written(*found)


def test_what_differs_in_more_than_the_role_is_not_merged() -> None:
    found = [replace(LEAK, role="web"), replace(LEAK, role="jobs", message="jobs wrote 3 rows.")]
    assert all(one.message in written(*found) for one in found)
    (family,) = families(found)
    assert [len(told.findings) for told in (family.leader, *family.others)] == [1, 1]


def test_lints_of_one_code_say_once_what_they_mean() -> None:
    found = [replace(WEAKNESS, relation=f"public.n{number}", fix=f"fix {number};") for number in range(5)]
    text = written(*found)
    assert text.count(WEAKNESS.meaning) == 1
    assert "WARNING T01 rls_off (5)" in text
    assert [number for number in range(5) if f"fix {number};" not in text] == []


def test_a_note_about_several_roles_names_its_place_once() -> None:
    text = written(replace(NOTE, role="web"), replace(NOTE, role="jobs"))
    assert "2 x no_index: public.room\n" in text


def test_what_sabotage_ran_is_not_called_an_attack() -> None:
    survivor = finding(code="M01", name="control_unwatched", proof=Proof.ATTACKED, statement="drop policy p on x")
    for output in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        text = render(report(findings=(survivor,)), output).lower()
        assert "weakened with" in text
        assert "attacked with" not in text


def test_accepted_findings_name_objects_and_role() -> None:
    wide = Finding("B09", "forged", Level.WARNING, Kind.WEAKNESS, Proof.ATTACKED, "m", role="web", objects=("app.org",))
    known = (accepted(wide, by=AcceptedBy.DISMISSAL, reason="See our threat model."),)
    assert "app.org as web: See our threat model." in render(report(dismissed=known), Format.TEXT)
    for output in (Format.MARKDOWN, Format.HTML):
        text = render(report(dismissed=known), output).rpartition("Accepted")[2]
        assert "app.org" in text.replace("&#46;", ".")
        assert "web" in text


def test_a_run_without_attacks_says_so_at_its_head() -> None:
    for output in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        text = render(report(attacks_run=0), output)
        assert "0 attacks" not in text
        assert "no attack was run" in text


def test_a_superuser_is_told_what_that_means_where_attacks_ran() -> None:
    assert "SET ROLE" in written()
    assert "SET ROLE" not in render(report(attacks_run=0), Format.TEXT)
    assert "SET ROLE" not in render(report(server=replace(SERVER, is_superuser=False)), Format.TEXT)
