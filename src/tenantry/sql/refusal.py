"""What may be said of a server's error: its code and its sentence, without the values that stand in it.

Messages of the server name objects; those of class 22 (data exceptions) quote values, and what a function
raises itself may hold anything. So values are blotted out, and raised texts are left out.
"""

from __future__ import annotations

import psycopg

__all__ = ["is_raised", "sentence_of", "told"]

# Classes whose sentences name objects and never values (PostgreSQL, appendix "Error Codes"). Of class 42 those that
# only quote names the catalog has: others quote what a statement says, and one put together from rows says those.
_NAMES_ONLY = ("08", "0A", "23", "25", "26", "2F", "40", "44", "53", "54", "55", "57", "42501", "42P17", "428C9")
_QUOTING = ("22", "42")


def told(error: psycopg.Error) -> str:
    """Give SQLSTATE and sentence, fit for a report."""
    state = error.sqlstate or "?????"
    return f"{state}: {sentence_of(state, str(error), raised=is_raised(error))}"


def is_raised(error: psycopg.Error) -> bool:
    """Say whether a function's own RAISE made the error, and so its text."""
    return error.diag.source_function in ("exec_stmt_raise", "exec_stmt_assert") or error.sqlstate == "P0001"


def sentence_of(sqlstate: str, message: str, *, raised: bool) -> str:
    """Give the first line of a message without the values it may hold."""
    first = message.splitlines()[0] if message else "no message"
    if raised:
        return "raised by a function of the database (its text is left out)"
    if sqlstate.startswith(_NAMES_ONLY):
        return first
    # why: the server doubles no quote within what it quotes, so nothing behind the first one can be told apart
    told, quote, _ = first.partition('"')
    return told + (f"{quote}…" if quote else "") if sqlstate.startswith(_QUOTING) else "its text is left out"
