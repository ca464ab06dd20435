"""Does the seal hold: can this connection's role forge a tenant's context? Asked at start-up and by a verification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from tenantry.errors import TenantryError

__all__ = ["SealBroken", "SealFailure", "check_seal", "require_seal"]

_PROBES = "select condition, detail from tenantry.check_seal() where not holds"
_CARRIER = "select tenantry.carrier()"


class SealBroken(TenantryError):
    """The tenant context can be forged or misread on this connection."""

    code = "TN203"
    way_out = "Serve nobody over this connection. Apply the plan again, and connect as a role of the application."


@dataclass(frozen=True)
class SealFailure:
    """A condition of the seal that does not hold, and what was seen instead."""

    condition: str
    detail: str


def require_seal(connection: psycopg.Connection, token: str = "") -> None:
    """Raise ``SealBroken``, naming each condition, where the seal does not hold."""
    if failures := check_seal(connection, token):
        named = ", ".join(f"{failure.condition} ({failure.detail})" for failure in failures)
        raise SealBroken(f"Conditions of the seal that do not hold: {named}.")


def check_seal(connection: psycopg.Connection, token: str = "") -> tuple[SealFailure, ...]:
    """Give the conditions that do not hold; what cannot be asked is one of them.

    Run it on an idle connection of an application's role: it opens transactions of its own. With a token of any tenant
    it also tries whether a context outlives its transaction.
    """
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        return (SealFailure("connection_is_idle", "a transaction is open"),)
    failures: list[SealFailure] = []
    try:
        failures.extend(_failures(connection, token))
    except psycopg.Error as error:
        failures.append(SealFailure("seal_can_be_asked", error.sqlstate or type(error).__name__))
    return tuple(failures)


def _failures(connection: psycopg.Connection, token: str) -> Iterator[SealFailure]:
    with connection.transaction():
        if _carries(connection):
            yield SealFailure("carrier_is_empty_outside", "a context is open in a new transaction")
    with connection.transaction(force_rollback=True):
        for condition, detail in connection.execute(_PROBES).fetchall():
            yield SealFailure(condition, detail)
    if token:
        yield from _survival(connection, token)


def _survival(connection: psycopg.Connection, token: str) -> Iterator[SealFailure]:
    with connection.transaction():
        connection.execute("select tenantry.open(%s)", [token])
        if not _carries(connection):
            yield SealFailure("context_opens", "a valid token opened nothing")
    with connection.transaction():
        if _carries(connection):
            yield SealFailure("carrier_ends_with_transaction", "the context outlived its transaction")


def _carries(connection: psycopg.Connection) -> bool:
    row = connection.execute(_CARRIER).fetchone()
    # why: the plain carrier has its letters even where every field is empty
    return row is not None and bool((row[0] or "").strip("tarsx,"))
