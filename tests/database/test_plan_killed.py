"""Does an apply that was killed, at any step or between, go on to the same end, with nothing lost or done twice?"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from command import ended, run, start, wait_until
from planning import schema_dump

EVERY_STEP = os.environ.get("TENANTRY_CHAOS") == "1"
TWO_SHOPS = """
create role killed_app login;
create table public.shops (id bigint primary key);
create table public.sales (id bigint primary key, shop_id bigint not null references public.shops);
insert into public.shops values (1), (2);
insert into public.sales values (1, 1);
grant select, insert on public.sales to killed_app;
"""
SHOPS = '[tenant]\ntable = "shops"\n[roles]\nattack = ["killed_app"]\n'
SESSIONS = "select count(*) from pg_catalog.pg_stat_activity where application_name = 'tenantry'"


def _killed_at(step: int, url: str, cwd: Path) -> bool:
    """Run apply and kill it when it tells the step; say whether it came that far."""
    with start("apply", url, "--yes", cwd=cwd) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(f"step {step} of"):
                # why: somewhere within the step, not only at its start
                time.sleep(random.uniform(0, 0.03))
                process.kill()
                return True
        return False


def _wait_for_silence(database) -> None:
    def silent() -> bool:
        with database.connect() as connection:
            found = connection.execute(SESSIONS).fetchone()
            return found is not None and found[0] == 0

    wait_until(silent, "the server's end of the killed sessions")


@pytest.mark.chaos
def test_apply_killed_at_a_step_goes_on_to_the_same_end(restaurants, tmp_path):
    url = restaurants.url()
    assert run("init", url, cwd=tmp_path).status == 0
    before = schema_dump(restaurants)
    done = run("apply", url, "--yes", cwd=tmp_path)
    assert done.status == 0, done.stderr
    tight = schema_dump(restaurants)
    last = max(int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("step "))
    steps = range(1, last + 1) if EVERY_STEP else sorted(random.sample(range(1, last + 1), 4))
    for step in steps:
        assert run("undo", url, "--yes", cwd=tmp_path).status == 0
        assert schema_dump(restaurants) == before
        assert _killed_at(step, url, tmp_path), f"step {step} was never told"
        _wait_for_silence(restaurants)
        again = run("apply", url, "--yes", cwd=tmp_path)
        assert again.status == 0, (step, again.stderr)
        assert schema_dump(restaurants) == tight, step
    nothing = run("plan", url, cwd=tmp_path)
    assert (nothing.status, nothing.stdout.startswith("Nothing to do")) == (0, True), nothing.stdout[:300]


def test_apply_asks_before_it_changes_anything(restaurants, tmp_path):
    before = schema_dump(restaurants)
    with start("apply", restaurants.url(), cwd=tmp_path) as process:
        outcome = ended(process)
    assert outcome.status != 0
    assert schema_dump(restaurants) == before


def test_undo_without_a_plan_says_so(restaurants, tmp_path):
    outcome = run("undo", restaurants.url(), "--yes", cwd=tmp_path)
    assert outcome.status == 2
    assert "No plan of tenantry's stands in this database." in outcome.stderr


def test_undo_says_first_what_it_cannot_bring_back(restaurants, tmp_path):
    url = restaurants.url()
    assert run("init", url, cwd=tmp_path).status == 0
    applied = run("apply", url, "--yes", cwd=tmp_path)
    assert "No context opens without a key" in applied.stdout
    before = schema_dump(restaurants)
    with start("undo", url, cwd=tmp_path) as process:
        outcome = ended(process)
    assert outcome.status != 0
    assert "no undo brings its keys back" in outcome.stdout
    assert "where two tenants have the same one by now, undo stops there" in outcome.stdout
    assert schema_dump(restaurants) == before


def test_undo_stops_at_a_key_that_two_tenants_have_and_goes_on_without_it(fresh_database, tmp_path):
    database = fresh_database(TWO_SHOPS)
    before = schema_dump(database)
    (tmp_path / "tenantry.toml").write_text(SHOPS, encoding="utf-8")
    assert run("apply", database.url(), "--yes", cwd=tmp_path).status == 0
    database.execute("insert into public.sales values (1, 2)")
    stopped = run("undo", database.url(), "--yes", cwd=tmp_path)
    assert (stopped.status, "sales_pkey" in stopped.stderr) == (2, True), stopped.stderr
    database.execute("delete from public.sales where shop_id = 2")
    assert run("undo", database.url(), "--yes", cwd=tmp_path).status == 0
    assert schema_dump(database) == before


def test_a_plan_file_is_applied_as_it_was_read(restaurants, tmp_path):
    url = restaurants.url()
    assert run("init", url, cwd=tmp_path).status == 0
    file = tmp_path / "plan.json"
    file.write_text(run("plan", url, "--format", "json", cwd=tmp_path).stdout, encoding="utf-8")
    assert run("apply", url, "--plan", str(file), "--yes", cwd=tmp_path).status == 0
    assert run("drift", url, cwd=tmp_path).status == 0
    refused = run("apply", url, "--plan", str(file), "--yes", cwd=tmp_path)
    assert refused.status == 2
    assert "no longer what the plan was made for" in refused.stderr


def test_a_file_that_is_no_plan_is_refused(restaurants, tmp_path):
    file = tmp_path / "plan.json"
    file.write_text('{"steps": []}', encoding="utf-8")
    outcome = run("apply", restaurants.url(), "--plan", str(file), "--yes", cwd=tmp_path)
    assert outcome.status == 2
    assert "is not a plan" in outcome.stderr


def test_drift_tells_what_changed_and_fails(restaurants, tmp_path):
    url = restaurants.url()
    assert run("init", url, cwd=tmp_path).status == 0
    assert run("apply", url, "--yes", cwd=tmp_path).status == 0
    restaurants.execute("alter table public.bookings disable row level security")
    outcome = run("drift", url, cwd=tmp_path)
    assert outcome.status == 1
    assert "fence on public.bookings" in outcome.stdout
    assert "disable row level security" in outcome.stdout
