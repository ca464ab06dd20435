"""Plain SQL for psql: a file for each segment under up/, and its way back under down/, both in the order to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tenantry.plan.export.segment import Piece, Segment, segments
from tenantry.plan.export.text import head, pieces, set_locally, slug
from tenantry.plan.model import Plan

__all__ = ["down_files", "files", "script"]


def files(plan: Plan) -> Mapping[str, str]:
    """Give the text of every file by its path. Each runs with ``psql -X -v ON_ERROR_STOP=1 -f``."""
    cut = segments(plan)
    up = {f"up/{name}": text for name, text in _numbered(plan, cut, is_down=False)}
    return up | {f"down/{name}": text for name, text in down_files(plan).items()}


def down_files(plan: Plan) -> Mapping[str, str]:
    """Give the ways back, the last segment's first."""
    return dict(_numbered(plan, segments(plan)[::-1], is_down=True))


def script(plan: Plan) -> str:
    """Give everything to run at once, as one text."""
    return "\n".join(text for _, text in _numbered(plan, segments(plan), is_down=False))


def _numbered(plan: Plan, cut: tuple[Segment, ...], *, is_down: bool) -> Iterator[tuple[str, str]]:
    ways = [(segment, parts) for segment in cut if (parts := segment.down if is_down else segment.up)]
    width = max(2, len(str(len(ways))))
    for number, (segment, parts) in enumerate(ways, start=1):
        title = f"{segment.title}, taken back" if is_down else segment.title
        lines = (*head(plan, number, len(ways), title), *_body(parts, is_alone=segment.is_alone))
        yield f"{number:0{width}d}_{slug(segment.title)}.sql", "\n".join(lines) + "\n"


def _body(parts: tuple[Piece, ...], *, is_alone: bool) -> Iterator[str]:
    if is_alone:
        yield from pieces(parts)
        return
    yield "begin;"
    yield from set_locally()
    yield from pieces(parts)
    yield "commit;"
