"""Which voice detector a leg gets; an engine is imported only where it was chosen."""

from __future__ import annotations

from enum import StrEnum

from asr.vad import DetectorError, VoiceDetector, WebRtcVoiceDetector

__all__ = ["DetectorError", "DetectorKind", "voice_detector"]


class DetectorKind(StrEnum):
    """The detectors there are, by their names in the settings."""

    WEBRTC = "webrtc"
    """Cheap: 0.1 % of a core per call; some noises pass and are told by their words."""
    SILERO = "silero"
    """About 1 % of a core per call; hardly any noise passes. Needs the extra `silero`."""


def voice_detector(kind: DetectorKind) -> VoiceDetector:
    """Return a new detector for one leg; raises DetectorError without its engine."""
    match kind:
        case DetectorKind.WEBRTC:
            return WebRtcVoiceDetector()
        case DetectorKind.SILERO:
            try:
                from asr.silero import SileroVoiceDetector
            except ImportError as error:
                raise DetectorError(
                    "Silero's voice detector needs onnxruntime; run: "
                    "pip install 'menling[silero]', or set recognition.voice_detector to webrtc."
                ) from error
            return SileroVoiceDetector()
