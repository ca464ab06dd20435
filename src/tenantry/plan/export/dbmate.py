"""Migrations of dbmate: one file a segment, with both ways in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tenantry.errors import ExportRefused
from tenantry.plan.export.segment import Segment, segments
from tenantry.plan.export.stamped import stamped
from tenantry.plan.export.text import head, pieces, within
from tenantry.plan.model import Plan

__all__ = ["files"]

_DIRECTIVE = re.compile(r"^--\s*migrate:", re.MULTILINE)


def files(plan: Plan, at: datetime, taken: Iterable[str]) -> Mapping[str, str]:
    """Give the text of every file by its path under dbmate's own directory, usually ``db``.

    Raises ``ExportRefused`` where a statement holds a line that dbmate would take for its own.
    """
    cut = segments(plan)
    return {
        f"migrations/{name}": "\n".join((*head(plan, number, len(cut), segment.title), *_body(segment))) + "\n"
        for name, number, segment in stamped(plan, cut, at, taken)
    }


def _body(segment: Segment) -> Iterator[str]:
    for way, parts in (("up", segment.up), ("down", segment.down)):
        # why: dbmate runs such a block as one message, which the server takes for one transaction if it holds two
        yield f"-- migrate:{way} transaction:false" if segment.is_alone else f"-- migrate:{way}"
        yield from _without_directives(pieces(parts) if segment.is_alone else within(parts))


def _without_directives(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if _DIRECTIVE.search(text):
            raise ExportRefused(
                "A statement of the plan holds a line that starts with -- migrate: and so ends a block."
            )
        yield text
