"""A stretch of speech that still goes on, and how far its words are believed.

partials  [你好][我现在不方便][接听电话][接电话]...   gone again within 0.2 s: not believed
partials  [您好][您拨打]......[您拨打的用户].......
                |- 0.2 s -| believed to the end of the stretch
"""

from __future__ import annotations

from asr.amd import Answerer, Heard, Verdict, is_surely_person
from audio.pcm import FRAME_SECONDS

BELIEVED_SECONDS = 0.2
"""Words of a partial result that have stood for so long seldom change."""


class Stretch:
    """Takes partial results; all times are seconds since the answer."""

    def __init__(self, began: float, told: Verdict) -> None:
        self._heard = Heard("", began, began, going_on=True)
        self._told = told
        self._suspected_at: float | None = None
        """Since when its words are a machine's."""

    @property
    def heard(self) -> Heard:
        """Return what is believed to have been said so far."""
        return self._heard

    def says(self, text: str, now: float) -> None:
        """Take the words so far."""
        self._heard = Heard(text, self._heard.began, now, going_on=True)

    def is_due(self, now: float) -> bool:
        """Say whether the words of a machine have stood for long enough since the last verdict."""
        return not self._told.answerer.is_machine and self._has_stood(now)

    def believed(self, found: Verdict, now: float) -> Verdict:
        """Return what to believe when the words alone tell this."""
        if found.answerer.is_machine and not self._told.answerer.is_machine:
            if self._suspected_at is None:
                self._suspected_at = now
            if found.answerer is not Answerer.FAX and not self._has_stood(now):
                return self._told
        elif not found.answerer.is_machine:
            self._suspected_at = None
            if self._told.answerer.is_machine and not is_surely_person(self._heard.text):
                return self._told
        self._told = found
        return found

    def _has_stood(self, now: float) -> bool:
        stood = self._suspected_at
        return stood is not None and now - stood >= BELIEVED_SECONDS - FRAME_SECONDS / 2
