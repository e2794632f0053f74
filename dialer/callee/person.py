"""A recipient on the phone: his ear, mouth and script between them, one slot of 20 ms at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from audio.g711 import Law
from audio_fixtures.clips import clip_sounds
from audio_fixtures.line import line_noise
from audio_fixtures.scenarios import Scenario
from audio_fixtures.script import HangUp, PlayEarly, Press, SayClip
from dialer.callee.ear import Ear, VoiceBegan, VoiceStopped
from dialer.callee.mouth import Mouth, Sending
from dialer.callee.observation import CallObservation
from dialer.callee.performer import Act, Performer

_NOISE_SECONDS = 2.0
_FRAMES_BETWEEN_ANNOUNCEMENTS = 40


@cache
def hiss(dbfs: float) -> bytes:
    """Return two seconds of a line on which nobody speaks."""
    noise = line_noise(_NOISE_SECONDS, dbfs, f"line at {dbfs}")
    samples: bytes = (noise * 32768).astype("<i2").tobytes()
    return samples


def prepare(scenario: Scenario) -> None:
    """Make what a recipient needs before he is rung, so that no call waits for it."""
    clip_sounds(scenario.clips())
    hiss(scenario.noise_dbfs)


class Person:
    """Plays one scenario on one line; the shell gives the time and takes the sound."""

    def __init__(
        self,
        scenario: Scenario,
        clips: Mapping[str, bytes],
        law: Law,
        observation: CallObservation,
        hang_up: Callable[[], None],
    ) -> None:
        self._ear = Ear()
        self._mouth = Mouth(hiss(scenario.noise_dbfs), law)
        self._performer = Performer(scenario)
        self._clips = clips
        self._observation = observation
        self._hang_up = hang_up
        self._talking = False
        self._then: Callable[[], None] | None = None

    def announce(self, announcement: PlayEarly, then: Callable[[], None]) -> None:
        """Play clips one after the other, whatever the other side does; then do what follows."""
        for clip in announcement.play:
            self._say(clip)
            self._mouth.pause(_FRAMES_BETWEEN_ANNOUNCEMENTS)
        self._then = then

    def pick_up(self) -> None:
        """Begin the script: the call is answered and the caller knows it."""
        self._talking = True

    def hear(self, level_dbfs: float, now: float) -> None:
        """Take the level of one frame of the other side."""
        self._note(self._ear.hear(level_dbfs, now))

    def next_slot(self, now: float) -> Sending:
        """Return what he sends in the slot that begins now."""
        self._note(self._ear.listen(now))
        if self._then is not None and not self._mouth.busy:
            then, self._then = self._then, None
            then()
        if self._talking:
            self._do(self._performer.next_act(now, self._ear, self._mouth.busy))
        sending = self._mouth.next_slot()
        if sending.first_word:
            self._observation.first_word(now, self._ear.speaking_seconds(now) > 0)
        if sending.last_word:
            self._observation.last_word(now)
            self._ear.begin_turn()
        return sending

    def _do(self, act: Act | None) -> None:
        match act:
            case SayClip(clip):
                self._say(clip)
            case Press(digits):
                self._observation.begin_line(f"keys {digits}")
                self._mouth.press(digits)
            case HangUp():
                self._hang_up()
            case None:
                pass

    def _say(self, clip: str) -> None:
        self._observation.begin_line(clip)
        self._mouth.say(self._clips[clip])

    def _note(self, change: VoiceBegan | VoiceStopped | None) -> None:
        if isinstance(change, VoiceBegan):
            self._observation.voice_began(change)
        elif isinstance(change, VoiceStopped):
            self._observation.voice_stopped(change)
