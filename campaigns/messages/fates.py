"""Fates: what came of a try to send, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from store.message_types import MessageWhy


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has it."""

    provider_id: str = ""
    """What a later receipt will name."""
    conflict: str = ""
    """JSON of what the receiver objected; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Again:
    """It may work later; the receiver certainly did not take it, or drops a second one."""

    error: str
    after: timedelta | None = None
    """How long the receiver asks to be left alone."""
    is_ours: bool = False
    """This message is at fault, not the target: others may go on."""


@dataclass(frozen=True, slots=True)
class Dead:
    """Trying again would help nothing, or might send twice."""

    why: MessageWhy
    error: str


Fate = Sent | Again | Dead


def unknown(error: str) -> Dead:
    """Return the fate of what was handed over and never answered."""
    return Dead(
        MessageWhy.UNKNOWN,
        f"{error}. It may have been sent: ask the provider, then replay or cancel it.",
    )


def refused(error: str) -> Dead:
    """Return the fate of what the receiver will never take."""
    return Dead(MessageWhy.REFUSED, error)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long apart, something is tried."""

    max_tries: int
    first: timedelta
    longest: timedelta

    def wait(self, tries: int, jitter: float, asked: timedelta | None = None) -> timedelta | None:
        """Return how long to wait after that many tries; None: it was tried often enough.

        Doubles from try to try; `jitter` (0 to 1, drawn by chance) shortens it by up to half, so
        that what failed together does not come back together. Never less than the receiver asked.
        """
        if tries >= self.max_tries:
            return None
        doubled = min(self.longest, self.first * 2.0 ** min(max(tries - 1, 0), 30))
        spread: timedelta = doubled * (1 - jitter / 2)
        return spread if asked is None else max(spread, min(asked, timedelta(days=1)))
