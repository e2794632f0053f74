"""Learned: what a campaign has shown so far: who answers, how long ringing and talks last."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from campaigns.pacing.answering import AnswerRate
from campaigns.pacing.durations import Durations


@dataclass(frozen=True, slots=True)
class Learned:
    """What calls and agents have shown, the older the less it counts."""

    answer_rate: AnswerRate = field(default_factory=AnswerRate)
    reached_after: Durations = field(default_factory=lambda: Durations.about(10.0, 0.5))
    """From placing a call to a person being there."""
    failed_after: Durations = field(default_factory=lambda: Durations.about(22.0, 0.6))
    """From placing a call to its end, where no person was reached."""
    talks: Durations = field(default_factory=lambda: Durations.about(90.0, 0.9))
    wrap_ups: Durations = field(default_factory=lambda: Durations.about(20.0, 0.8))

    def reached(self, seconds: float) -> Self:
        """Return it with a person who was there `seconds` after the call was placed."""
        return replace(
            self,
            answer_rate=self.answer_rate.after(True),
            reached_after=self.reached_after.with_one(seconds),
        )

    def failed(self, seconds: float) -> Self:
        """Return it with a call that was over after `seconds` and reached no person."""
        return replace(
            self,
            answer_rate=self.answer_rate.after(False),
            failed_after=self.failed_after.with_one(seconds),
        )

    def talked(self, seconds: float) -> Self:
        """Return it with a talk of an agent."""
        return replace(self, talks=self.talks.with_one(seconds))

    def wrapped_up(self, seconds: float) -> Self:
        """Return it with a wrap-up of an agent."""
        return replace(self, wrap_ups=self.wrap_ups.with_one(seconds))
