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

LONGEST_SILENCE = timedelta(minutes=2)
"""After that, an engine elsewhere that gave a sign of life every second is taken to have ended."""


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
        return name != self.name and has_ended(self._folder, name, claimed_at, now, LONGEST_CALL)

    def is_silent(self, name: str, seen_at: datetime, now: datetime) -> bool:
        """Say the same of an engine of which the last sign of life in the store is known."""
        return name != self.name and has_ended(self._folder, name, seen_at, now, LONGEST_SILENCE)

    def leave(self, *, nothing_left_open: bool = False) -> None:
        """Put the sign out; only when nothing was left open may it be thrown away."""
        if self._sign is not None:
            self._sign.close()
            self._sign = None
            if nothing_left_open:
                self._path(self.name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return _path(self._folder, name)


def is_silent(folder: Path, name: str, seen_at: datetime, now: datetime) -> bool:
    """Say of an engine what `Presence.is_silent` does, without being one."""
    return has_ended(folder, name, seen_at, now, LONGEST_SILENCE)


def has_ended(folder: Path, name: str, since: datetime, now: datetime, longest: timedelta) -> bool:
    """Say whether the engine of that name has ended; of one elsewhere, whether `longest` passed."""
    try:
        with _path(folder, name).open("r", encoding="ascii") as sign:
            fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return now - since > longest
    return True


def _path(folder: Path, name: str) -> Path:
    return folder / f"{Path(name).name or 'unnamed'}.engine"
