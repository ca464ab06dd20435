"""How do titles, labelled facts and SQL get onto a terminal, or into a file where there is no colour?"""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tenantry.verify.report.options import Options
from tenantry.verify.report.sqltext import wrapped

__all__ = ["facts", "heading", "open_console", "sql", "written"]


def open_console(options: Options) -> Console:
    """Give a console that writes into memory and asks nothing of the environment."""
    return Console(
        file=io.StringIO(),
        width=options.width,
        height=1000,
        force_terminal=options.colour,
        color_system="standard" if options.colour else None,
        no_color=not options.colour,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def written(console: Console) -> str:
    """Give what was printed, without blanks at the ends of lines."""
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def heading(console: Console, text: str) -> None:
    """Print a heading after an empty line."""
    console.print()
    console.print(Text(text, style="bold"))


def facts(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    """Print labelled lines; a value that is too long goes on under itself."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=12, style="dim", overflow="fold")
    grid.add_column(overflow="fold", ratio=1)
    for label, value in pairs:
        grid.add_row(Text(label), Text(value))
    if grid.row_count:
        console.print(Padding(grid, (0, 0, 0, 2)))


def sql(console: Console, label: str, text: str, options: Options) -> None:
    """Print statements under a label, broken only where they stay the same."""
    if not text:
        return
    console.print(Text(f"  {label}", style="dim"))
    for line in wrapped(text, options.width - 6):
        console.print(Text(f"      {line}"), soft_wrap=True)
