"""The verb personas: write who may do what as a page, and say whether the database holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenantry.catalog.read import read
from tenantry.cli.choices import BlueprintFile, Url, chosen_blueprint
from tenantry.errors import FileUnwritable, PlanUnfinished, TenantryError
from tenantry.features.isolation.persona_matrix import matrix
from tenantry.features.isolation.persona_page import page
from tenantry.plan.journal import read_journal
from tenantry.plan.scope import scope
from tenantry.session.connect import connect
from tenantry.verify.report.neutral import visible
from tenantry.wanted import planned

__all__ = ["PersonasUndeclared", "personas"]

_NAMED_AT_MOST = 5

Out = Annotated[Path | None, typer.Option(help="File to write the page to, in place of printing it.")]


class PersonasUndeclared(TenantryError):
    """The blueprint declares no personas, so there is no matrix of them."""

    code = "TN350"
    way_out = "Declare them in [personas], as docs/access.md shows; without any, the grants of roles say it all."


def personas(url: Url = "", *, blueprint: BlueprintFile = None, out: Out = None) -> None:
    """Write the matrix persona by table by verb as Markdown. The database is only read.

    Exit status: 0 the database holds it, 1 it does not (the page says what is declared), 2 it could not be told.
    """
    declared, _ = chosen_blueprint(blueprint)
    if not declared.personas:
        raise PersonasUndeclared
    with connect(url) as connection:
        journal = read_journal(connection)
        if begun := journal.unfinished:
            raise PlanUnfinished(f"{len(begun.done)} of {len(begun.plan.steps)} steps of a plan are done.")
        text = page(matrix(scope(read(connection), declared, journal.memory)))
        wanting = [change.object for step in planned(connection, declared).steps for change in step.changes]
    _write(out, text)
    if wanting:
        typer.echo(_told(wanting), err=True)
        raise typer.Exit(1)


def _write(out: Path | None, text: str) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileUnwritable(f"{out} cannot be written: {error.strerror}.") from error


def _told(wanting: list[str]) -> str:
    named = "\n".join(f"    {visible(one)}" for one in wanting[:_NAMED_AT_MOST])
    more = f"\n    and {len(wanting) - _NAMED_AT_MOST} more" if len(wanting) > _NAMED_AT_MOST else ""
    return f"The database is not as the blueprint says; tenantry plan shows what would change:\n{named}{more}"
