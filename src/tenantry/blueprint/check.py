"""What does a blueprint file say, and what is wrong with it? Answered from its text alone."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from tenantry.blueprint.contradictions import contradictions
from tenantry.blueprint.doubts import Known, doubts
from tenantry.blueprint.fault import Fault
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.place import Places
from tenantry.blueprint.shape import shape_faults
from tenantry.blueprint.syntax import NotToml, parsed

__all__ = ["Examined", "examined"]


@dataclass(frozen=True)
class Examined:
    """A blueprint, as far as it could be read, and the faults for which it cannot be used.

    ``blueprint`` is none where the model refuses it; ``places`` is none where the text is not even TOML.
    """

    faults: tuple[Fault, ...]
    places: Places | None = None
    blueprint: Blueprint | None = None

    def doubts(self, known: Known) -> tuple[Fault, ...]:
        """Give what could be used and yet is not meant; nothing where there is no blueprint to doubt."""
        if self.blueprint is None or self.places is None:
            return ()
        return tuple(doubts(self.blueprint, self.places, known))


def examined(data: bytes) -> Examined:
    """Read the bytes of a blueprint file."""
    try:
        found, content = parsed(data)
    except NotToml as refused:
        return Examined((refused.fault,))
    try:
        blueprint = Blueprint.model_validate(content)
    except ValidationError as error:
        return Examined(tuple(shape_faults(error, found)), found)
    return Examined(tuple(contradictions(blueprint, found)), found, blueprint)
