"""Between an engine and PostgreSQL: a socket that cuts connections exactly at a commit, before the
server has it or when its answer is on the way.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

COMMIT: Final = b"COMMIT\0"
"""As psycopg sends it: one message of its own."""
AT_ONCE: Final = 65536


class Cut(StrEnum):
    """Where a connection is cut."""

    NEVER = ""
    BEFORE = "cut before commit"
    ANSWER = "answer of commit lost"


class CommitCutter:
    """Passes everything on, but for one commit of so many."""

    def __init__(self, server: Path, folder: Path, name: str = ".s.PGSQL.5432") -> None:
        """`server` is the folder of the server's socket; ours comes to lie in `folder`."""
        self.cut = Cut.NEVER
        self.every = 6
        self.cuts = 0
        self._server = str(server / name)
        self._commits = 0
        self._lock = threading.Lock()
        self._ours = socket.socket(socket.AF_UNIX)
        self._ours.bind(str(folder / name))
        self._ours.listen(64)
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        self._ours.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._ours.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._server)
            except OSError:
                client.close()
                server.close()
                continue
            threading.Thread(target=_Passage(self, client, server).down, daemon=True).start()

    def due(self) -> Cut:
        """Count a commit; say whether and where its connection is cut."""
        with self._lock:
            if self.cut is Cut.NEVER:
                return Cut.NEVER
            self._commits += 1
            if self._commits % self.every:
                return Cut.NEVER
            self.cuts += 1
            return self.cut


class _Passage:
    """One connection."""

    def __init__(self, cutter: CommitCutter, client: socket.socket, server: socket.socket) -> None:
        self._cutter = cutter
        self._client = client
        self._server = server
        self._swallow = False
        self._other_way = threading.Thread(target=self._up, daemon=True)
        self._other_way.start()

    def down(self) -> None:
        """Pass on what the server says."""
        with suppress(OSError):
            while said := self._server.recv(AT_ONCE):
                if self._swallow:
                    break
                self._client.sendall(said)
        self._end()
        self._other_way.join()
        self._client.close()
        self._server.close()

    def _up(self) -> None:
        with suppress(OSError):
            while asked := self._client.recv(AT_ONCE):
                if COMMIT in asked:
                    cut = self._cutter.due()
                    if cut is Cut.BEFORE:
                        break
                    self._swallow = cut is Cut.ANSWER
                self._server.sendall(asked)
        if not self._swallow:
            self._end()

    def _end(self) -> None:
        for each in (self._client, self._server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
