"""How a plain dump gets into a test's database, and how a database's whole state becomes one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import psycopg

from tenantry.testing.databases import Database

COPY = re.compile(r"^(COPY [^\n]+ FROM stdin;)\n(.*?)^\\\.\n", re.MULTILINE | re.DOTALL)


def load_dump(connection: psycopg.Connection, dump: Path) -> None:
    """Run a plain dump: its statements, and the rows between COPY and its end."""
    parts = COPY.split(dump.read_text(encoding="utf-8"))
    for statements, copy, rows in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        if statements.strip():
            connection.execute(statements.encode())
        if copy:
            with connection.cursor() as cursor, cursor.copy(copy.encode()) as stream:
                stream.write(rows)


def dumped(database: Database) -> str:
    """Give everything the database and its server's roles hold, as SQL."""
    server = database.server
    tools = [["pg_dump", database.url()], ["pg_dumpall", "--globals-only", "--no-role-passwords", "-d", server.dsn()]]
    texts = [
        subprocess.run([server.bin_dir / tool, *words], capture_output=True, text=True, check=True).stdout
        for tool, *words in tools
    ]
    # why: newer versions guard a dump with a word that is random each time
    return re.sub(r"^\\(un)?restrict .*$", "", "\n".join(texts), flags=re.MULTILINE)
