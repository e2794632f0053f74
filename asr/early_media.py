"""What is heard before anybody answers: signals, announcements, a melody, or nothing at all.

    183 |#....#....|                                  ringback: let it ring
    183 |~~~~~~~~~~~~~~~~|                            a melody (彩铃): let it ring
    183 |# # # |                                      busy tone: nobody will answer
    183 |~~~|"您拨打的电话已关机"|"Sorry, ..."         an announcement: what it says is the reason
    183 |"请不要挂机,您拨打的用户正在通话中"|...         he is told of our call: let it ring
    180 |                                             no early media

Words count more than signals, a reason more than what comes beside it, and the first reason more
than a later one: of a bilingual announcement the second language may be heard as anything. Time
is counted in frames from the first early media (183) on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from asr.announcements import Announcement, early_announcement_in
from audio.cadence import CadenceDetector, CallTone
from audio.level import dbfs
from audio.pcm import FRAME_SECONDS, Frame


class EarlyKind(StrEnum):
    """What is heard that is no announcement."""

    NONE = "no_early_media"
    QUIET = "quiet"
    """Frames arrive, and nothing is to be heard in them."""
    RINGBACK = "ringback"
    MELODY = "melody"
    """彩铃: music or speech that the callee has chosen for those who wait."""
    BUSY_TONE = "busy_tone"
    CONGESTION_TONE = "congestion_tone"
    VACANT_TONE = "vacant_tone"
    SPECIAL_TONE = "special_tone"
    """The network says why it fails, in words we have not understood."""


KINDS: Mapping[CallTone, EarlyKind] = {
    CallTone.RINGBACK: EarlyKind.RINGBACK,
    CallTone.BUSY: EarlyKind.BUSY_TONE,
    CallTone.CONGESTION: EarlyKind.CONGESTION_TONE,
    CallTone.VACANT: EarlyKind.VACANT_TONE,
    CallTone.SPECIAL_INFORMATION: EarlyKind.SPECIAL_TONE,
}
FAILURES = frozenset({EarlyKind.BUSY_TONE, EarlyKind.CONGESTION_TONE, EarlyKind.VACANT_TONE})
"""Signals after which nobody picks up. A special information tone waits for its words."""


@dataclass(frozen=True, slots=True)
class EarlyVerdict:
    """What is known about a call that nobody has answered yet."""

    kind: Announcement | EarlyKind
    is_final: bool
    """Nobody will pick up any more: the call may end."""


@dataclass(frozen=True, slots=True)
class EarlySettings:
    """How long is long enough."""

    quietest_dbfs: float = -45.0
    melody_seconds: float = 3.0
    """Sound for so long that is neither a signal nor an announcement."""
    longest_gap_seconds: float = 0.8
    """Silence within a melody or an announcement."""
    special_seconds: float = 12.0
    """So long after a special information tone we don't wait for its words any more."""


class EarlyMedia:
    """Listens before the answer: frames and words in, a verdict out."""

    def __init__(self, settings: EarlySettings | None = None) -> None:
        self._settings = settings or EarlySettings()
        self._cadence = CadenceDetector()
        self._frames = 0
        self._tone: EarlyKind | None = None
        self._tone_at = 0.0
        self._loud_since: float | None = None
        self._loud_until = 0.0
        self._announced: Announcement | None = None

    @property
    def seconds(self) -> float:
        """Seconds of early media so far."""
        return self._frames * FRAME_SECONDS

    def hear(self, frame: Frame) -> None:
        """Take 20 ms of sound."""
        self._frames += 1
        found = self._cadence.hear(frame)
        if found is not None and found.tone in KINDS:
            self._tone, self._tone_at = KINDS[found.tone], found.at
        if dbfs(frame) < self._settings.quietest_dbfs:
            return
        if self.seconds - self._loud_until > self._settings.longest_gap_seconds:
            self._loud_since = None
        self._loud_until = self.seconds
        if self._loud_since is None:
            self._loud_since = self.seconds

    def said(self, text: str) -> Announcement | None:
        """Take words, also those of a sentence still going on; return what they announce."""
        found = early_announcement_in(text)
        known = self._announced
        if found is not None and (known is None or _rank(found) > _rank(known)):
            self._announced = found
        return found

    def verdict(self) -> EarlyVerdict:
        """Return what is known now."""
        if self._announced is not None:
            return EarlyVerdict(self._announced, self._announced.is_final)
        if self._frames == 0:
            return EarlyVerdict(EarlyKind.NONE, is_final=False)
        if self._tone is not None and not self._is_melody_since():
            waited = self.seconds - self._tone_at >= self._settings.special_seconds
            unspoken = self._tone is EarlyKind.SPECIAL_TONE and waited
            return EarlyVerdict(self._tone, self._tone in FAILURES or unspoken)
        if self._loud_seconds() >= self._settings.melody_seconds:
            return EarlyVerdict(EarlyKind.MELODY, is_final=False)
        return EarlyVerdict(EarlyKind.QUIET, is_final=False)

    def _loud_seconds(self) -> float:
        return 0.0 if self._loud_since is None else self._loud_until - self._loud_since

    def _is_melody_since(self) -> bool:
        """Say whether a melody has taken the place of ringback: 彩铃 often begins so."""
        return (
            self._tone is EarlyKind.RINGBACK
            and self._loud_seconds() >= self._settings.melody_seconds
            and (self._loud_since or 0.0) >= self._tone_at
        )


def _rank(kind: Announcement) -> int:
    """Return how much a kind counts: reasons most, then what still rings, then a reminder."""
    if not kind.is_final:
        return 1
    return 0 if kind is Announcement.REMINDER else 2
