"""Listens from the answer on, and tells at any moment who took the call.

    answer |.....[partial][partial]......[utterance]....[beep]....
    verdict unsure        |- 0.2 -|recording  voicemail

All times are seconds of call audio; words are judged while they are still being said. Until they
are over they may change: a machine is believed once its words have stood for a moment, and then
until the end of this stretch, unless a person's words take their place.
"""

from __future__ import annotations

from collections.abc import Sequence

from asr.amd import Answerer, AnswererSettings, Heard, Verdict, who_answers
from asr.announcements import announcement_in
from asr.hearing import Alternative
from asr.stretch import Stretch
from audio.cadence import FAX_PLANS, PLANS, CadenceDetector, CallTone, Signal
from audio.pcm import Frame

LIKELY = 0.5
"""Other readings are heeded that are at least so likely compared with the best."""
SETTLED_SECONDS = 2.0
"""Silence after which a recording that announced something has said it all."""


class AnswerWatch:
    """Frames, words and beeps in; a verdict out."""

    def __init__(self, answered_at: float, settings: AnswererSettings | None = None) -> None:
        self._answered_at = answered_at
        self._settings = settings or AnswererSettings()
        self._cadence = CadenceDetector(plans=(*PLANS, *FAX_PLANS))
        self._heard: list[Heard] = []
        self._going_on: Stretch | None = None
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
        self._is_fax = found is not None and self._is_from_a_fax(found)
        is_due = self._going_on is not None and self._going_on.is_due(now - self._answered_at)
        return self.verdict(now) if self._is_fax or is_due else None

    def started(self, now: float) -> None:
        """Take note that somebody begins to speak."""
        self._going_on = Stretch(now - self._answered_at, self.verdict(now))

    def saying(self, text: str, now: float) -> Verdict:
        """Take what is believed to have been said so far of the words still going on."""
        if self._going_on is None:
            self.started(now)
        if self._going_on is not None:
            self._going_on.says(text, now - self._answered_at)
        return self.verdict(now)

    def said(
        self, text: str, began: float, ended: float, alternatives: Sequence[Alternative] = ()
    ) -> Verdict:
        """Take words that are over, and other readings of them."""
        self._going_on = None
        since, until = began - self._answered_at, ended - self._answered_at
        likeliest = max((each.confidence for each in alternatives), default=0.0)
        likely = tuple(
            each.text
            for each in alternatives
            if each.text != text and each.confidence >= LIKELY * likeliest
        )
        self._heard.append(Heard(text, since, until, alternatives=likely))
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
        heard = [*self._heard, self._going_on.heard] if self._going_on else self._heard
        if not heard and now - self._answered_at >= self._settings.silence_seconds:
            return Verdict(Answerer.SILENCE, "not a word")
        ended = self.last_ended
        beeped = self._beeped_at is not None and (ended is None or self._beeped_at > ended)
        found = who_answers(heard, beeped, self._settings)
        if self._going_on is not None:
            return self._going_on.believed(found, now - self._answered_at)
        return self._settled(found, now) if found.answerer is Answerer.RECORDING else found

    def _is_from_a_fax(self, signal: Signal) -> bool:
        """Say whether it is no beep: a voicemail has spoken before it beeps."""
        return signal.tone is CallTone.FAX and not self.text

    def _settled(self, recording: Verdict, now: float) -> Verdict:
        ended = self.last_ended
        if ended is None or now - ended < SETTLED_SECONDS:
            return recording
        announced = announcement_in(self.text)
        return Verdict(Answerer.ANNOUNCEMENT, announced.value) if announced else recording
