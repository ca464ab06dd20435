"""What a mutant is: one control, and the statement that weakens it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Mutant"]


@dataclass(frozen=True)
class Mutant:
    """One weakened control.

    ``touched`` are the tables (oids) whose rows it may open. ``killers`` are codes of the attacks most likely to
    notice. ``equivalent`` is the rule that says why nobody gets through all the same, or empty.
    ``role`` is the attacked role that would profit, where it is one alone.
    ``group`` says with which others it can be made at once without becoming another mutant: not with a second
    change of the same policy, and what hands out rights not with what opens a fence. ``stronger`` is a statement
    that weakens at least as much and can be made beside any other of its group.
    """

    control: str
    statement: str
    touched: tuple[int, ...] = ()
    killers: tuple[str, ...] = ()
    equivalent: str = ""
    role: str = ""
    group: str = "fence"
    stronger: str = ""

    @property
    def gives_rights(self) -> bool:
        """Say whether it changes who holds which privilege, which attacks look up before they try."""
        return self.group == "grant"
