"""Can a person read the text report, in a narrow terminal, in a log file, and when names are hostile?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from sample_reports import (
    HOSTILE,
    LEAK,
    NOTE,
    WEAKNESS,
    cell,
    clean_report,
    hostile_report,
    large_report,
    report,
)

from tenantry.verify.model import Level, RoleFact, Skipped, Verb, Verdict
from tenantry.verify.report import Format, Options, render
from tenantry.verify.report.sqltext import wrapped


def written(of, **options) -> str:
    return render(of, Format.TEXT, Options(**options))


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(start))


def test_it_says_what_was_verified_and_what_was_guessed() -> None:
    text = written(report())
    for fact in ("shop", "PostgreSQL 18.1", "postgres (superuser)", "app_user, anon", "(guessed)"):
        assert fact in text
    assert "public.org lists the tenants" in text


def test_roles_that_were_not_attacked_are_named_with_why() -> None:
    assert "service_role: bypasses row security" in line_of(written(report()), "not attacked")


def test_many_roles_take_one_line_per_reason() -> None:
    roles = tuple(RoleFact(f"r{number}", False, "may not log in") for number in range(30))
    assert written(report(roles=roles)).count("may not log in") == 1


def test_a_cell_is_the_worst_verdict_over_roles() -> None:
    assert line_of(written(report()), "public.booking").split() == ["public.booking", "LEAK", "own"]


def test_a_row_with_a_leak_is_split_where_roles_differ() -> None:
    text = written(report())
    assert line_of(text, "as anon").split() == ["as", "anon", "-", "-"]
    assert line_of(text, "as app_user").split() == ["as", "app_user", "LEAK", "own"]


def test_roles_that_agree_share_a_line() -> None:
    cells = [cell("public.x", Verb.SELECT, role, Verdict.LEAK) for role in ("a", "b")]
    text = written(report(matrix=(*cells, cell("public.x", Verb.SELECT, "c", Verdict.DENIED))))
    assert "  as a, b" in text


def test_a_harmless_row_is_not_split() -> None:
    cells = (
        cell("public.x", Verb.SELECT, "a", Verdict.OWN_ROWS),
        cell("public.x", Verb.SELECT, "b", Verdict.DENIED),
    )
    assert "  as a" not in written(report(matrix=cells))
    assert "  as a" in written(report(matrix=cells), verbose=True)


def test_a_large_matrix_shows_what_matters_and_counts_the_rest() -> None:
    text = written(large_report(60))
    assert "public.t007" in text
    assert "public.t008" not in text
    assert "59 other relations with no leak and nothing unproven." in text


def test_verbose_lists_every_relation() -> None:
    assert "public.t008" in written(large_report(60), verbose=True)


@pytest.mark.parametrize("of", [report(), large_report(), clean_report()])
@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_asked(of, width: int) -> None:
    assert max(cell_len(line) for line in written(of, width=width).splitlines()) <= width


def test_long_names_are_folded_outside_of_sql() -> None:
    name = f"{'s' * 63}.{'t' * 63}"
    long = report(matrix=(cell(name, Verb.SELECT, "r" * 63, Verdict.LEAK),), findings=(replace(LEAK, relation=name),))
    assert max(map(len, written(long).splitlines())) <= 80


def test_a_finding_says_what_whose_why_and_how_to_mend_it() -> None:
    text = written(report())
    for fact in (LEAK.message, "a***@e***.com", LEAK.meaning, LEAK.statement, "create policy booking_tenant"):
        assert fact in text


def test_what_may_be_intended_says_how_to_declare_it() -> None:
    assert "may be intended: declare\n      [shared]" in written(report())


def test_errors_come_before_warnings_and_notes_last() -> None:
    text = written(report())
    assert text.index("ERROR A01") < text.index("WARNING T01") < text.index("Notes (1)")


def test_notes_are_counted_per_code_unless_verbose() -> None:
    notes = tuple(replace(NOTE, relation=f"public.n{number}") for number in range(5))
    text = written(report(findings=notes))
    assert "5 x no_index: public.n0, public.n1, public.n2 and 2 more" in text
    assert written(report(findings=notes), verbose=True).count("NOTE H01") == 5


def test_unproven_is_counted_by_reason() -> None:
    unproven = tuple(Skipped(f"insert into t{number}", "a check constraint") for number in range(9))
    text = written(report(unproven=unproven))
    assert "Unproven, never counted as safe (9)" in text
    assert "9 x           a check constraint" in text


def test_survivors_of_sabotage_are_named() -> None:
    text = written(report())
    assert "Sabotage: 50% of 2 weakened controls noticed" in text
    assert "force on public.room" in text
    assert "policy booking_tenant" not in text.split("Sabotage")[1]


def test_the_last_words_are_verdict_exit_status_and_next_step() -> None:
    assert "FAILED (exit status 1): 2 errors, 1 warning and 1 note" in written(report())
    assert "NOT PROVEN (exit status 2)" in written(report(findings=()))
    assert "CLEAN (exit status 0)" in written(clean_report())


def test_a_run_without_attacks_is_not_called_proof() -> None:
    text = written(clean_report(attacks_run=0))
    assert "CLEAN" not in text
    assert "this is no proof" in text


def test_an_accepted_leak_is_not_called_safe() -> None:
    matrix = (cell("public.booking", Verb.SELECT, "app_user", Verdict.LEAK),)
    text = written(clean_report(matrix=matrix, dismissed=(LEAK,)))
    assert "none reached" not in text
    assert "1 leak in the matrix" in text


def test_without_colour_there_is_no_escape_and_only_ascii() -> None:
    assert written(report()).isascii()
    assert "\x1b" not in written(report())


def test_with_colour_the_words_stay_the_same() -> None:
    coloured = written(report(), colour=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.split() for line in plain.splitlines()] == [line.split() for line in written(report()).splitlines()]


def test_the_environment_does_not_change_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(report())
    for name, value in (("FORCE_COLOR", "1"), ("COLUMNS", "40"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    assert written(report()) == before


@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_names_print_nothing_but_themselves(verbose: bool) -> None:
    text = written(hostile_report(), verbose=verbose)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\x1b[31mred" in text
    assert "[bold]b[/bold]" in text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("name", [HOSTILE, "x " * 30 + "CLEAN (exit status 0) " * 9, "x\nCLEAN (exit status 0)"])
def test_a_name_cannot_fake_a_heading_or_a_verdict(name: str) -> None:
    of = hostile_report(name)
    named = replace(of, findings=tuple(replace(one, code="A01", name="read_other") for one in of.findings))
    starts = {line.split()[0] for line in written(named).splitlines() if line[:1].strip()}
    assert starts <= {
        "tenantry", "Who", "LEAK", "own", "Findings,", "ERROR", "Notes", "Unproven,", "Skipped", "Sabotage:",
        "Accepted", "FAILED", "Review", "again.",
    }  # fmt: skip


def test_hostile_names_cannot_colour_themselves() -> None:
    assert "\x1b[31mred" not in written(hostile_report(), colour=True)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_can_be_printed(name: str) -> None:
    text = written(hostile_report(name))
    assert all(char.isprintable() or char == "\n" for char in text)


def test_sql_is_broken_only_where_it_means_the_same() -> None:
    sql = "select 'a  long   literal that is kept' as \"quoted  name\" from some_table where other_column = 1"
    lines = wrapped(sql, 40)
    assert len(lines) > 1
    assert " ".join(line.strip() for line in lines) == sql


@pytest.mark.parametrize(
    "sql",
    [
        f"do $$ begin raise notice '{'x ' * 60}'; end $$",
        f"select '{'x ' * 60}\n{'y ' * 60}'",
        f'select "{"x " * 60}\n{"y " * 60}"',
    ],
)
def test_sql_with_values_over_several_lines_is_left_alone(sql: str) -> None:
    assert "\n".join(wrapped(sql, 40)) == sql


def test_a_comment_in_sql_stays_one_comment() -> None:
    sql = f"select 1 -- {'why ' * 40}".rstrip()
    assert [line for line in wrapped(sql, 40) if line.strip().startswith("why")] == []


def test_the_sample_has_every_level() -> None:
    assert {one.level for one in (LEAK, WEAKNESS, NOTE)} == set(Level)
