"""Is there a voice in this frame? The only importer of webrtcvad.

WebRTC's detector alone takes line noise, tones and its own hang-over for speech. Three gates
stand behind it: an absolute level, a distance from the noise floor, and steady tones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import webrtcvad

from audio.level import QUIETEST_DBFS, dbfs, strongest_tone
from audio.pcm import FRAME_SECONDS, SAMPLE_RATE, Frame


class DetectorError(Exception):
    """A voice detector can't be used; the message says what to do."""


class VoiceDetector(Protocol):
    """Looks at the frames of one leg in order."""

    def is_speech(self, frame: Frame) -> bool:
        """Say whether this frame holds a voice."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """What counts as a voice on the line."""

    aggressiveness: int = 2
    """WebRTC's mode, 0 (takes almost anything for speech) to 3 (misses soft speech)."""
    quietest_dbfs: float = -52.0
    """Nothing below this is speech, however silent the line."""
    above_noise_db: float = 7.0
    """Speech stands out of the noise floor by at least this."""
    tone_share: float = 0.88
    """A frame with this part of its energy at one frequency may be a tone."""


class NoiseFloor:
    """The level of the line when nobody speaks: sinks at once, rises slowly."""

    def __init__(
        self,
        start_dbfs: float = -60.0,
        rise_db_per_second: float = 6.0,
        highest_dbfs: float = -30.0,
    ) -> None:
        self._dbfs = start_dbfs
        self._rise = rise_db_per_second * FRAME_SECONDS
        self._highest = highest_dbfs

    @property
    def dbfs(self) -> float:
        """The floor now."""
        return self._dbfs

    def follow(self, level_dbfs: float, may_be_speech: bool) -> None:
        """Take in one frame; while somebody may be speaking the floor rises ten times slower."""
        if level_dbfs < self._dbfs:
            self._dbfs += 0.3 * (level_dbfs - self._dbfs)
            return
        rise = self._rise * (0.1 if may_be_speech else 1.0)
        self._dbfs = min(self._highest, level_dbfs, self._dbfs + rise)


class SteadyTone:
    """Notices a tone that holds its pitch, which no voice does within a few frames."""

    def __init__(self, share: float, frames: int = 2) -> None:
        self._share = share
        self._frames = frames
        self._hz = 0.0
        self._held = 0

    def holds(self, frame: Frame) -> bool:
        """Take the next frame and say whether a tone has been held up to it."""
        found = strongest_tone(frame)
        if found.share < self._share:
            self._held = 0
            return False
        self._held = self._held + 1 if abs(found.hz - self._hz) <= 25.0 else 1
        self._hz = found.hz
        return self._held >= self._frames


class WebRtcVoiceDetector:
    """WebRTC's detector behind a level gate and a tone gate; one per leg, because it remembers."""

    def __init__(self, settings: VoiceSettings | None = None) -> None:
        self._settings = settings or VoiceSettings()
        self._vad = webrtcvad.Vad(self._settings.aggressiveness)
        self._floor = NoiseFloor()
        self._tone = SteadyTone(self._settings.tone_share)

    def is_speech(self, frame: Frame) -> bool:
        """Say whether this frame holds a voice."""
        level = dbfs(frame)
        likely = level > QUIETEST_DBFS and self._vad.is_speech(frame, SAMPLE_RATE)
        above = level - self._floor.dbfs
        self._floor.follow(level, likely)
        if not likely:
            return False
        if level < self._settings.quietest_dbfs or above < self._settings.above_noise_db:
            return False
        return not self._tone.holds(frame)


class LevelVoiceDetector:
    """Takes everything louder than a level for speech: a stand-in without an engine."""

    def __init__(self, quietest_dbfs: float = -45.0) -> None:
        self._quietest = quietest_dbfs

    def is_speech(self, frame: Frame) -> bool:
        """Say whether this frame is loud enough."""
        return dbfs(frame) >= self._quietest
