"""Is a plan file applied only unchanged, in time, where it was made for, and once enough people approved it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import Ended, run
from planning import plan_of

from tenantry.blueprint.load import load
from tenantry.cli.plan_file import loaded
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.plan.file import Place, PlanFile, demand_usable
from tenantry.plan.model import Plan
from tenantry.plan.refusal import PlanElsewhere, PlanExpired
from tenantry.session.connect import connect
from tenantry.testing.databases import Database

GROUND = """
create role file_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select, delete, truncate on sales to file_user;
"""
BLUEPRINT = '[tenant]\ntable = "shops"\n[roles]\nattack = ["file_user"]\n'
UNTOUCHED = "select pg_catalog.to_regnamespace('tenantry') is null"


@pytest.fixture
def shops(fresh_database) -> Database:
    return fresh_database(GROUND)


@pytest.fixture
def file(shops: Database, tmp_path: Path) -> Path:
    """Give a plan file for the shops, in a directory with their blueprint."""
    (tmp_path / "tenantry.toml").write_text(BLUEPRINT)
    planned = run("plan", shops.url(), "--out", "plan.json", cwd=tmp_path)
    assert planned.status == 0, planned.stderr
    return tmp_path / "plan.json"


def apply(database: Database, file: Path, *words: str) -> Ended:
    return run("apply", database.url(), "--plan", file.name, "--yes", *words, cwd=file.parent)


def approve(file: Path, who: str) -> Ended:
    return run("approve", file.name, "--as", who, cwd=file.parent)


class _Interrupted(BaseException):
    """The process ends here."""


def begin(database: Database, plan: Plan) -> None:
    """Apply the first step of a plan, and no other."""

    def tell(words: str) -> None:
        if words.startswith("step 2 of"):
            raise _Interrupted

    with connect(database.url()) as connection, connect(database.url()) as look, pytest.raises(_Interrupted):
        run_plan(connection, look, plan, Limits(), tell)


def is_untouched(database: Database) -> bool:
    with database.connect() as connection:
        return connection.execute(UNTOUCHED).fetchone() == (True,)


def refused(ended: Ended, code: str, database: Database) -> str:
    """Give the sentence of a refusal that left the database as it was."""
    assert (ended.status, f"[{code}]" in ended.stderr) == (2, True), ended
    assert is_untouched(database)
    return ended.stderr


def rewritten(file: Path, **said: object) -> None:
    """Let the file say something else, under the id that belongs to it."""
    changed = loaded(file).model_copy(update=said)
    file.write_text(changed.model_copy(update={"id": changed.true_id}).text())


def test_a_plan_file_holds_for_three_days_and_is_applied(shops, file):
    made = loaded(file)
    assert made.expires_at - made.created == timedelta(hours=72)
    assert (made.server.database, made.approvals, made.id) == (made.plan.database, (), made.true_id)
    assert apply(shops, file).status == 0
    assert run("plan", shops.url(), cwd=file.parent).stdout.startswith("Nothing to do")


def test_its_lifetime_is_said_by_the_blueprint_or_the_command(shops, file):
    (file.parent / "tenantry.toml").write_text(f"{BLUEPRINT}[plan]\nlifetime_h = 5\n")
    for words, hours in (((), 5), (("--lifetime-h", "2"), 2)):
        assert run("plan", shops.url(), "--out", "plan.json", *words, cwd=file.parent).status == 0
        assert loaded(file).expires_at - loaded(file).created == timedelta(hours=hours)


def test_it_is_refused_until_enough_different_people_approved_it(shops, file):
    told = refused(apply(shops, file, "--approvals", "2"), "TN063", shops)
    assert "needs 2 approvals and has 0, by nobody" in told
    assert approve(file, "Ana").status == 0
    assert "has 1, by Ana" in refused(apply(shops, file, "--approvals", "2"), "TN063", shops)
    assert "Ana approved this plan already" in refused(approve(file, " ana "), "TN064", shops)
    assert "approved by Ana, Bo" in approve(file, "Bo").stdout
    assert apply(shops, file, "--approvals", "2").status == 0


def test_a_name_written_twice_into_the_file_counts_once(shops, file):
    assert approve(file, "Ana").status == 0
    word = loaded(file).approvals[0]
    twice = loaded(file).model_copy(update={"approvals": (word, word.model_copy(update={"who": "ANA"}))})
    file.write_text(twice.text())
    refused(apply(shops, file, "--approvals", "2"), "TN063", shops)


def test_what_was_approved_for_another_plan_does_not_count(shops, file):
    assert approve(file, "Ana").status == 0
    approvals = loaded(file).approvals
    assert run("plan", shops.url(), "--out", "plan.json", cwd=file.parent).status == 0
    assert loaded(file).approvals == ()
    file.write_text(loaded(file).model_copy(update={"approvals": approvals}).text())
    refused(apply(shops, file, "--approvals", "1"), "TN063", shops)


def test_where_the_blueprint_asks_for_approvals_there_is_no_way_around_a_file(shops, file):
    (file.parent / "tenantry.toml").write_text(f"{BLUEPRINT}[plan]\napprovals = 1\n")
    without = run("apply", shops.url(), "--yes", cwd=file.parent)
    assert "only a plan file can have them" in refused(without, "TN063", shops)
    refused(apply(shops, file, "--approvals", "0"), "TN063", shops)
    assert approve(file, "Ana").status == 0
    assert apply(shops, file).status == 0


@pytest.mark.parametrize("word", ["lifetime", "statement"])
def test_a_file_that_was_changed_is_refused(shops, file, word):
    made = loaded(file)
    if word == "lifetime":
        changed = made.model_copy(update={"expires_at": made.expires_at + timedelta(hours=1)})
        file.write_text(changed.text())
    else:
        file.write_text(file.read_text().replace("revoke truncate, ", "revoke ", 1))
    assert loaded(file) != made
    refused(apply(shops, file), "TN060", shops)
    refused(approve(file, "Ana"), "TN060", shops)


def test_an_expired_file_is_refused(shops, file):
    rewritten(file, expires_at=datetime.now(UTC) - timedelta(minutes=1))
    assert "expired on" in refused(apply(shops, file), "TN061", shops)
    refused(approve(file, "Ana"), "TN061", shops)


def test_a_file_holds_to_its_last_second(file):
    made = loaded(file)
    demand_usable(made, Place(made.server, made.expires_at), approvals=0)
    with pytest.raises(PlanExpired):
        demand_usable(made, Place(made.server, made.expires_at + timedelta(seconds=1)), approvals=0)


def test_what_was_begun_in_time_may_end_after_it(shops, file):
    begin(shops, loaded(file).plan)
    rewritten(file, expires_at=datetime.now(UTC) - timedelta(minutes=1))
    assert apply(shops, file).status == 0


def test_a_plan_for_another_database_is_refused(shops, file):
    other = Database(shops.server, "postgres")
    assert "was made for the database" in refused(apply(other, file), "TN062", other)


@pytest.mark.parametrize("other", [{"system_identifier": "1"}, {"version_num": 160004}])
def test_a_plan_for_another_server_is_refused(shops, file, other):
    made: PlanFile = loaded(file)
    rewritten(file, server=made.server.model_copy(update=other))
    refused(apply(shops, file), "TN062", shops)


def test_a_plan_survives_a_minor_release_of_the_server(file):
    made = loaded(file)
    patched = made.server.model_copy(update={"version_num": made.server.version_num + 1})
    demand_usable(made, Place(patched, made.created), approvals=0)
    with pytest.raises(PlanElsewhere):
        demand_usable(made, Place(made.server.model_copy(update={"database": "other"}), made.created), approvals=0)


def test_a_plan_is_refused_once_the_tables_it_touches_have_changed(shops, file):
    shops.execute("alter table sales add column note text")
    refused(apply(shops, file), "TN031", shops)


def test_a_plan_is_written_over_nothing_but_a_plan(shops, file):
    notes = file.parent / "notes.md"
    notes.write_text("keep me")
    ended = run("plan", shops.url(), "--out", "notes.md", cwd=file.parent)
    assert (ended.status, "is no plan file" in ended.stderr) == (2, True)
    assert notes.read_text() == "keep me"


@pytest.mark.parametrize("who", ["", "  ", "two\nlines", "x" * 101])
def test_who_approves_has_a_name(file, who):
    before = file.read_text()
    assert approve(file, who).status == 2
    assert file.read_text() == before


def test_another_plan_than_the_one_begun_is_refused(shops, file):
    shops.execute("alter table sales add column note text")
    begin(shops, plan_of(shops, load(file.parent / "tenantry.toml")))
    ended = apply(shops, file)
    assert (ended.status, "Another plan than that of" in ended.stderr) == (2, True), ended
    assert run("apply", shops.url(), "--yes", cwd=file.parent).status == 0
