"""Passwords: Argon2id, and what makes one good enough."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 256
FEWEST_DIFFERENT: Final = 5

AT_ONCE: Final = 2
"""So many are computed side by side: each takes 19 MiB and a processor."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turnstile = BoundedSemaphore(AT_ONCE)
_NOBODYS: Final = _hasher.hash("nobody signs in with this")


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    with _turnstile:
        return _hasher.hash(password)


def is_right(password: str, kept: str) -> bool:
    """Tell whether that is the password; takes as long when `kept` is empty: there is none."""
    with _turnstile:
        try:
            _hasher.verify(kept or _NOBODYS, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def weakness(password: str, login: str) -> str:
    """Return the key of the words that say why a password is not good enough; empty: it is."""
    if len(password) < SHORTEST:
        return "password.too_short"
    if len(password) > LONGEST:
        return "password.too_long"
    if len(set(password)) < FEWEST_DIFFERENT or login.casefold() in password.casefold():
        return "password.too_easy"
    return ""
