"""What changed behind our back: objects that are no longer what the server said they became."""

from __future__ import annotations

from dataclasses import dataclass

from tenantry.catalog.model import Catalog
from tenantry.plan.journal import Journal
from tenantry.plan.live import digest, live

__all__ = ["Drift", "drifted"]


@dataclass(frozen=True)
class Drift:
    """An object as it became and as it stands; ``stands`` is empty where it is gone."""

    object: str
    became: tuple[str, ...]
    stands: tuple[str, ...]


def drifted(catalog: Catalog, journal: Journal) -> tuple[Drift, ...]:
    """Give every object of the journal that changed since."""
    standing = {name: live(catalog, name) for name in journal.entries}
    return tuple(
        Drift(name, entry.became_text, standing[name])
        for name, entry in journal.entries.items()
        if entry.became != digest(standing[name])
    )
