"""A recorded call as a fixture: its sound, what was heard in it, and a recipient who says it again.

    call-000012/
      call.wav        both sides, as recorded (left: callee, right: Menling)
      answers/01.wav  what the callee said, turn by turn
      labels.yaml     what was heard in each, and what it was taken for: correct it by ear
      scenario.yaml   a simulated recipient of these answers, with what came of the call

What is written names nobody, unless the callee did himself; the sound may, and is kept like any
recording.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE
from audio.wav import WavError, read_stereo, write_wav
from store.types import TurnSpeaker
from store.values import Call, TurnRecord

BEFORE_SECONDS = 0.2
"""Sound kept before the first and after the last word, so that no syllable is lost."""
NUMBER = "+8613800138000"
"""Nobody's: the number of a fixture tells nothing of the recipient."""


class FixtureError(ValueError):
    """A call that can't become a fixture; the message says why."""


def export_call(call: Call, folder: Path) -> Path:
    """Write a settled call as a fixture into `folder` and return where it is.

    Raises FixtureError when nothing was recorded or somebody exported it before, and OSError.
    """
    there = folder / f"call-{call.attempt_id:06}"
    if not call.recording:
        raise FixtureError(f"Call {call.attempt_id} has no recording; nothing can be exported.")
    try:
        callee, _ = read_stereo(Path(call.recording))
    except (OSError, WavError) as error:
        what = f"The recording of call {call.attempt_id} can't be read: {error}"
        raise FixtureError(what) from error
    if there.exists():
        raise FixtureError(f"{there} is there already; move it away to export the call again.")
    answers = there / "answers"
    answers.mkdir(parents=True)
    shutil.copyfile(call.recording, there / "call.wav")
    labels: dict[str, Any] = {}
    steps: list[dict[str, Any]] = []
    for turn in call.turns:
        if turn.speaker is not TurnSpeaker.CALLEE:
            continue
        if turn.key:
            steps += [{"wait": "turn"}, {"press": turn.key}]
            continue
        name = f"{len(labels) + 1:02}"
        write_wav(answers / f"{name}.wav", _clip(callee, turn))
        labels[name] = _label(turn)
        steps += [{"wait": "turn"}, {"say": f"./answers/{name}"}]
    flow = call.flow_version.partition(" ")[0]
    _write(there / "labels.yaml", {"flow": flow, "language": call.language, "answers": labels})
    _write(there / "scenario.yaml", _scenario(call, steps))
    return there


def _clip(callee: bytes, turn: TurnRecord) -> bytes:
    began = max(0.0, turn.began_seconds - BEFORE_SECONDS)
    first, last = (
        round(seconds * SAMPLE_RATE) * SAMPLE_BYTES
        for seconds in (began, turn.ended_seconds + BEFORE_SECONDS)
    )
    return callee[first:last]


def _label(turn: TurnRecord) -> Mapping[str, Any]:
    return {
        "heard": turn.text,
        "intent": turn.intent,
        "confidence": round(turn.confidence, 2),
        "question": turn.prompt,
        "began_seconds": round(turn.began_seconds, 2),
        "ended_seconds": round(turn.ended_seconds, 2),
    }


def _scenario(call: Call, steps: list[dict[str, Any]]) -> Mapping[str, Any]:
    return {
        "id": f"call-{call.attempt_id:06}",
        "number": NUMBER,
        "title": f"as recorded in call {call.attempt_id}",
        "before": [{"ring": 0.6}],
        "script": steps,
        "expect": {"disposition": call.disposition.value, "outcome": call.outcome.value},
    }


def _write(file: Path, data: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
    file.write_text(text, encoding="utf-8")
