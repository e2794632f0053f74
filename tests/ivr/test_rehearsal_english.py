"""Recipients who speak English: recordings of held-out voices, the English model and flow."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta
from pathlib import Path

import pytest

from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio_fixtures.corpus.recipients import write_recipient
from audio_fixtures.scenarios import load_scenario
from ivr.conversation import ConversationReport, Equipment
from ivr.exchange import DialogOutcome
from ivr.meaning import HandOver
from ivr.rehearsal import rehearse
from ivr.transcript import Speaker
from tts.speaker import LocalSpeaker

EXPECT = {"disposition": "completed", "outcome": "confirmed"}

pytestmark = pytest.mark.vosk


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    """The bundled English model, loaded once."""
    return SpeechModel(bundled_model("en-US"))


@pytest.fixture
def call(english_flow, facts, model: SpeechModel, tmp_path: Path):
    """Rehearse the call to somebody who says these recordings."""

    def called(*says: str) -> ConversationReport:
        scenario = load_scenario(write_recipient(tmp_path, "+8613800138001", says, EXPECT))
        hearing = Listener(LocalStream(model), WebRtcVoiceDetector())
        equipment = Equipment(hearing, LocalSpeaker(tmp_path / "speech"))
        return asyncio.run(rehearse(scenario, equipment, english_flow, facts))

    return called


def said(report: ConversationReport) -> list[str]:
    return [turn.text for turn in report.turns if turn.speaker is Speaker.CALLEE]


def test_who_says_in_english_that_he_is_home_is_believed(call):
    report = call("en_annie/019")
    assert said(report) == ["yep i'll be home"]
    assert report.result.outcome is DialogOutcome.CONFIRMED


def test_another_time_said_in_english_is_agreed(call, facts):
    report = call("en_mike/021", "en_mike/023")
    assert said(report) == ["tomorrow morning", "that's right"]
    assert report.result.outcome is DialogOutcome.RESCHEDULED
    window = report.result.new_window
    assert window.start.date() == facts.now.date() + timedelta(days=1)
    assert (window.start.time(), window.end.time()) == (time(9), time(12))


def test_who_is_out_and_names_a_place_in_english_agrees_to_it(call):
    report = call("en_mike/020", "en_mike/023")
    assert report.result.outcome is DialogOutcome.HAND_OVER_CHANGED
    assert report.result.hand_over is HandOver.DOORSTEP
    assert report.result.consent.words == "that's right"
