"""How a command ends when it cannot go on: one sentence on standard error and an exit status, whatever happened."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psycopg
import typer

from tenantry.errors import (
    ConnectionLost,
    Fault,
    Interrupted,
    Locked,
    OutOfLocks,
    ServerRefused,
    TenantryError,
    Terminated,
    TimedOut,
)
from tenantry.sql.refusal import told
from tenantry.verify.report.neutral import visible

__all__ = ["ending_in_a_sentence"]

_SIGNALS: dict[int, type[TenantryError]] = {signal.SIGINT: Interrupted, signal.SIGTERM: Terminated}
_BY_SQLSTATE: dict[str, type[TenantryError]] = {"53200": OutOfLocks, "55P03": Locked, "57014": TimedOut}


@contextmanager
def ending_in_a_sentence() -> Iterator[None]:
    """Turn errors and signals into a sentence and the exit status that belongs to it."""
    # why: a transaction that cannot be rolled back politely is rolled back by the server; the driver's words about
    # it would stand beside the one sentence
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    received = _received_signals()
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        if received:
            # why: what broke while the command was stopping is not what the user asked about
            _end(_SIGNALS[received[0]]())
        if isinstance(error, SystemExit):
            raise
        _end(_situation(error))


def _received_signals() -> list[int]:
    """Give the list that signals will be noted in; the first one interrupts, and the database rolls back."""
    received: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        received.append(number)
        # why: this is the exception on which psycopg cancels the statement that is running
        raise KeyboardInterrupt

    for number in _SIGNALS:
        signal.signal(number, interrupt)
    return received


def _situation(error: BaseException) -> TenantryError:
    if isinstance(error, TenantryError):
        return error
    if isinstance(error, psycopg.OperationalError) and _is_loss(error):
        return ConnectionLost(f"{ConnectionLost()} ({_first_line(error)})")
    if isinstance(error, psycopg.DatabaseError) and error.sqlstate:
        kind = _BY_SQLSTATE.get(error.sqlstate, ServerRefused)
        return kind(f"{kind()} ({told(error)})")
    traceback.print_exception(error)
    return Fault(f"{Fault()} ({type(error).__name__})")


def _is_loss(error: psycopg.OperationalError) -> bool:
    """Say whether the connection broke: no SQLSTATE, class 08, or the server ended it (57P01 to 57P03, 57P05)."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


def _end(error: TenantryError) -> None:
    typer.echo(f"tenantry: {visible(error.sentence())} [{error.code}]", err=True)
    sys.exit(error.exit_status)


def _first_line(error: psycopg.Error) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
