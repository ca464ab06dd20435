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
