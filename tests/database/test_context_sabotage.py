"""Is it the defence that stops an attack on a context: does it get through once the defence is taken away?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from forgeries import LEAKS, MATRIX, Attack, Sabotage, outcome
from grounds import ground

from tenantry.context.model import Profile
from tenantry.testing.databases import Database

SABOTAGES = [
    pytest.param(row.attack, profile, sabotage, id=f"{row.attack.__name__}-{profile}")
    for row in MATRIX
    for profile, sabotage in row.sabotages.items()
]


@pytest.mark.parametrize(("attack", "profile", "sabotage"), SABOTAGES)
def test_without_its_defence_the_attack_gets_through(
    fresh_database: Callable[[str], Database], attack: Attack, profile: Profile, sabotage: Sabotage
) -> None:
    at = ground(fresh_database, profile)
    sabotage(at)
    assert outcome(attack, at) == LEAKS
