"""Who answers, and what is heard before: `python -m bench.answering [--write] [clip...]`.

Every clip of `audio_fixtures/answering` goes through the whole ear in frames of 20 ms (voice
detection, endpointing, the bundled model) and into the classifiers, as in a call.

  found        the right kind at the end of the clip, and for machines also: some machine
  false        people who were taken for a machine at any moment after the first word
  verdict      from the answer to the first moment at which the verdict says machine or person,
               as it stays
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asr.amd import Answerer, Verdict
from asr.answering import AnswerWatch
from asr.beep import BeepDetector
from asr.early_media import EarlyMedia
from asr.hearing import ListenerEvent, Partial, SpeechDismissed, SpeechStarted, Utterance
from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio.pcm import FRAME_SECONDS, frames
from audio_fixtures.answering import AnsweringClip, Moment, answering_clips, answering_sound
from ivr.opening import HELLO

PERFORMANCE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures of bench.answering -->", "<!-- end of the figures of answering -->"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ear made of a clip."""

    clip: AnsweringClip
    kind: str
    """The verdict at its end."""
    text: str
    history: tuple[tuple[float, Answerer], ...] = ()
    """Each change of the verdict: seconds since the answer, and what it became."""

    @property
    def is_right(self) -> bool:
        """Say whether it is what the label says."""
        return self.kind == self.clip.who

    @property
    def was_machine(self) -> bool:
        """Say whether it was ever taken for a machine."""
        return any(answerer.is_machine for _, answerer in self.history)

    @property
    def is_machine(self) -> bool:
        """Say whether it was taken for a machine in the end."""
        return bool(self.history) and self.history[-1][1].is_machine

    @property
    def verdict_seconds(self) -> float | None:
        """Return when it was first known to be what it stayed: a machine, or a person."""
        machine, since = self.is_machine, None
        for at, answerer in reversed(self.history):
            known = answerer.is_machine if machine else answerer is Answerer.PERSON
            if not known:
                break
            since = at
        return since


async def hear_answer(model: SpeechModel, clip: AnsweringClip) -> Heard:
    """Listen to a clip from the answer on."""
    listener, beep = Listener(LocalStream(model), WebRtcVoiceDetector()), BeepDetector()
    listener.expect(HELLO)
    watch = AnswerWatch(answered_at=0.0)
    history: list[tuple[float, Answerer]] = []
    now, texts = 0.0, []

    def take(verdict: Verdict | None) -> None:
        if verdict and (not history or history[-1][1] is not verdict.answerer):
            history.append((now, verdict.answerer))

    for frame in frames(answering_sound(clip.id)):
        now += FRAME_SECONDS
        take(watch.hear(frame, now))
        for event in await listener.hear(frame):
            take(_tell(watch, event, now))
            texts += [event.text] if isinstance(event, Utterance) else []
        if beep.hear(frame):
            take(watch.beeped(now))
    take(watch.verdict(now))
    await listener.close()
    return Heard(clip, history[-1][1].value, "|".join(texts), tuple(history))


def _tell(watch: AnswerWatch, event: ListenerEvent, now: float) -> Verdict | None:
    match event:
        case SpeechStarted(began):
            watch.started(began)
        case Partial():
            return watch.saying(event.text, now)
        case Utterance(text, _, began, ended):
            return watch.said(text, began, ended, event.alternatives)
        case SpeechDismissed():
            watch.dismissed()
    return None


async def hear_early(model: SpeechModel, clip: AnsweringClip) -> Heard:
    """Listen to a clip before the answer."""
    listener, early = Listener(LocalStream(model), WebRtcVoiceDetector()), EarlyMedia()
    texts: list[str] = []
    tail = frames(bytes(320 * 60))
    for frame in (*frames(answering_sound(clip.id)), *tail):
        early.hear(frame)
        for event in await listener.hear(frame):
            if isinstance(event, Utterance):
                early.said(event.text)
                texts.append(event.text)
    await listener.close()
    return Heard(clip, early.verdict().kind.value, "|".join(texts))


async def hear_all(model: SpeechModel, clips: Iterable[AnsweringClip]) -> list[Heard]:
    """Listen to every clip."""
    return [
        await (hear_early if clip.moment is Moment.EARLY else hear_answer)(model, clip)
        for clip in clips
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    machines: int
    machines_found: int
    machines_told_apart: int
    people: int
    people_lost: int
    early: int
    early_right: int
    verdict_seconds: tuple[float, ...]
    """Of machines and people that were told apart."""


def figures_of(heard: Sequence[Heard]) -> Figures:
    """Count."""
    answered = [each for each in heard if each.clip.moment is Moment.ANSWERED]
    machines = [each for each in answered if each.clip.who != Answerer.SILENCE]
    people = [each for each in heard if each.clip.moment is Moment.PEOPLE]
    early = [each for each in heard if each.clip.moment is Moment.EARLY]
    times = [each.verdict_seconds for each in (*machines, *people)]
    return Figures(
        machines=len(machines),
        machines_found=sum(each.is_machine for each in machines),
        machines_told_apart=sum(each.is_right for each in machines),
        people=len(people),
        people_lost=sum(each.was_machine for each in people),
        early=len(early),
        early_right=sum(each.is_right for each in early),
        verdict_seconds=tuple(sorted(at for at in times if at is not None)),
    )


def quantile(values: Sequence[float], percent: int) -> float:
    """Return a percentile."""
    return statistics.quantiles([*values, *values[-1:]], n=100, method="inclusive")[percent - 1]


def table_of(heard: Sequence[Heard]) -> str:
    """Return the report in Markdown."""
    figures = figures_of(heard)
    times = figures.verdict_seconds
    confusion = Counter((each.clip.who, each.kind) for each in heard)
    wrong = [
        f"| {who} | {kind} | {count} |"
        for (who, kind), count in sorted(confusion.items())
        if who != kind
    ]
    right = Counter(each.clip.who for each in heard if each.is_right)
    total = Counter(each.clip.who for each in heard)
    lines = [
        "| | bar | measured |",
        "|---|---|---|",
        f"| people ever taken for a machine | ≤ 1 % | {figures.people_lost} of {figures.people} |",
        f"| machines found | ≥ 95 % | {figures.machines_found} of {figures.machines} |",
        f"| and told which | | {figures.machines_told_apart} of {figures.machines} |",
        f"| early media told apart | ≥ 95 % | {figures.early_right} of {figures.early} |",
        f"| verdict after the answer, p50 / p95 / max, s | p95 ≤ 3 | {quantile(times, 50):.2f} / "
        f"{quantile(times, 95):.2f} / {times[-1]:.2f} |",
        "",
        "| what it is | right | of |",
        "|---|---|---|",
        *(f"| {who} | {right[who]} | {count} |" for who, count in sorted(total.items())),
        "",
        "| what it is | taken for | times |",
        "|---|---|---|",
        *(wrong or ["| | | none |"]),
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the figures; with --write also into docs/performance.md."""
    parser = argparse.ArgumentParser(description="Who answers, and what is heard before.")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    parser.add_argument("--verbose", action="store_true", help="what was heard in each clip")
    parser.add_argument("clips", nargs="*", help="ids; all without one")
    chosen = parser.parse_args()
    known = answering_clips()
    clips = [known[each] for each in chosen.clips] or list(known.values())
    heard = asyncio.run(hear_all(SpeechModel(bundled_model()), clips))
    for each in heard:
        if chosen.verbose or not each.is_right:
            changes = " ".join(f"{at:.1f}:{answerer}" for at, answerer in each.history)
            print(f"{each.clip.id}: {each.clip.who} -> {each.kind}  [{each.text}]  {changes}")
    print(table_of(heard))
    if chosen.write:
        before, _, rest = PERFORMANCE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page = f"{before}{BEGIN}\n\n{table_of(heard)}\n\n{END}{after}"
        PERFORMANCE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
