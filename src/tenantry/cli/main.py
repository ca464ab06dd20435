"""Which verbs there are, and how a command ends: its exit status and what it says when it cannot go on."""

from __future__ import annotations

import sys

import psycopg
import typer

from tenantry import __version__
from tenantry.cli import init, lint, verify
from tenantry.errors import ConnectionLost, TenantryError

__all__ = ["app", "main"]

app = typer.Typer(
    name="tenantry",
    help="Prove who can read or write whose rows in a multi-tenant PostgreSQL database.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("verify")(verify.verify)
app.command("lint")(lint.lint)
app.command("init")(init.init)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"tenantry {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        callback=lambda wanted: _version(wanted=wanted),
        is_eager=True,
        help="Say the version and stop.",
    ),
) -> None:
    """Prove who can read or write whose rows in a multi-tenant PostgreSQL database."""


def main() -> None:
    """Run the command line. Exit status: 0 clean, 1 findings, 2 could not verify (also wrong usage)."""
    try:
        app()
    except TenantryError as error:
        _end(error.code, error.sentence(), error.exit_status)
    except psycopg.OperationalError as error:
        _end(ConnectionLost.code, f"{ConnectionLost().sentence()} ({_first_line(error)})", 2)
    except psycopg.Error as error:
        _end("TN000", f"The server refused what verifying needs: {_first_line(error)}. Nothing was changed.", 2)
    except KeyboardInterrupt:
        _end("TN000", "Interrupted. The server has rolled everything back.", 130)


def _end(code: str, sentence: str, status: int) -> None:
    typer.echo(f"tenantry: {sentence} [{code}]", err=True)
    sys.exit(status)


def _first_line(error: psycopg.Error) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
