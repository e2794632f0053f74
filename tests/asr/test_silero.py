from __future__ import annotations

from pathlib import Path

import pytest

from asr.detectors import DetectorKind, voice_detector
from asr.silero import SileroError, SileroVoiceDetector
from asr.vad import WebRtcVoiceDetector
from audio.pcm import FRAME_SECONDS, frames, silence
from audio_fixtures.clips import clip_sound


def voice_seconds(clip: str) -> float:
    detector = voice_detector(DetectorKind.SILERO)
    sound = silence(0.5) + clip_sound(clip) + silence(0.5)
    return sum(detector.is_speech(frame) for frame in frames(sound)) * FRAME_SECONDS


@pytest.mark.parametrize("clip", ["lin/keyi_de", "zhao/ni_shi_shei", "liu/hao"])
def test_a_voice_is_heard(clip: str) -> None:
    assert voice_seconds(clip) > 0.2


@pytest.mark.parametrize("clip", ["sound/cough", "sound/lorry", "sound/mumble", "sound/busy"])
def test_what_deceives_the_cheaper_detector_is_no_voice(clip: str) -> None:
    assert voice_seconds(clip) == 0.0


def test_silence_after_a_voice_is_noticed_within_a_fifth_of_a_second() -> None:
    detector = SileroVoiceDetector()
    heard = [detector.is_speech(frame) for frame in frames(clip_sound("lin/keyi_de"))]
    quiet = [detector.is_speech(frame) for frame in frames(silence(0.5))]
    assert any(heard)
    assert not any(quiet[10:])


def test_a_damaged_network_is_told_with_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "silero_vad.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(SileroError, match="install it again"):
        SileroVoiceDetector(broken)


def test_the_cheap_detector_needs_no_extra() -> None:
    assert isinstance(voice_detector(DetectorKind.WEBRTC), WebRtcVoiceDetector)
