"""How soon words stop our voice, and what stops it wrongly: `python -m bench.barge_in --write`.

Plays the corpus (`audio_fixtures/corpus`) over a clean line into our speech, in this process and
not in real time, and looks when we fall silent:

  sentences      seconds from the beginning of the first word that means something: from 我 in
                 嗯那个我不在家, by the recogniser's own times of the whole sentence
  signs of life  嗯, 对对对, 好的 ... of the corpus, and made anew at other rates and pitches
  noises         cough, horn, music ... of the corpus, and made anew from other seeds

Neither of the last two may stop us while we inform. Needs espeak-ng for what is made anew.
Takes about five minutes.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asr.hearing import Expectation, Partial, SpeechStarted
from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio.pcm import FRAME_SECONDS, frames, silence
from audio_fixtures.corpus.build import recording_sound
from audio_fixtures.corpus.conditions import CLEAN, on_the_line
from audio_fixtures.corpus.noises import RECIPES
from audio_fixtures.corpus.recordings import Kind, Recording, a_share, recordings, sound_of, voices
from audio_fixtures.line import Samples
from bench.latency import put_between
from bench.meaning_onset import meant_after_seconds
from ivr.barging import NOTHING_YET

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures of bench.barge_in -->", "<!-- end of the figures of bench.barge_in -->"
LANGUAGE = "zh-CN"
BAR_SECONDS = 0.25
SIGNS = (
    *("嗯", "嗯嗯", "嗯嗯嗯", "哦", "哦好", "对", "对对", "是是是", "好", "好的", "好的好的"),
    *("行", "行行行", "喂", "啊", "嗯对", "哎好", "噢", "嗯是", "嗯好的"),
)
FRESH_SEED = 71
RATE_SHIFT, PITCH_SHIFT = 15, 6


@dataclass(frozen=True, slots=True)
class Stop:
    """What a recording did to our voice."""

    recording: Recording
    meant_at: float
    """Seconds of call audio at the beginning of the first word that means something."""
    stopped_at: float | None
    """None: we went on speaking."""


class Listening:
    """Plays recordings into our words, one after another, with one model."""

    def __init__(self, model: SpeechModel) -> None:
        self._model = model
        self._stream = LocalStream(model)

    def play(self, recording: Recording, sound: Samples) -> Stop:
        """Return when a recording makes us fall silent."""
        pcm = on_the_line(sound, recording.id, CLEAN, ())
        began, stopped = asyncio.run(self._into_our_words(pcm))
        meant = began + meant_after_seconds(recording.text, pcm, self._model)
        return Stop(recording, meant, stopped)

    async def _into_our_words(self, pcm: bytes) -> tuple[float, float | None]:
        listener = Listener(self._stream, WebRtcVoiceDetector())
        listener.expect(Expectation(eager=True))
        first, began, evidence = 0.0, 0.0, NOTHING_YET
        for place, frame in enumerate(frames(pcm + silence(1.0)), start=1):
            now = place * FRAME_SECONDS
            for event in await listener.hear(frame):
                match event:
                    case SpeechStarted(began):
                        first, evidence = first or began, NOTHING_YET
                    case Partial():
                        evidence = evidence.with_look(event, now - began, LANGUAGE)
                        if evidence.stops_us:
                            return first, now
        return first, None


def sentences(share: float) -> list[tuple[Recording, Samples]]:
    """Return the same share of the Mandarin sentences each time."""
    speakers = voices()
    spoken = (
        each
        for each in recordings()
        if each.kind is Kind.SENTENCE and speakers[each.voice].language == LANGUAGE
    )
    return [(each, sound_of(each)) for each in a_share(spoken, share)]


def of_the_corpus(kind: Kind) -> list[tuple[Recording, Samples]]:
    """Return the signs of life or the noises of the corpus."""
    languages = {LANGUAGE, ""}
    speakers = voices()
    return [
        (each, sound_of(each))
        for each in recordings()
        if each.kind is kind and speakers[each.voice].language in languages
    ]


def fresh_signs() -> list[tuple[Recording, Samples]]:
    """Return signs of life that are in no corpus, each in two voices."""
    speakers = [each for each in voices().values() if each.language == LANGUAGE]
    made = []
    for place, (text, turn) in enumerate((text, turn) for text in SIGNS for turn in (-1, 1)):
        speaker = speakers[(place * 5 + 3) % len(speakers)]
        other = replace(
            speaker,
            rate=speaker.rate + turn * RATE_SHIFT,
            pitch=speaker.pitch + turn * PITCH_SHIFT,
        )
        row = Recording(
            f"fresh/{place:03d}", speaker.name, Kind.BACKCHANNEL, "", "", "", "", text, 0, 0
        )
        made.append((row, recording_sound(row, other)))
    return made


def fresh_noises() -> list[tuple[Recording, Samples]]:
    """Return one more noise of each kind."""
    nobody = voices()["noises"]
    rows = [
        Recording(
            f"fresh/{name}", "noises", Kind.SOUND, "", "", "", "", f"{name}/{FRESH_SEED}", 0, 0
        )
        for name in RECIPES
    ]
    return [(row, recording_sound(row, nobody)) for row in rows]


def delays(stops: Iterable[Stop]) -> list[float]:
    """Return the seconds from the first word that means something to our silence, shortest first.

    Whom we never gave way to counts as infinitely late.
    """
    return sorted(
        stop.stopped_at - stop.meant_at if stop.stopped_at is not None else float("inf")
        for stop in stops
    )


def at_share(ordered: Sequence[float], share: float) -> str:
    """Return the delay that this share of the sentences stays within."""
    value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return f"{value:.2f} s" if value < float("inf") else "never"


def table(spoken: Sequence[Stop], wrongly: dict[str, Sequence[Stop]]) -> str:
    """Return the figures as Markdown."""
    late = delays(spoken)
    soon = sum(delay <= BAR_SECONDS + FRAME_SECONDS / 2 for delay in late) / len(late)
    lines = [
        "| sentences | p25 | p50 | p75 | p90 | within 0.25 s | never |",
        "|---|---|---|---|---|---|---|",
        f"| {len(late)} | "
        + " | ".join(at_share(late, share) for share in (0.25, 0.5, 0.75, 0.9))
        + f" | {100 * soon:.0f} % | {sum(delay == float('inf') for delay in late)} |",
        "",
        "| must not stop us | clips | stops | which |",
        "|---|---|---|---|",
    ]
    for name, stops in wrongly.items():
        false = [stop.recording for stop in stops if stop.stopped_at is not None]
        which = ", ".join(f"{each.text} ({each.voice})" for each in false)
        lines.append(f"| {name} | {len(stops)} | **{len(false)}** | {which} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Play everything and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.barge_in --share 0.2 --write",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--share", type=float, default=0.2, help="of the sentences, 0 to 1")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    options = parser.parse_args(argv)
    listening = Listening(SpeechModel(bundled_model()))

    def played(clips: Iterable[tuple[Recording, Samples]]) -> list[Stop]:
        return [listening.play(*clip) for clip in clips]

    text = table(
        played(sentences(options.share)),
        {
            "signs of life": played(of_the_corpus(Kind.BACKCHANNEL)),
            "noises": played(of_the_corpus(Kind.SOUND)),
            "signs of life, made anew": played(fresh_signs()),
            "noises, made anew": played(fresh_noises()),
        },
    )
    print(text)
    if options.write:
        put_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
