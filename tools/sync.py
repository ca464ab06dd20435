"""Writes the twins for plain threads of what is written by hand for asyncio, or checks that they are up to date.

    python tools/sync.py build
    python tools/sync.py check

A twin is the same file without ``async`` and ``await``, standing on ``session/thread.py`` where the original stands on
``session/loop.py``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "tenantry"
TWINS = {name: f"{name}_sync" for name in ("session/unit", "session/checkout", "tenancy", "ops/watch", "web/guard")}
NOTE = "# Generated from {name}.py by tools/sync.py; change that file instead.\n"
CHANGES = {
    r"from tenantry\.session\.loop import": "from tenantry.session.thread import",
    r"from tenantry\.session\.(unit|checkout) import": r"from tenantry.session.\1_sync import",
    r"from tenantry\.tenancy import": "from tenantry.tenancy_sync import",
    r"\bAwaitable\[(\w+)\]": r"\1",
    r"\bAwaitable, ": "",
    r"\b(?:async|await) ": "",
    r"\bAbstractAsyncContextManager\b": "AbstractContextManager",
    r"\bAsyncIterator\b": "Iterator",
    r"\basynccontextmanager\b": "contextmanager",
    r"\b__a(enter|exit)__\b": r"__\1__",
    r"\b(Tenancy|Guard|Guarded)\b": r"\1Sync",
}


def twin(text: str, name: str) -> str:
    """Give the twin of a module's text, formatted."""
    for found, other in CHANGES.items():
        text = re.sub(found, other, text)
    return _formatted(NOTE.format(name=name) + text)


def _formatted(text: str) -> str:
    for arguments in (["check", "--select", "I,F401", "--fix", "--quiet", "-"], ["format", "-"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", str(SOURCE / "twin.py")]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main(verb: str) -> int:
    """Build or check; give the exit status."""
    stale = []
    for name, other in TWINS.items():
        wanted, file = twin((SOURCE / f"{name}.py").read_text(), name.rpartition("/")[2]), SOURCE / f"{other}.py"
        if file.is_file() and file.read_text() == wanted:
            continue
        stale.append(str(file.relative_to(SOURCE)))
        if verb == "build":
            file.write_text(wanted)
    print("\n".join(stale) if stale else "The twins are up to date.")
    return 1 if stale and verb == "check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
