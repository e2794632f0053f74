"""A recording through the whole ear: voice detection, end of turn, recognition, understanding."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from asr.hearing import Expectation, RecognitionStream, SpeechStarted, Utterance
from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio.pcm import frames, silence
from audio_fixtures.corpus.conditions import Condition, on_the_line
from audio_fixtures.corpus.recordings import Kind, Recording, sound_of
from audio_fixtures.line import Samples
from audio_fixtures.meant import QUESTIONS, as_heard, judged
from ivr.flow import load_flow
from ivr.nlu.understanding import understand

MOMENT = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The Wednesday morning all labels speak of."""
FLOW = "pre-delivery"
ASKED_IN: Mapping[str, str] = {
    "main": "opening",
    "confirm": "confirm_window",
    "when": "ask_window",
    "where_to": "ask_address",
    "place": "ask_hand_over",
}
"""The state of the flow that asks what a section of the corpus answers."""
HANGS_UP = silence(2.0)
"""A turn that goes on in the noise ends here at the latest."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one recording."""

    recording: Recording
    condition: str
    text: str
    wrong: int
    """Characters to change, add or leave out."""
    wanted: int
    """Characters that were said."""
    starts: int
    """How often somebody seemed to begin to speak."""
    turns: int
    intent: bool
    also: bool
    slots: Mapping[str, bool]


class Ear:
    """Hears recordings one after another with one model; used on one thread."""

    def __init__(self, model: SpeechModel, language: str, talkers: Sequence[Samples]) -> None:
        self._stream: RecognitionStream = LocalStream(model)
        self._language = language
        self._talkers = talkers

    def hear(self, recording: Recording, condition: Condition) -> Heard:
        """Return what is heard and understood of a recording."""
        starts, utterances = self.listen(recording, condition)
        said = "" if recording.kind is Kind.SOUND else _characters(as_heard(recording.text))
        joint = " " if self._language == "en-US" else ""
        worded = [each for each in utterances if each.text]
        text = joint.join(each.text for each in worded)
        meaning = understand(
            text,
            min((each.confidence for each in utterances), default=0.0),
            QUESTIONS[recording.question],
            MOMENT,
            self._language,
            worded[0].alternatives if len(worded) == 1 else (),
        )
        verdict = judged(recording.label or "nothing", meaning, MOMENT, by_sound=True)
        return Heard(
            recording,
            condition.name,
            text,
            edits(said, _characters(text)),
            len(said),
            starts,
            len(utterances),
            verdict.intent,
            verdict.also,
            verdict.slots,
        )

    def listen(self, recording: Recording, condition: Condition) -> tuple[int, list[Utterance]]:
        """Return how often somebody seemed to begin to speak, and all utterances."""
        pcm = on_the_line(sound_of(recording), recording.id, condition, self._talkers)
        return asyncio.run(self._listen(pcm, recording.question))

    async def _listen(self, pcm: bytes, question: str) -> tuple[int, list[Utterance]]:
        listener = Listener(self._stream, WebRtcVoiceDetector())
        listener.expect(Expectation(boost=hopes(question, self._language)))
        starts, utterances = 0, []
        for frame in frames(pcm + HANGS_UP):
            for event in await listener.hear(frame):
                starts += isinstance(event, SpeechStarted)
                if isinstance(event, Utterance):
                    utterances.append(event)
        return starts, utterances


@cache
def hopes(question: str, language: str) -> tuple[str, ...]:
    """Return what the flow hopes to hear where it asks what this section of the corpus answers."""
    states = load_flow(FLOW, language).script.states
    asked = states[ASKED_IN[question]].question if question in ASKED_IN else None
    return asked.hopes if asked else ()


def edits(wanted: str, heard: str) -> int:
    """Return how many characters must be changed, added or left out."""
    costs = list(range(len(heard) + 1))
    for row, character in enumerate(wanted, start=1):
        diagonal, costs[0] = costs[0], row
        for column, other in enumerate(heard, start=1):
            replaced = diagonal + (character != other)
            diagonal = costs[column]
            costs[column] = min(replaced, costs[column] + 1, costs[column - 1] + 1)
    return costs[-1]


def _characters(text: str) -> str:
    return text.replace(" ", "")
