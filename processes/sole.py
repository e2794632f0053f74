"""Native engines that can be started once in a process, and hang when they are started again."""

from __future__ import annotations

import threading

_users: dict[str, str] = {}
_turn = threading.Lock()


class EngineTakenError(RuntimeError):
    """Another part of this process has started the engine; the message says which, and the way."""


def claim(engine: str, user: str) -> None:
    """Let `user` alone start `engine` in this process, as often as it likes; say it before.

    A forked child counts as the same process: it has the engine's memory, but not its threads.
    Raises EngineTakenError when another user has claimed it.
    """
    with _turn:
        holder = _users.setdefault(engine, user)
    if holder != user:
        raise EngineTakenError(
            f"{engine} can be started once in a process, and {holder} has started it; "
            f"run {user} in a process of its own"
        )
