"""How several statements with bound values travel in one message on an asyncpg connection.

asyncpg sends one statement and waits. What comes ahead of it is written to the same socket without a Sync, so that the
server answers all of it together (PostgreSQL, chapter Frontend/Backend Protocol, Pipelining); asyncpg passes over the
answers of what it did not send. Values are bound: in the text, other sessions of the role would see a token.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from tenantry.session.wire import Statement

__all__ = ["sent_together"]


async def sent_together(
    connection: Any, prepared: dict[bytes, Any], statements: Sequence[Statement], timeout_s: float
) -> None:
    """Send statements in one message; raise asyncpg's error for the first that fails.

    ``prepared`` belongs to the connection and remembers the last statement, whose first time takes a round trip more.
    """
    *ahead, (text, values) = statements
    if text not in prepared:
        prepared[text] = await _described(connection, text.decode(), timeout_s)
    connection._transport.write(b"".join(_message(*statement) for statement in ahead))
    arguments = tuple(value.decode() for value in values)
    await connection._protocol.bind_execute(prepared[text], arguments, "", 0, False, timeout_s)


async def _described(connection: Any, text: str, timeout_s: float) -> Any:
    """Let asyncpg learn the statement's types. It has no name, so no DEALLOCATE or pooler takes it away."""
    described = await connection._get_statement(text, timeout_s, named="", use_cache=False, ignore_custom_codec=True)
    # why: an unnamed statement is replaced by the next one, so it is parsed each time
    described.mark_unprepared()
    return described


def _message(text: bytes, values: tuple[bytes, ...]) -> bytes:
    """Give Parse, Bind and Execute of an unnamed statement, values as text (chapter Message Formats)."""
    bound = b"".join(struct.pack("!i", len(value)) + value for value in values)
    return (
        _framed(b"P", b"\0" + text + b"\0" + struct.pack("!h", 0))
        + _framed(b"B", b"\0\0" + struct.pack("!hh", 0, len(values)) + bound + struct.pack("!h", 0))
        + _framed(b"E", b"\0" + struct.pack("!i", 0))
    )


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
