"""What stands between a client and a server in tests: counts round trips, delays, or swallows everything."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tenantry.testing.databases import Database

_PORT = 5432
_CHUNK = 65536


@dataclass
class Proxy:
    """A socket in a directory of its own that forwards to a server's socket."""

    directory: Path
    target: str
    delay_s: float = 0.0
    is_stalled: bool = False
    stalls_after: int = 10**9
    round_trips: int = 0
    _server_spoke_last: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def url(self, database: Database, user: str) -> str:
        """Give a database's URL by way of the proxy."""
        return f"postgresql://{user}@/{database.name}?host={quote(str(self.directory), safe='')}&port={_PORT}"

    def _forward(self, source: socket.socket, sink: socket.socket, *, from_server: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._note(from_server=from_server)
                if self.delay_s:
                    time.sleep(self.delay_s / 2)
                while self.is_stalled:
                    time.sleep(0.05)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def _note(self, *, from_server: bool) -> None:
        with self._lock:
            if not from_server and self._server_spoke_last:
                self.round_trips += 1
                self.is_stalled = self.is_stalled or self.round_trips >= self.stalls_after
            self._server_spoke_last = from_server

    def accept(self, listening: socket.socket) -> None:
        """Forward every connection until the socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.target)
                for ends, from_server in (((client, server), False), ((server, client), True)):
                    forwarding = threading.Thread(
                        target=self._forward, args=ends, kwargs={"from_server": from_server}, daemon=True
                    )
                    self._threads.append(forwarding)
                    forwarding.start()

    def settle(self) -> None:
        """Wait until the connections that were closed are forgotten here too."""
        for forwarding in self._threads:
            forwarding.join(5)


@contextlib.contextmanager
def proxy(database: Database, delay_s: float = 0.0) -> Iterator[Proxy]:
    """Stand before a database's server."""
    server = database.server
    with tempfile.TemporaryDirectory(prefix="tp-", dir="/tmp") as directory, socket.socket(socket.AF_UNIX) as listening:
        made = Proxy(Path(directory), str(server.directory / f".s.PGSQL.{server.port}"), delay_s)
        listening.bind(str(made.directory / f".s.PGSQL.{_PORT}"))
        listening.listen(64)
        threading.Thread(target=made.accept, args=(listening,), daemon=True).start()
        try:
            yield made
        finally:
            made.stalls_after, made.is_stalled = 10**9, False
            listening.shutdown(socket.SHUT_RDWR)
            made.settle()
