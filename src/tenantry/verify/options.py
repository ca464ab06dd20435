"""What a run may do and how long it may wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg

from tenantry.verify.attack import DatabaseAttack

__all__ = ["Options", "silent"]


def silent(phase: str, done: int, total: int) -> None:
    """Say nothing about progress."""


@dataclass(frozen=True)
class Options:
    """``may_write``: attack even a server that looks like production. ``call_outside``: call functions whose

    effects a rollback does not undo. ``second`` opens one more connection to the same database. ``also`` are
    attacks of the layers above. Times in ms.
    """

    may_write: bool = False
    call_outside: bool = False
    mutate: bool = False
    statement_timeout_ms: int = 5_000
    lock_timeout_ms: int = 500
    progress: Callable[[str, int, int], None] = silent
    second: Callable[[], AbstractContextManager[psycopg.Connection]] | None = None
    also: tuple[DatabaseAttack, ...] = ()
