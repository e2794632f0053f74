"""Who took the call: a person or a machine, from what was heard since the answer.

    answer |--"喂?"--|  silence                         -> person, at once
    answer |--"您好,我现在不方便接听电话,请在提示音后留言"--| beep    -> voicemail, at "留言"
    answer |--"您好"--| pause |--"...请在滴声后留言"--|      -> person, then voicemail: ask again
                                                            as more is heard

A verdict may change while more is heard; nothing a machine says is waited for in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from asr.announcements import announcement_in
from asr.phrasebook import answerer_phrases
from asr.sounding import syllables
from audio.level import dbfs, strongest_tone
from audio.pcm import FRAME_SECONDS, Frame


class Answerer(StrEnum):
    """Who or what answers."""

    PERSON = "person"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    """A service that asks for our business on behalf of the callee."""
    ANNOUNCEMENT = "announcement"
    """The network speaks, although the call counts as answered."""
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Heard:
    """One stretch of speech since the answer; also one still going on."""

    text: str
    began: float
    """Seconds since the answer."""
    ended: float
    """Seconds since the answer; for one going on: now."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who it is, as far as one can tell now."""

    answerer: Answerer
    why: str
    """For the log and for figures, in a few words."""


@dataclass(frozen=True, slots=True)
class AnswererSettings:
    """Where people and machines differ in time."""

    watch_seconds: float = 20.0
    """Later nobody but the callee speaks: phrases of machines are not looked for any more."""
    short_greeting_seconds: float = 2.5
    """People say less than this before they wait for us."""
    monologue_seconds: float = 6.0
    """Machines speak longer than this without a pause; hardly anybody answers so."""


def who_answers(
    heard: Sequence[Heard], beeped: bool = False, settings: AnswererSettings | None = None
) -> Verdict:
    """Return who took the call, from all that was heard since the answer, oldest first."""
    limits = settings or AnswererSettings()
    early = [each for each in heard if each.began <= limits.watch_seconds]
    if not early:
        return Verdict(Answerer.UNSURE, "nothing was said")
    text = "，".join(each.text for each in early if each.text)
    machine = answerer_phrases().kind_of(text, (Answerer.VOICEMAIL, Answerer.ASSISTANT))
    if machine:
        return Verdict(Answerer(machine), "its words")
    announced = announcement_in(text)
    if announced:
        return Verdict(Answerer.ANNOUNCEMENT, announced.value)
    longest = max(each.ended - each.began for each in early)
    if beeped and longest >= limits.short_greeting_seconds:
        return Verdict(Answerer.VOICEMAIL, "a beep after a long greeting")
    if longest >= limits.monologue_seconds:
        return Verdict(Answerer.UNSURE, "a monologue")
    if answerer_phrases().kind_of(early[0].text, (Answerer.PERSON,)):
        return Verdict(Answerer.PERSON, "a greeting")
    if longest <= limits.short_greeting_seconds and syllables(text):
        return Verdict(Answerer.PERSON, "few words")
    return Verdict(Answerer.UNSURE, "no telling words")


class BeepState(StrEnum):
    """Where a beep detector is."""

    WAITING = "waiting"
    TONE = "tone"
    AFTER = "after"
    """The tone is over; is it silent now?"""


@dataclass(frozen=True, slots=True)
class Beep:
    """The signal after which a machine records."""

    hz: float
    began: float
    """Seconds of audio."""
    ended: float


@dataclass(frozen=True, slots=True)
class BeepSettings:
    """What counts as a beep."""

    shortest_seconds: float = 0.2
    longest_seconds: float = 2.0
    """Longer tones are faxes and networks."""
    silence_seconds: float = 0.1
    """Silence that must follow; a tone inside a melody is none."""
    drop_db: float = 12.0
    """How far the level falls after it."""
    low_hz: float = 400.0
    high_hz: float = 2000.0
    share: float = 0.8
    """Part of a frame's energy at one frequency."""


class BeepDetector:
    """Finds the beep of an answering machine; frames in, its clock is their number."""

    def __init__(self, settings: BeepSettings | None = None) -> None:
        self._settings = settings or BeepSettings()
        self._state = BeepState.WAITING
        self._heard = 0
        self._hz = 0.0
        self._level = 0.0
        self._began = 0
        self._ended = 0

    def hear(self, frame: Frame) -> Beep | None:
        """Take one frame; return the beep once silence has followed it."""
        self._heard += 1
        found = strongest_tone(frame, self._settings.low_hz, self._settings.high_hz)
        level = dbfs(frame)
        if found.share >= self._settings.share:
            if self._state is BeepState.TONE and abs(found.hz - self._hz) <= 25.0:
                self._ended = self._heard
                self._level = max(self._level, level)
                return None
            self._state = BeepState.TONE
            self._hz, self._level = found.hz, level
            self._began, self._ended = self._heard - 1, self._heard
            return None
        if self._state is BeepState.WAITING:
            return None
        return self._after(level)

    def _after(self, level: float) -> Beep | None:
        length = (self._ended - self._began) * FRAME_SECONDS
        away = self._heard - self._ended
        # The last frame of a tone is part silence: one frame of grace before it must be quiet.
        loud = level > self._level - self._settings.drop_db and away > 1
        if loud or not self._settings.shortest_seconds <= length <= self._settings.longest_seconds:
            self._state = BeepState.WAITING
            return None
        self._state = BeepState.AFTER
        if away * FRAME_SECONDS < self._settings.silence_seconds:
            return None
        self._state = BeepState.WAITING
        return Beep(self._hz, self._began * FRAME_SECONDS, self._ended * FRAME_SECONDS)
