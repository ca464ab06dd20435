"""Where does a run's time go? Runs tenantry under a profiler, and counts what it asks the server.

    python bench/profiled.py cumulative 40 verify postgresql://... --format json

The profile of Python's side and the costliest statements, by their shape, go to standard error.
"""

from __future__ import annotations

import cProfile
import pstats
import re
import sys
import time
from collections import defaultdict
from typing import Any

import psycopg

from tenantry.cli.main import main

LONGEST_SHAPE = 170

spent: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
_execute = psycopg.Cursor.execute


def timed(cursor: psycopg.Cursor[Any], query: Any, *arguments: Any, **options: Any) -> Any:
    """Execute as psycopg does, and add the time to the statement's shape."""
    started = time.perf_counter()
    try:
        return _execute(cursor, query, *arguments, **options)
    finally:
        entry = spent[_shape(query, cursor)]
        entry[0] += 1
        entry[1] += time.perf_counter() - started


def _shape(query: Any, cursor: psycopg.Cursor[Any]) -> str:
    text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else query.as_string(cursor)
    text = re.sub(r"'(?:[^']|'')*'", "'?'", text)
    text = re.sub(r'"?\b[a-z]+_\d+\w*\b"?', "NAME", text)
    return re.sub(r"\s+", " ", text).strip()[:LONGEST_SHAPE]


def report(profile: cProfile.Profile, order: str, lines: int) -> None:
    """Print both sides of the bill."""
    pstats.Stats(profile, stream=sys.stderr).sort_stats(order).print_stats(lines)
    total = sum(seconds for _, seconds in spent.values())
    print(f"{total:.1f} s in {sum(int(count) for count, _ in spent.values())} statements", file=sys.stderr)
    for shape, (count, seconds) in sorted(spent.items(), key=lambda item: -item[1][1])[:lines]:
        print(f"{seconds:8.2f} s {int(count):7} x  {shape}", file=sys.stderr)


if __name__ == "__main__":
    chosen_order, chosen_lines = sys.argv[1], int(sys.argv[2])
    del sys.argv[1:3]
    psycopg.Cursor.execute = timed  # type: ignore[method-assign]
    profiler = cProfile.Profile()
    try:
        profiler.runcall(main)
    finally:
        report(profiler, chosen_order, chosen_lines)
