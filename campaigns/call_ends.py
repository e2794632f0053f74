"""How calls ended that are not settled yet: who hung up says whether a customer gave up waiting."""

from __future__ import annotations

from collections.abc import Collection

from campaigns.desk_news import CallEnd
from campaigns.order import CallReport
from dialer.leg import HangupCause


class CallEnds:
    """What the reports of workers said of the ends of calls."""

    def __init__(self) -> None:
        self._causes: dict[int, HangupCause] = {}

    def __len__(self) -> int:
        """Return how many wait to be settled."""
        return len(self._causes)

    def note(self, report: CallReport) -> None:
        """Keep how a call ended until it is settled."""
        self._causes[report.attempt] = report.cause

    def end_of(self, attempt: int) -> CallEnd:
        """Return who ended a call that is settled now."""
        match self._causes.pop(attempt, None):
            case None:
                return CallEnd.FAULT
            case HangupCause.THEY_HUNG_UP:
                return CallEnd.CUSTOMER
            case _:
                return CallEnd.US

    def forget_all_but(self, held: Collection[int]) -> None:
        """Let go of calls that somebody else settled."""
        for attempt in [each for each in self._causes if each not in held]:
            del self._causes[attempt]
