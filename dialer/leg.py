"""Leg: one telephone call to one number, as the rest of Menling sees it.

A leg is a stream of inputs in the order they happened (frames of sound, and what became of the
call) and a handful of commands. Frames arrive every 20 ms from the first early media until the
end, also when the far end is silent: they are the clock of a conversation.

    dial -> Ringing -> EarlyMedia + Sound... -> Answered + Sound... -> Ended
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from audio.pcm import SILENCE, Frame


class LegState(StrEnum):
    """Where a leg is between the first ring and the last goodbye."""

    IDLE = "idle"
    DIALING = "dialing"
    RINGING = "ringing"
    EARLY_MEDIA = "early_media"
    ANSWERED = "answered"
    ENDED = "ended"


class HangupCause(StrEnum):
    """Why a leg ended, in words that do not depend on SIP."""

    WE_HUNG_UP = "we_hung_up"
    THEY_HUNG_UP = "they_hung_up"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"
    """The number exists and can't be reached now: switched off, out of coverage."""
    BARRED = "barred"
    """The number takes no calls, or none like ours: 呼入限制, or a network blocks us for it."""
    INVALID_NUMBER = "invalid_number"
    FORBIDDEN = "forbidden"
    """The trunk refused us: wrong password, caller-id not allowed, no credit."""
    CONGESTION = "congestion"
    """The trunk has no line or no capacity now."""
    TRUNK_UNREACHABLE = "trunk_unreachable"
    """Our INVITE never left: no way, or no connection, to the trunk."""
    UNANSWERED_INVITE = "unanswered_invite"
    """Our INVITE left and nothing came back: nobody knows whether it rings."""
    INCOMPATIBLE_MEDIA = "incompatible_media"
    MEDIA_LOST = "media_lost"
    CANCELLED = "cancelled"
    """We gave up before the answer for a reason of our own."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DialRequest:
    """Whom to ring and how."""

    uri: str
    """SIP URI on the trunk; its host is an address, names are resolved beforehand."""
    ring_timeout: timedelta = timedelta(seconds=30)
    headers: tuple[tuple[str, str], ...] = ()
    early_media: bool = True
    call_id: str = ""
    """The SIP Call-ID, made beforehand so that the call can be found again; empty: pjsip's own."""
    trunk: str = ""
    """Name of the trunk that carries it; empty: the first one."""
    caller_id: str = ""
    """The number the callee sees; empty: the trunk's own."""
    media_timeout: timedelta | None = None
    """An answered call without any sound for so long is over; None: as the settings say."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """The far end rings (180)."""


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """Sound arrives before the answer (183): ringback, a melody or an announcement."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody or something picked up (200)."""


@dataclass(frozen=True, slots=True)
class Sound:
    """20 ms of what the far end says, and of what we said to it meanwhile."""

    frame: Frame
    said: Frame = SILENCE
    """The robot and people together."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The callee pressed a key (RFC 4733 or SIP INFO)."""

    digit: str
    """One of 0-9 * # A-D."""


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """The WAV started as `playback` was played to its last sample; never sent after `stop`."""

    playback: int


@dataclass(frozen=True, slots=True)
class MediaStatistics:
    """What RTP carried during the call."""

    packets_sent: int = 0
    packets_received: int = 0
    packets_lost: int = 0
    frames_dropped: int = 0
    """Frames our own side was too slow to take."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over; nothing follows."""

    cause: HangupCause
    sip_status: int = 0
    reason: str = ""
    statistics: MediaStatistics | None = None


LegEvent = Ringing | EarlyMedia | Answered | Sound | KeyPressed | PlaybackEnded | Ended


class Leg(Protocol):
    """One call; used once, by one conversation, on the event loop that owns it."""

    def dial(self, request: DialRequest) -> None:
        """Send the INVITE; everything that follows arrives by `receive`."""

    async def receive(self) -> LegEvent:
        """Return the next input, in order; `Ended` is the last one."""

    def play(self, wav: Path) -> int:
        """Play a telephone WAV after those already queued; return its playback number."""

    def stop(self) -> None:
        """Fall silent at once (within a frame) and forget what was queued."""

    def speak(self, frame: Frame) -> None:
        """Say a frame as soon as possible, beside what plays; `stop` does not stop it.

        Frames are said one after the other, one each 20 ms; one that would wait too long is lost.
        """

    def record(self, wav: Path) -> None:
        """Write both sides to a stereo WAV until the call ends (left: callee, right: Menling)."""

    def hang_up(self) -> None:
        """End or cancel the call; `Ended` follows."""
