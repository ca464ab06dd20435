"""Which situations end a command, with a stable code, an exit status and the way out.

The docstring of each class is what happened; ``way_out`` is what to do. Codes are never reused.
Exit statuses are those of ``tenantry verify``: 0 clean, 1 findings, 2 could not verify.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AttackRefused",
    "BaselineGrew",
    "BaselineInvalid",
    "BaselineMissing",
    "BlueprintExists",
    "BlueprintInvalid",
    "ConnectionFailed",
    "ConnectionLost",
    "DismissalInvalid",
    "ExportRefused",
    "Fault",
    "FileUnwritable",
    "Interrupted",
    "KeyFileExists",
    "LockNotGranted",
    "Locked",
    "NoRights",
    "NotPostgres",
    "NothingApplied",
    "NothingToVerify",
    "OperatorBusy",
    "OutOfLocks",
    "OutputFailed",
    "PlanStale",
    "PlanUnfinished",
    "ReadOnly",
    "RolesUnknown",
    "ServerRefused",
    "ServerTooOld",
    "StatementStuck",
    "StepFailed",
    "TablesUnknown",
    "TenantStays",
    "TenantryError",
    "TenantsUnknown",
    "Terminated",
    "TimedOut",
    "UnsafeName",
]


_UNDER_WAY = "The server rolls back what was under way; of apply and undo, the steps before it stand."


class TenantryError(Exception):
    """tenantry could not go on."""

    code: ClassVar[str] = "TN000"
    exit_status: ClassVar[int] = 2
    retryable: ClassVar[bool] = False
    way_out: ClassVar[str] = "Read the message; nothing was changed."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").split("\n")[0])

    def sentence(self) -> str:
        """Say what happened and what to do, in one line each."""
        return f"{self.args[0]} {self.way_out}".strip()


class ConnectionFailed(TenantryError):
    """The database could not be reached."""

    code = "TN001"
    retryable = True
    way_out = "Check host, port, user, password and database name in the URL, and that the server runs."


class ConnectionLost(TenantryError):
    """The connection to the database broke."""

    code = "TN002"
    retryable = True
    way_out = f"{_UNDER_WAY} Run the command again."


class NoRights(TenantryError):
    """The connecting role may not do what verifying needs."""

    code = "TN003"
    way_out = (
        "Connect as a superuser or as a role that may bypass row security and act as the application's roles, "
        "or run `tenantry lint`, which only reads the catalog."
    )


class NothingToVerify(TenantryError):
    """The database holds no table of an application."""

    code = "TN004"
    way_out = "Check the database name, or load your migrations first."


class TenantsUnknown(TenantryError):
    """No table could be recognised as the one that lists the tenants."""

    code = "TN005"
    way_out = "Run `tenantry init URL` and set [tenant] table in tenantry.toml."


class ServerTooOld(TenantryError):
    """The server is older than PostgreSQL 15."""

    code = "TN006"
    way_out = "Verify a copy of the database on PostgreSQL 15 or later."


class AttackRefused(TenantryError):
    """The server looks like production, and attacks write before they roll back."""

    code = "TN007"
    way_out = (
        "Verify a copy, or run `tenantry lint`. To attack this server all the same, add --i-may-write: "
        "everything is rolled back, but rows are locked for moments and sequences as long as it runs."
    )


class BlueprintInvalid(TenantryError):
    """The blueprint does not say something tenantry can use."""

    code = "TN008"
    way_out = "Mend the named key; `tenantry init URL` writes a commented example."


class BaselineGrew(TenantryError):
    """The baseline may only shrink."""

    code = "TN009"
    exit_status = 1
    way_out = "Mend the new findings, or dismiss them with a reason in tenantry.toml."


class BaselineMissing(TenantryError):
    """The baseline is not there, and on a build server none is made: it would accept everything, every time."""

    code = "TN021"
    way_out = "Run the command once where you work, commit the file it writes, and name it here."


class BaselineInvalid(TenantryError):
    """The baseline cannot be read or written, and is never taken for an empty one."""

    code = "TN023"
    way_out = (
        "Nothing was changed. Restore the file from version control; or remove it, run the command where you work, "
        "and review and commit the file it writes: it accepts what fails today."
    )


class DismissalInvalid(TenantryError):
    """A dismissal has no reason, or has expired."""

    code = "TN010"
    way_out = "Give the dismissal a reason and a date in the future, or mend what it hides."


class NotPostgres(TenantryError):
    """What was given is not the URL of a PostgreSQL database."""

    code = "TN022"
    way_out = "Give it as postgresql://user:password@host/database; tenantry verifies PostgreSQL only."


class OutputFailed(TenantryError):
    """The report could not be written, so nobody has read it."""

    code = "TN024"
    way_out = "Make room, or write to another place, and run the command again."


class FileUnwritable(TenantryError):
    """The blueprint cannot be written there."""

    code = "TN025"
    way_out = "Name a file in a directory that is there and may be written, with --blueprint."


class UnsafeName(TenantryError):
    """A name cannot be used in a statement."""

    code = "TN011"
    way_out = "Names are non-empty text without a NUL character."


class ReadOnly(TenantryError):
    """The connection may not write, and an attack that cannot write proves nothing."""

    code = "TN012"
    way_out = (
        "Connect where default_transaction_read_only is off and the server is no standby; everything is rolled "
        "back. Or run `tenantry lint`, which only reads."
    )


class OutOfLocks(TenantryError):
    """The server has no room for more locks."""

    code = "TN013"
    way_out = (
        "Nothing was changed. Set max_locks_per_transaction in postgresql.conf to at least a quarter of the number "
        "of tables, restart the server, and run the command again."
    )


class TimedOut(TenantryError):
    """The server ended a statement: it took longer than this session's statements may, or somebody cancelled it."""

    code = "TN014"
    retryable = True
    way_out = (
        "Nothing was changed. Give the session more time with ?options=-c%20statement_timeout%3D60s at the end of the "
        "URL, or raise statement_timeout for the connecting role; if attacks were under way, with --statement-timeout."
    )


class StatementStuck(TenantryError):
    """A statement of the database's own code did not end when it was told to, and its connection was cut."""

    code = "TN026"
    way_out = (
        "The server has rolled everything back. Look for a function, trigger or policy that catches every error in a "
        "loop or switches statement_timeout off."
    )

    def __init__(self, detail: str = "", *, about: str = "") -> None:
        super().__init__(detail)
        self.about = about


class OperatorBusy(TenantryError):
    """Somebody else is applying or undoing a plan on this database."""

    code = "TN030"
    retryable = True
    way_out = "Nothing was changed. Wait until the other command has ended, and run this one again."


class PlanStale(TenantryError):
    """The database is no longer what the plan was made for."""

    code = "TN031"
    way_out = "Nothing was changed. Make the plan anew with `tenantry plan`, read it, and apply that."


class LockNotGranted(TenantryError):
    """A table was in use by others all the time, and nobody was made to wait for it."""

    code = "TN032"
    retryable = True
    way_out = "The steps before stand. End the session named here or wait for it, and run `tenantry apply` to go on."


class NothingApplied(TenantryError):
    """No plan of tenantry's stands in this database."""

    code = "TN033"
    way_out = "Run `tenantry plan` to see what would change, and `tenantry apply` to do it."


class StepFailed(TenantryError):
    """The server refused a step."""

    code = "TN035"
    way_out = (
        "The steps before it stand and are noted, this one left nothing. Mend what the server names and run the "
        "command again to go on, or run `tenantry undo`."
    )


class KeyFileExists(TenantryError):
    """The file for the key is there already, and may hold another."""

    code = "TN036"
    way_out = "Nothing was changed. Name another file with --out."


class PlanUnfinished(TenantryError):
    """A plan was begun and is not ended."""

    code = "TN039"
    way_out = (
        "Run `tenantry apply` to go on with it, or `tenantry undo` to take it back; or `tenantry reconcile`, where "
        "another tool has run all of it."
    )


class RolesUnknown(TenantryError):
    """No role is known that serves tenants."""

    code = "TN037"
    way_out = "Name one in tenantry.toml as [roles] app; plan makes it where it is missing."


class TablesUnknown(TenantryError):
    """Nothing says whose rows some tables hold."""

    code = "TN038"
    way_out = (
        'Say it in tenantry.toml for each: [tables."schema.name"] with owner = "column", or shared = "why everyone may '
        'read it"; or set [isolation] unknown = "share".'
    )


class ExportRefused(TenantryError):
    """The plan cannot be written there."""

    code = "TN041"
    way_out = "No file was written. Mend what is named here, or name another place with --out."


class TenantStays(TenantryError):
    """A statement would have changed the tenant of a row. The database says so itself, with this SQLSTATE."""

    code = "TN050"
    way_out = (
        "Nothing was changed. Insert a row for the other tenant and delete this one; where rows are to move, say why: "
        '[tables."schema.name"] moves = "reason".'
    )


class ServerRefused(TenantryError):
    """The server refused what the command needs."""

    code = "TN015"
    way_out = f"{_UNDER_WAY} Read the server's words, mend what they name, and run the command again."


class Interrupted(TenantryError):
    """The command was interrupted."""

    code = "TN016"
    exit_status = 130
    retryable = True
    way_out = f"{_UNDER_WAY} Run the command again."


class Terminated(TenantryError):
    """The command was told to end."""

    code = "TN017"
    exit_status = 143
    retryable = True
    way_out = f"{_UNDER_WAY} Run the command again."


class Fault(TenantryError):
    """tenantry met something it did not expect. This is a fault of tenantry, not of the database."""

    code = "TN018"
    way_out = f"{_UNDER_WAY} Please report it with the lines above."


class Locked(TenantryError):
    """Another session holds a lock that reading the catalog waits for, such as a migration under way."""

    code = "TN019"
    retryable = True
    way_out = "Nothing was changed. Run the command again when the other session is done."


class BlueprintExists(TenantryError):
    """There is a blueprint already, and a person may have corrected it."""

    code = "TN020"
    way_out = "Name another file with --blueprint, or add --force to overwrite it."
