"""How a worker speaks: recordings where there are some, else the synthesiser; and what it marks."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

from audio.aigc import Mark, mark_file
from audio.wav import WavError
from tts.cache import Cache
from tts.recorded_speech import RecordedSpeech
from tts.recordings import Recordings, load_recordings
from tts.speaker import Speaker
from tts.speech import Speech, SpeechError, Voice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SpeechSource:
    """Where speech comes from on this machine."""

    synthesizer: Path
    """Socket of the synthesis process."""
    cache: Path
    recordings: Path
    """Library of recorded prompts; it need not be there."""
    producer: str = ""
    """Whom files name as the maker of synthetic speech."""


def prepare_speech(source: SpeechSource) -> None:
    """Read the list of recordings before the first call, so that no caller waits for it.

    One that can't be read is told by the log, and by each call, which fails before it rings.
    """
    try:
        _library(source.recordings)
    except SpeechError as error:
        log.warning("%s", error)


def speech_from(source: SpeechSource, voice: Voice) -> Speech:
    """Return speech in that voice; raises SpeechError when the recordings can't be read.

    Recordings are read once in a process: what is imported meanwhile is heard after a restart.
    """
    cached = Cache(source.cache, source.producer)
    speaker = Speaker(source.synthesizer, cached, voice)
    recordings = _library(source.recordings)
    if not recordings.clips:
        return speaker
    return RecordedSpeech(speaker, recordings, cached, voice)


@cache
def _library(folder: Path) -> Recordings:
    return load_recordings(folder)


def mark_recording(recording: Path | None, attempt: int, producer: str) -> None:
    """Note in the recording of a call that a machine speaks in it; a fault is only logged."""
    if recording is None or not recording.is_file():
        return
    try:
        mark_file(recording, Mark(producer, f"call-{attempt}-{uuid4().hex}"))
    except (OSError, WavError) as error:
        log.warning("%s could not be marked as AI-generated: %s", recording, error)
