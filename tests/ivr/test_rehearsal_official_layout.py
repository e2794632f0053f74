"""Whole conversations with a recognition model that is made as official ones are."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio_fixtures.scenarios import load_scenarios
from ivr.conversation import ConversationReport, Equipment
from ivr.exchange import CallFacts
from ivr.flow_model import Flow
from ivr.rehearsal import rehearse
from tts.speaker import LocalSpeaker

MODEL = Path(__file__).parent.parent / "asr" / "models" / "model-zh-16k"


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return SpeechModel(MODEL)


@pytest.mark.vosk
@pytest.mark.parametrize(
    ("scenario_id", "outcome"),
    [("confirms", "confirmed"), ("locker", "hand_over_changed"), ("wrong_number", "wrong_number")],
)
def test_a_recipient_is_understood_through_another_model(
    scenario_id: str,
    outcome: str,
    model: SpeechModel,
    flow: Flow,
    facts: CallFacts,
    tmp_path: Path,
) -> None:
    [scenario] = [each for each in load_scenarios() if each.id == scenario_id]

    async def hold() -> ConversationReport:
        hearing = Listener(LocalStream(model), WebRtcVoiceDetector())
        equipment = Equipment(hearing, LocalSpeaker(tmp_path / "speech"))
        return await rehearse(scenario, equipment, flow, facts)

    report = asyncio.run(hold())
    assert report.result is not None
    assert (report.result.outcome.value, report.result.finished) == (outcome, True), report.turns
