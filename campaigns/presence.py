"""Presence: which engine is alive, told by a lock that the system takes from the dead."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

LONGEST_CALL = timedelta(hours=2)
"""After that, an open attempt of an engine of which we know nothing is nobody's any more."""


class Presence:
    """An engine's sign of life in the data folder; it ends with its process, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Light the sign under a name that no other engine ever has."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._sign: IO[str] | None = self._path(self.name).open("w", encoding="ascii")
        fcntl.flock(self._sign, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_gone(self, name: str, claimed_at: datetime, now: datetime) -> bool:
        """Say whether the engine of that name has certainly ended, or can hold no call any more.

        The sign of an engine on another machine is not to be seen from here: only time tells.
        """
        if name == self.name:
            return False
        try:
            with self._path(name).open("r", encoding="ascii") as sign:
                fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            return now - claimed_at > LONGEST_CALL
        return True

    def leave(self, *, nothing_left_open: bool = False) -> None:
        """Put the sign out; only when nothing was left open may it be thrown away."""
        if self._sign is not None:
            self._sign.close()
            self._sign = None
            if nothing_left_open:
                self._path(self.name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{Path(name).name or 'unnamed'}.engine"
