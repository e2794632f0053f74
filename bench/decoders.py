"""What decoding alone costs: `python -m bench.decoders continuous --calls 8 --seconds 20`.

  continuous   one Vosk recogniser per call in one process, fed all the sound of the call: how
               voice agents are mostly built
  utterances   only what people say, with our recogniser: nothing that recognises can cost less

Decodes as fast as it can and prints JSON; processor time is what counts.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import vosk

from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE, seconds
from audio_fixtures.clips import clip_sound
from audio_fixtures.script import SayClip
from bench.processor_time import proportional_megabytes
from bench.talkers import SENTENCES, conversation
from dialer.callee.person import hiss

CHUNK_BYTES = SAMPLE_RATE * SAMPLE_BYTES // 10
OUR_CHUNK_BYTES = 2 * CHUNK_BYTES
NOISE_DBFS = -54.0


@dataclass(frozen=True, slots=True)
class Decoding:
    """What was measured."""

    processor_seconds: float
    sound_seconds: float
    megabytes: float
    """Of memory that grew while decoding."""


def sound_of_call(place: int, duration_seconds: float, share: float) -> bytes:
    """Return all that one talker sends."""
    sound = bytearray()
    for act in conversation(place, duration_seconds, share):
        if isinstance(act, SayClip):
            sound += clip_sound(act.clip)
        else:
            samples = round(act * SAMPLE_RATE)
            noise = hiss(NOISE_DBFS)
            sound += (noise * (samples * SAMPLE_BYTES // len(noise) + 1))[: samples * SAMPLE_BYTES]
    return bytes(sound)


def continuous(calls: int, duration_seconds: float, share: float) -> Decoding:
    """Decode whole calls, all in turns of 0.1 s, as their sound would arrive."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(model_path=str(bundled_model()))
    sounds = [sound_of_call(place, duration_seconds, share) for place in range(calls)]
    length = min(map(len, sounds))

    def decode() -> None:
        recognizers = [vosk.KaldiRecognizer(model, float(SAMPLE_RATE)) for _ in sounds]
        for at in range(0, length, CHUNK_BYTES):
            for recognizer, sound in zip(recognizers, sounds, strict=True):
                if recognizer.AcceptWaveform(sound[at : at + CHUNK_BYTES]):
                    recognizer.Result()
                else:
                    recognizer.PartialResult()

    return _measured(decode, calls * length / SAMPLE_BYTES / SAMPLE_RATE)


def utterances(calls: int, duration_seconds: float) -> Decoding:
    """Decode sentence after sentence."""
    model = SpeechModel(bundled_model())
    recognizer = model.recognizer()
    sounds = [clip_sound(clip) for clip in SENTENCES]
    rounds = max(1, round(calls * duration_seconds / sum(map(seconds, sounds))))

    def decode() -> None:
        for sound in sounds * rounds:
            recognizer.begin()
            for at in range(0, len(sound), OUR_CHUNK_BYTES):
                recognizer.accept(sound[at : at + OUR_CHUNK_BYTES])
                recognizer.partial()
            recognizer.finish()

    return _measured(decode, rounds * sum(map(seconds, sounds)))


def _measured(decode: Callable[[], None], sound_seconds: float) -> Decoding:
    memory, began = proportional_megabytes([os.getpid()]), time.process_time()
    decode()
    return Decoding(
        time.process_time() - began,
        sound_seconds,
        proportional_megabytes([os.getpid()]) - memory,
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Decode and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("how", choices=["continuous", "utterances"])
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--share", type=float, default=0.4, help="part of the time people talk")
    options = parser.parse_args(argv)
    done = (
        continuous(options.calls, options.seconds, options.share)
        if options.how == "continuous"
        else utterances(options.calls, options.seconds * options.share)
    )
    print(json.dumps(asdict(done)))


if __name__ == "__main__":
    main()
