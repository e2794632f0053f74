"""Listens from the answer on, and tells at any moment who took the call.

    answer |.....[partial][partial]...[utterance]....[beep]....
    verdict unsure        recording    voicemail

All times are seconds of call audio; words are judged while they are still being said.
"""

from __future__ import annotations

from asr.amd import Answerer, AnswererSettings, Heard, Verdict, who_answers
from asr.announcements import announcement_in
from audio.cadence import CadenceDetector, CallTone
from audio.pcm import Frame

SETTLED_SECONDS = 2.0
"""Silence after which a recording that announced something has said it all."""


class AnswerWatch:
    """Frames, words and beeps in; a verdict out."""

    def __init__(self, answered_at: float, settings: AnswererSettings | None = None) -> None:
        self._answered_at = answered_at
        self._settings = settings or AnswererSettings()
        self._cadence = CadenceDetector()
        self._heard: list[Heard] = []
        self._going_on: Heard | None = None
        self._beeped_at: float | None = None
        self._is_fax = False
        self._settles_at: float | None = None
        """When a recording that was heard will have said it all."""

    @property
    def text(self) -> str:
        """Return all that was said to its end."""
        return "，".join(each.text for each in self._heard if each.text)

    @property
    def last_ended(self) -> float | None:
        """Return when the last finished words ended; None before any."""
        return self._heard[-1].ended + self._answered_at if self._heard else None

    def hear(self, frame: Frame, now: float) -> Verdict | None:
        """Take 20 ms of sound; return a verdict that needs no further words."""
        if self._settles_at is not None and now >= self._settles_at and not self._going_on:
            self._settles_at = None
            return self.verdict(now)
        if self._is_fax or now - self._answered_at > self._settings.watch_seconds:
            return None
        found = self._cadence.hear(frame)
        self._is_fax = found is not None and found.tone is CallTone.FAX
        return self.verdict(now) if self._is_fax else None

    def started(self, now: float) -> None:
        """Take note that somebody begins to speak."""
        self._going_on = Heard("", *self._since(now, now), going_on=True)

    def saying(self, text: str, now: float) -> Verdict:
        """Take what is believed to have been said so far of the words still going on."""
        began = self._going_on.began if self._going_on else now - self._answered_at
        self._going_on = Heard(text, began, now - self._answered_at, going_on=True)
        return self.verdict(now)

    def said(self, text: str, began: float, ended: float) -> Verdict:
        """Take words that are over."""
        self._going_on = None
        self._heard.append(Heard(text, *self._since(began, ended)))
        found = self.verdict(ended)
        is_recording = found.answerer is Answerer.RECORDING
        self._settles_at = ended + SETTLED_SECONDS if is_recording else None
        return found

    def dismissed(self) -> None:
        """Take note that what was going on was noise."""
        self._going_on = None

    def beeped(self, now: float) -> Verdict:
        """Take a beep."""
        self._beeped_at = now
        return self.verdict(now)

    def verdict(self, now: float) -> Verdict:
        """Return who it is, as far as one can tell now."""
        if self._is_fax:
            return Verdict(Answerer.FAX, "its tone")
        heard = [*self._heard, self._going_on] if self._going_on else self._heard
        if not heard and now - self._answered_at >= self._settings.silence_seconds:
            return Verdict(Answerer.SILENCE, "not a word")
        ended = self.last_ended
        beeped = self._beeped_at is not None and (ended is None or self._beeped_at > ended)
        found = who_answers(heard, beeped, self._settings)
        if found.answerer is Answerer.RECORDING:
            return self._settled(found, now)
        return found

    def _settled(self, recording: Verdict, now: float) -> Verdict:
        ended = self.last_ended
        if self._going_on or ended is None or now - ended < SETTLED_SECONDS:
            return recording
        announced = announcement_in(self.text)
        return Verdict(Answerer.ANNOUNCEMENT, announced.value) if announced else recording

    def _since(self, began: float, ended: float) -> tuple[float, float]:
        return began - self._answered_at, ended - self._answered_at
