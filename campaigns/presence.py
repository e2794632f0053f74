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
"""So long an engine elsewhere gives no sign of life, which it does every second, until it is taken
to have ended."""


class Presence:
    """An engine's sign of life in the data folder; it ends with its process, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Light the sign under a name that no other engine ever has."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.watch = Watch(folder, self.name)
        self._sign: IO[str] | None = self._path(self.name).open("w", encoding="ascii")
        fcntl.flock(self._sign, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_gone(self, name: str, claimed_at: datetime, now: datetime) -> bool:
        """Say whether the engine of that name has certainly ended, or can hold no call any more.

        The sign of an engine on another machine is not to be seen from here: only time tells.
        """
        if name == self.name:
            return False
        ended = _has_ended(self._folder, name)
        return now - claimed_at > LONGEST_CALL if ended is None else ended

    def leave(self, *, nothing_left_open: bool = False) -> None:
        """Put the sign out; only when nothing was left open may it be thrown away."""
        if self._sign is not None:
            self._sign.close()
            self._sign = None
            if nothing_left_open:
                self._path(self.name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return _path(self._folder, name)


class Watch:
    """Watches the signs of life that engines give in the store.

    The clocks of other machines may be wrong, so that only a sign that stands still tells.
    """

    def __init__(self, folder: Path, ours: str = "") -> None:
        """`folder`: where engines of this machine show that they live; `ours` is never silent."""
        self._folder = folder
        self._ours = ours
        self._signs: dict[str, tuple[datetime, datetime]] = {}
        """Of each engine elsewhere: its last sign, and when it was seen first."""

    def is_silent(self, name: str, seen_at: datetime, now: datetime) -> bool:
        """Say whether an engine has ended, or gives no sign of life any more."""
        if name == self._ours:
            return False
        ended = _has_ended(self._folder, name)
        if ended is not None:
            return ended
        sign, noticed = self._signs.get(name, (None, now))
        if sign != seen_at or now < noticed:
            self._signs[name] = (seen_at, now)
            noticed = now
        return now - noticed > LONGEST_SILENCE or now - seen_at > LONGEST_CALL


def _has_ended(folder: Path, name: str) -> bool | None:
    """Say whether the engine of that name has ended; None: it is not seen from here."""
    try:
        with _path(folder, name).open("r", encoding="ascii") as sign:
            fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return None
    return True


def _path(folder: Path, name: str) -> Path:
    return folder / f"{Path(name).name or 'unnamed'}.engine"
