"""RetryTable: for every end of a call whether it is made again, when, and what follows beside that.

The tables are data (`campaigns/retry_tables/*.yaml`); `campaigns.retry_reader` reads and checks
them, `campaigns.retry.decide` goes by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from store.types import Disposition, Outcome

REACHED: Final = frozenset(
    {
        Disposition.COMPLETED,
        Disposition.NO_CONVERSATION,
        Disposition.HUNG_UP_MIDWAY,
        Disposition.MEDIA_FAILURE,
        Disposition.ABANDONED,
    }
)
"""Somebody picked up: these count on the clock of unfinished calls."""

NEVER_DIALLED: Final = frozenset(
    {
        Disposition.SUPPRESSED,
        Disposition.EXPIRED,
        Disposition.OPEN_TICKET,
        Disposition.WITHDRAWN,
        Disposition.OUT_OF_SCOPE,
    }
)

OPEN: Final = frozenset({Outcome.UNFINISHED, Outcome.NOT_REACHED})
"""After these the matter still stands where it stood."""

MESSAGE_TAKEN: Final = frozenset({Disposition.VOICEMAIL, Disposition.ASSISTANT})
"""Nobody heard us yet, though a message was left."""


class Pace(StrEnum):
    """How the moment of the next call is found."""

    MINUTES = "minutes"
    """So many minutes later: a first, a second, a third time; the last one stays."""
    LATER_TODAY = "later_today"
    """So many minutes later, the first of the list that is still today; else the next day."""
    NEXT_WINDOW = "next_window"
    """In another part of the day, or the next day; at least so many minutes later."""
    EXACTLY = "exactly"
    """At the moment that the recipient named."""
    NEVER = "never"


class Consequence(StrEnum):
    """What follows from an end of a call beside the next call."""

    MERCHANT_TICKET = "merchant_ticket"
    """The merchant is asked for the right number."""
    SHORT_SCRIPT = "short_script"
    """The next call says who it is and comes to the point."""
    MESSAGE = "message"
    """A text message goes out; `campaigns.messages` says which."""
    AGENT_READY = "agent_ready"
    """The next call is made only while an agent is kept for it."""


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What follows from one end of a call."""

    pace: Pace
    minutes: tuple[float, ...] = ()
    sooner: float | None = None
    """Minutes after which we call if the usual moment were too late to be of use."""
    then: tuple[Consequence, ...] = ()


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How often a contact is called."""

    max_attempts: int = 3
    """Calls at most, those that the trunk lost not counted."""
    max_unfinished: int = 2
    """Of these, calls that were answered and settled nothing."""
    max_trunk_failures: int = 5
    max_asked_for: int = 2
    """Calls at a moment that the recipient named, beyond the others."""


Rules = Mapping[tuple[Disposition, Outcome | None], RetryRule]
"""By end and outcome; None stands for every outcome that leaves the matter open."""


@dataclass(frozen=True, slots=True)
class RetryTable:
    """By which rules people are called again."""

    name: str
    rules: Rules
    limits: RetryLimits = RetryLimits()
    parts_of_day: tuple[time, ...] = (time(9), time(12), time(18))
    """When the parts of a day begin, on the recipient's clock."""
    title: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By language, `zh` and `en`."""
    flows: tuple[str, ...] = ()
    """Conversations that run by this table unless their campaign names another."""

    def rule_for(self, disposition: Disposition, outcome: Outcome) -> RetryRule | None:
        """Return what follows from an end of a call; None: the matter is settled, or nothing."""
        exact = self.rules.get((disposition, outcome))
        if exact is not None:
            return exact
        stays_open = outcome in OPEN or (
            outcome is Outcome.MESSAGE_LEFT and disposition in MESSAGE_TAKEN
        )
        return self.rules.get((disposition, None)) if stays_open else None

    @property
    def max_attempts(self) -> int:
        """Calls to one contact at most."""
        return self.limits.max_attempts

    @property
    def max_unfinished(self) -> int:
        """Calls at most that were answered and settled nothing."""
        return self.limits.max_unfinished
