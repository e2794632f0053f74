"""Screening: an assistant has asked for our business; does it go on, or has a person come on?

    assistant  [请问您有什么事?]..........[好的,请稍等]...............
    Menling    ....................[purpose]..........................greeting
    person     .................................................[喂?]

After our purpose was stated once, and a second time if it asks again, we hold the line for a
while. Whoever says anything that no assistant says is the person.
"""

from __future__ import annotations

from enum import StrEnum

from asr.phrasebook import answerer_phrases
from asr.sounding import syllables

PUT_THROUGH_SECONDS = 25.0
"""An assistant may put us through so long after we began to state our purpose, itself 8 s."""
STATEMENTS = 2
"""An assistant that doesn't understand us twice never will."""


class Behind(StrEnum):
    """Who speaks after our purpose was stated."""

    PERSON = "person"
    ASSISTANT = "assistant"
    ASSISTANT_ASKS = "assistant_asks"


class Screening:
    """Waits behind an assistant; all times are seconds of call audio."""

    def __init__(self) -> None:
        self._stated_at: float | None = None
        self._statements = 0

    @property
    def is_on(self) -> bool:
        """Say whether an assistant knows our purpose and nobody has come on yet."""
        return self._stated_at is not None

    def stated(self, now: float) -> None:
        """Take note that our purpose is being stated."""
        self._stated_at = now
        self._statements += 1

    def may_put_through(self, now: float) -> bool:
        """Say whether it is still worth holding the line."""
        return self._stated_at is not None and now - self._stated_at < PUT_THROUGH_SECONDS

    def who_says(self, text: str) -> Behind:
        """Return who says such things; no words at all are nobody's, so they change nothing."""
        book = answerer_phrases()
        if self._statements < STATEMENTS and book.kind_of(text, ("assistant_asks",)):
            return Behind.ASSISTANT_ASKS
        goes_on = book.kind_of(text, ("assistant_goes_on", "assistant_asks"))
        return Behind.ASSISTANT if goes_on or not syllables(text) else Behind.PERSON

    def person_came_on(self) -> None:
        """Take note that the person has picked up."""
        self._stated_at = None
