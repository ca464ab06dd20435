"""Which names migrations get that a tool runs in the order of their timestamps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from tenantry.plan.export.segment import Segment
from tenantry.plan.export.text import slug
from tenantry.plan.model import Plan

__all__ = ["stamped"]

_STAMP = "%Y%m%d%H%M%S"


def stamped(
    plan: Plan, cut: Iterable[Segment], at: datetime, taken: Iterable[str]
) -> Iterator[tuple[str, int, Segment]]:
    """Give each segment's file name and number, a second apart: after ``at`` and after every name that is taken."""
    latest = max((name[:14] for name in taken if re.match(r"\d{14}\D", name)), default="")
    start = max(
        at.replace(microsecond=0, tzinfo=None), _time(latest) + timedelta(seconds=1) if latest else datetime.min
    )
    for number, segment in enumerate(cut, start=1):
        stamp = (start + timedelta(seconds=number - 1)).strftime(_STAMP)
        yield f"{stamp}_tenantry_{plan.digest[:8]}_{slug(segment.title)}.sql", number, segment


def _time(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, _STAMP)
    except ValueError:
        return datetime.min
