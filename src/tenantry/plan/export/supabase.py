"""Migrations of the Supabase CLI, which has no way back: that is written beside them, for psql."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tenantry.plan.export import plain
from tenantry.plan.export.segment import Segment, segments
from tenantry.plan.export.stamped import stamped
from tenantry.plan.export.text import head, pieces, within
from tenantry.plan.model import Plan

__all__ = ["files"]


def files(plan: Plan, at: datetime, taken: Iterable[str]) -> Mapping[str, str]:
    """Give the text of every file by its path under the directory ``supabase``."""
    # why: the CLI sends a file and the note of its version together, and no part of that may commit
    cut = [segment for segment in segments(plan, may_commit=False) if segment.up]
    up = {
        f"migrations/{name}": "\n".join((*head(plan, number, len(cut), segment.title), *_body(segment))) + "\n"
        for name, number, segment in stamped(plan, cut, at, taken)
    }
    return up | {f"tenantry_down_{plan.digest[:8]}/{name}": text for name, text in plain.down_files(plan).items()}


def _body(segment: Segment) -> Iterator[str]:
    return pieces(segment.up) if segment.is_alone else within(segment.up)
