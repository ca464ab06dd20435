"""Which choices of the reader change how a report looks, and which formats there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenantry.verify.model import Level

__all__ = ["Format", "Options"]


class Format(StrEnum):
    """Who reads the report: a person, a program, or a build server."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True)
class Options:
    """How to write a report.

    ``fail_at`` is the level at which a finding fails the run. ``verbose`` lists what is otherwise counted.
    ``width`` is in columns. ``colour`` adds terminal colours; no fact is told by colour alone.
    ``source`` is the file build servers show findings at: the blueprint, where there is one.
    """

    fail_at: Level = Level.WARNING
    verbose: bool = False
    width: int = 80
    colour: bool = False
    source: str = "database"
