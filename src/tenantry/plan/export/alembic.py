"""Revisions of Alembic: one a segment, chained, and a file that keeps autogenerate away from what a plan made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

from tenantry.errors import ExportRefused
from tenantry.plan.export.segment import Piece, Segment, segments
from tenantry.plan.export.text import CLOSING, OPENING, comment, slug
from tenantry.plan.model import Action, Plan

__all__ = ["OBJECTS", "files", "head_of"]

OBJECTS = "tenantry_objects.py"
# Kinds of objects that autogenerate compares, by their first words in an id.
_COMPARED = {"table", "column", "index", "constraint"}
_REVISION = re.compile(r"^(down_)?revision\b[^=\n]*=\s*(.*)$", re.MULTILINE)
_QUOTED = re.compile(r"""["']([^"']+)["']""")


def files(plan: Plan, after: str, made: Iterable[str] = ()) -> Mapping[str, str]:
    """Give the text of every file by its path under Alembic's own directory, the one with env.py.

    ``after`` is the revision to go on from, or empty; ``made`` are ids of objects that earlier exports made.
    """
    cut = segments(plan)
    given: dict[str, str] = {}
    for number, segment in enumerate(cut, start=1):
        revision = hashlib.sha256(f"{plan.digest} {number}".encode()).hexdigest()[:12]
        text = _revision(plan, segment, (revision, after), f"segment {number} of {len(cut)}")
        given[f"versions/{revision}_tenantry_{slug(segment.title)}.py"] = text
        after = revision
    return given | {OBJECTS: _objects(sorted({*made, *_made(plan)}))}


def head_of(revisions: Iterable[str]) -> str:
    """Give the one revision that no other follows, of the texts of a directory, or nothing where there is none.

    Raises ``ExportRefused`` where there are several.
    """
    found = [_named(text) for text in revisions]
    followed = {name for _, downs in found for name in downs}
    heads = sorted(name for names, _ in found for name in names if name not in followed)
    if len(heads) > 1:
        raise ExportRefused(f"Alembic's directory has several heads: {', '.join(heads)}. Merge them first.")
    return heads[0] if heads else ""


def _named(text: str) -> tuple[list[str], list[str]]:
    names: list[str] = []
    downs: list[str] = []
    for is_down, value in _REVISION.findall(text):
        (downs if is_down else names).extend(_QUOTED.findall(value))
    return names, downs


def _revision(plan: Plan, segment: Segment, chain: tuple[str, str], place: str) -> str:
    revision, after = chain
    lines = (
        f'"""tenantry: {_plain(segment.title)}"""',
        "",
        f"# {comment(f'tenantry plan {plan.digest}, {place}')[3:]}",
        "",
        "from alembic import op",
        "",
        f"revision = {revision!r}",
        f"down_revision = {after or None!r}",
        "branch_labels = None",
        "depends_on = None",
        "",
        *_function("upgrade", segment.up, is_alone=segment.is_alone),
        *_function("downgrade", segment.down, is_alone=segment.is_alone),
        *_RUN,
    )
    return "\n".join(lines) + "\n"


def _function(name: str, parts: tuple[Piece, ...], *, is_alone: bool) -> Iterator[str]:
    yield from ("", f"def {name}():")
    margin = "    "
    if is_alone and parts:
        yield f"{margin}with op.get_context().autocommit_block():"
        margin += "    "
    elif not is_alone:
        yield from (f"{margin}run({text!r})" for text in OPENING)
    for piece in parts:
        yield f"{margin}# {comment(piece.about)[3:]}"
        for text in piece.statements:
            yield from _call(margin, text.strip().removesuffix(";"))
    if not is_alone:
        yield from (f"{margin}run({text!r})" for text in CLOSING)
    elif not parts:
        yield f"{margin}pass"
    yield ""


def _call(margin: str, text: str) -> Iterator[str]:
    """Write a call with the statement as literals of Python, line by line."""
    yield f"{margin}run("
    yield from (f"{margin}    {line!r}" for line in text.splitlines(keepends=True))
    yield f"{margin})"


def _plain(title: str) -> str:
    return re.sub(r"[^\w .,-]", "_", title)


# why: op.execute would read :name and %s in a statement as parameters
_RUN = (
    "",
    "def run(statement):",
    '    """Run a statement as it stands: neither :name nor % is a parameter."""',
    "    context = op.get_context()",
    "    if context.as_sql:",
    '        context.impl.static_output(statement + ";")',
    "    else:",
    '        context.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})',
)


def _made(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        for change in step.changes:
            if change.object.partition(" ")[0] in _COMPARED and change.action is not Action.REMOVE:
                yield change.object


def _objects(made: Iterable[str]) -> str:
    template = resources.files("tenantry.plan.export") / "objects.py.txt"
    listed = "".join(f"    {name!r},\n" for name in made)
    return template.read_text(encoding="utf-8").replace(
        "MADE = set()", f"MADE = {{\n{listed}}}" if listed else "MADE = set()"
    )
