"""Does each attack on a context end as the matrix says, under every profile and on every server?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from forgeries import MATRIX, REFUSED, Attack, outcome
from grounds import Ground, ground, value

from tenantry.context.model import Profile
from tenantry.testing.databases import Database, Workshop

CELLS = [
    pytest.param(profile, row.attack, getattr(row, profile.value), id=f"{profile}-{row.attack.__name__}")
    for profile in Profile
    for row in MATRIX
]


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[Ground]:
    """Give one ground per profile: an attack that ends as it should leaves nothing."""
    with ExitStack() as databases:

        def make(statements: str) -> Database:
            made = databases.enter_context(workshop.database())
            made.execute(statements)
            return made

        yield ground(make, request.param)


@pytest.mark.parametrize(("shared", "attack", "expected"), CELLS, indirect=["shared"])
def test_an_attack_ends_as_the_matrix_says(shared: Ground, attack: Attack, expected: str) -> None:
    assert outcome(attack, shared) == expected


def test_every_refusing_cell_of_a_proved_profile_has_its_sabotage() -> None:
    bare = [
        f"{row.attack.__name__} {profile}"
        for row in MATRIX
        for profile in Profile
        if getattr(row, profile.value) == REFUSED and profile not in row.sabotages
    ]
    assert bare == []


@pytest.mark.parametrize("shared", Profile, indirect=True)
def test_a_parallel_worker_sees_the_context(shared: Ground) -> None:
    with shared.connect() as connection, connection.transaction():
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            connection.execute("select set_config(%s, '0', true)", [setting])
        shared.open(connection)
        # why: the bare call runs within the workers; the floor's own runs in the leader
        query = "select count(*) from public.note where tenant_id = tenantry.current_org_id()"
        plan = str(connection.execute(f"explain (analyze, costs off, timing off) {query}".encode()).fetchall())
        assert "Workers Launched: 2" in plan
        assert value(connection, query) == 50
