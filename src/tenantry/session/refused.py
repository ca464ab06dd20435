"""What an application is told when a unit of work cannot be done: a code, a status, whether trying again may help.

One registry: each class names the SQLSTATEs it stands for (PostgreSQL, appendix "Error Codes"). The server's own text
may quote rows, so it is never part of the message; what is safe to tell, such as a constraint's name, is an attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import psycopg

from tenantry.errors import TenantryError

__all__ = [
    "ConflictFound",
    "ContextRefused",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "DeadlinePassed",
    "LoginUnfit",
    "OutcomeUnknown",
    "PermissionMissing",
    "PoolExhausted",
    "PoolerUnfit",
    "ReferenceRefused",
    "Refusal",
    "RetryLater",
    "RowSecurityRefused",
    "TenancyUnset",
    "TenantMissing",
    "UnitAborted",
    "UnitEnded",
    "ValueRefused",
    "refusal_for",
    "refused",
    "registry",
]

_OF_ROW_SECURITY = frozenset({"ExecWithCheckOptions", "check_enable_rls", "get_row_security_policies"})


class Refusal(TenantryError):
    """The unit of work was not done."""

    code = "TN300"
    way_out = "Nothing was changed. Read the code."
    name: ClassVar[str] = "refused"
    status: ClassVar[int] = 500
    sqlstates: ClassVar[tuple[str, ...]] = ()

    def __init__(self, detail: str = "", *, sqlstate: str = "", constraint: str = "", table: str = "") -> None:
        super().__init__(detail)
        self.sqlstate = sqlstate
        self.constraint = constraint
        self.table = table


class TenancyUnset(Refusal):
    """The runtime was not told what it needs to start."""

    code = "TN301"
    way_out = "Set the named variable, or give it to Tenancy()."
    name = "tenancy_unset"


class LoginUnfit(Refusal):
    """The login could look past the fence, so nobody is served over it."""

    code = "TN302"
    way_out = (
        "Connect as a role of the application: one that owns no fenced table, is no member of an owner's role, and may "
        "not bypass row security."
    )
    name = "login_unfit"


class PoolerUnfit(Refusal):
    """A pooler stands in front that takes transactions apart."""

    code = "TN303"
    way_out = "Let the pooler pool transactions or sessions (PgBouncer: pool_mode = transaction), not statements."
    name = "pooler_unfit"


class TenantMissing(Refusal):
    """No tenant is named for this work, so no SQL was sent."""

    code = "TN304"
    way_out = "Name one: tenancy.acting_for(tenant), or run the work within acting_as(identity)."
    name = "tenant_missing"
    status = 403


class ContextRefused(Refusal):
    """The database refused the tenant context."""

    code = "TN305"
    way_out = (
        "Compare the application's key with `tenantry key list`, the clocks of both machines, and who may execute "
        "tenantry.open."
    )
    name = "context_refused"


class RowSecurityRefused(Refusal):
    """Row security refused to write a row: it would not belong to the tenant, or the role may not."""

    code = "TN306"
    way_out = "Write rows of the tenant the unit acts for; look at the table's policies if that is what was done."
    name = "rls_violation"
    status = 403
    sqlstates = ("42501",)


class PermissionMissing(Refusal):
    """The login has no right to what the statement touches."""

    code = "TN307"
    way_out = "Run tenantry drift; grant the login what it needs in the blueprint, and apply."
    name = "permission_missing"
    status = 403
    sqlstates = ("42501",)


class ConflictFound(Refusal):
    """The row clashes with one that is there."""

    code = "TN308"
    way_out = "Change the values that must be unique, or change the row that is there."
    name = "conflict_error"
    status = 409
    sqlstates = ("23505", "23P01")


class ReferenceRefused(Refusal):
    """A row refers to one that is not there, or is still referred to."""

    code = "TN309"
    way_out = "Refer to a row of this tenant that exists; remove what refers to a row before the row."
    name = "reference_error"
    status = 409
    sqlstates = ("23503", "23001")


class ValueRefused(Refusal):
    """A value is not one that the column can hold."""

    code = "TN310"
    way_out = "Send a value that the column's type and checks allow."
    name = "value_error"
    status = 422
    sqlstates = ("22", "23502", "23514")


class RetryLater(Refusal):
    """Another transaction was in the way, and this one was rolled back."""

    code = "TN311"
    retryable = True
    way_out = "Try again; tenancy.run(work, idempotent=True) does so by itself."
    name = "retryable"
    status = 503
    sqlstates = ("40001", "40P01")


class DatabaseUnavailable(Refusal):
    """The database cannot be reached, or does not answer."""

    code = "TN312"
    retryable = True
    way_out = "Try again in a moment. If it lasts, look at the server."
    name = "database_unavailable"
    status = 503
    sqlstates = ("08", "53", "57P")
    retry_after_s: float = 1.0

    @classmethod
    def until(cls, retry_after_s: float) -> DatabaseUnavailable:
        """Give the refusal for a database that did not answer a moment ago, and is not asked before so many seconds."""
        refusal = cls("The database did not answer a moment ago, and is left alone until it does.")
        refusal.retry_after_s = retry_after_s
        return refusal


class PoolExhausted(Refusal):
    """Every connection was in use for as long as one may wait for it."""

    code = "TN313"
    retryable = True
    way_out = "Try again. If it lasts, shorten units of work, or raise max_size and the server's max_connections."
    name = "pool_exhausted"
    status = 503


class DeadlinePassed(Refusal):
    """The work took longer than it may, and was stopped."""

    code = "TN314"
    retryable = True
    way_out = "Do less in one statement, or give it more time: Deadlines(statement_s=...)."
    name = "deadline_passed"
    status = 504
    sqlstates = ("57014", "55P03", "25P03", "25P04")


class OutcomeUnknown(Refusal):
    """The connection broke while the commit was under way: it may have happened, or not."""

    code = "TN315"
    way_out = "Look whether the change is there before doing it again; an idempotency key answers that by itself."
    name = "outcome_unknown"
    status = 503


class UnitEnded(Refusal):
    """The transaction was ended, or is still in use, where only the unit of work may end it."""

    code = "TN316"
    way_out = (
        "Send no commit or rollback, use transaction() for a part that may fail, and let all work end before the unit "
        "does."
    )
    name = "unit_ended"


class UnitAborted(Refusal):
    """A statement had failed, so the server rolled back what it was told to commit."""

    code = "TN317"
    way_out = "Let errors of the database leave the unit of work, or catch them around tx.transaction()."
    name = "unit_aborted"


class DatabaseRefused(Refusal):
    """The database refused a statement."""

    code = "TN318"
    way_out = "Look up the SQLSTATE in the server's log at this moment, and mend the statement."
    name = "database_refused"


def registry() -> tuple[type[Refusal], ...]:
    """Give every refusal, by code."""
    return tuple(sorted(_descendants(Refusal), key=lambda each: each.code))


def refused(error: psycopg.Error) -> Refusal:
    """Give the refusal a database error stands for; its message holds none of the server's words."""
    diag = error.diag
    if not error.sqlstate and isinstance(error, psycopg.DataError):
        # why: psycopg itself refuses text that no column can hold, such as a NUL character
        return ValueRefused()
    return refusal_for(
        error.sqlstate or "",
        function=diag.source_function or "",
        constraint=diag.constraint_name or "",
        table=diag.table_name or "",
        is_lost=isinstance(error, psycopg.OperationalError),
    )


def refusal_for(
    sqlstate: str, *, function: str = "", constraint: str = "", table: str = "", is_lost: bool = False
) -> Refusal:
    """Give the refusal for what a server said, or for its silence: a connection that broke has no SQLSTATE.

    ``function`` is that of the server's own code which raised the error.
    """
    kind = _kind(sqlstate, function) if sqlstate else DatabaseUnavailable if is_lost else DatabaseRefused
    told = f"{(kind.__doc__ or '').splitlines()[0]} ({sqlstate})" if sqlstate else ""
    return kind(told, sqlstate=sqlstate, constraint=constraint, table=table)


def _kind(sqlstate: str, function: str) -> type[Refusal]:
    if sqlstate == "42501":
        # why: the text is in the server's language, the function that raised it is not
        return RowSecurityRefused if function in _OF_ROW_SECURITY else PermissionMissing
    fitting = [(state, each) for each in registry() for state in each.sqlstates if sqlstate.startswith(state)]
    return max(fitting, key=lambda each: len(each[0]))[1] if fitting else DatabaseRefused


def _descendants(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
