"""Which voice detector a leg gets; an engine is imported only where it was chosen."""

from __future__ import annotations

from enum import StrEnum

from asr.vad import VoiceDetector, WebRtcVoiceDetector


class DetectorKind(StrEnum):
    """The detectors there are, by their names in the settings."""

    WEBRTC = "webrtc"
    """Cheap: 0.1 % of a core per call; some noises pass and are told by their words."""
    SILERO = "silero"
    """About 1 % of a core per call; hardly any noise passes. Needs the extra `silero`."""


def voice_detector(kind: DetectorKind) -> VoiceDetector:
    """Return a new detector for one leg; raises ImportError or SileroError without its engine."""
    match kind:
        case DetectorKind.WEBRTC:
            return WebRtcVoiceDetector()
        case DetectorKind.SILERO:
            from asr.silero import SileroVoiceDetector

            return SileroVoiceDetector()
