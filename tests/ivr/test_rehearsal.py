"""Every simulated recipient, from his own WAVs through voice detection and the real recogniser."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio_fixtures.scenarios import Scenario, load_scenarios
from dialer.leg import HangupCause
from ivr.conversation import ConversationReport, Equipment
from ivr.exchange import CallFacts, DialogOutcome, Machine
from ivr.flow_model import Flow
from ivr.rehearsal import rehearse
from ivr.transcript import Speaker
from tts.speaker import LocalSpeaker

SCENARIOS = load_scenarios()
TALKERS = [each for each in SCENARIOS if each.expect.disposition == "completed"]
CAUSES = {
    "busy": HangupCause.BUSY,
    "no_answer": HangupCause.NO_ANSWER,
    "declines": HangupCause.DECLINED,
}


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    """The bundled model, loaded once."""
    return SpeechModel(bundled_model())


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> LocalSpeaker:
    """A voice without an engine."""
    return LocalSpeaker(tmp_path_factory.mktemp("speech"))


@pytest.fixture
def call(flow: Flow, facts: CallFacts, model: SpeechModel, speaker: LocalSpeaker, tmp_path: Path):
    """Rehearse the call to one recipient."""

    def called(scenario: Scenario) -> ConversationReport:
        hearing = Listener(LocalStream(model), WebRtcVoiceDetector())
        equipment = Equipment(hearing, speaker)
        recording = tmp_path / f"{scenario.id}.wav"
        return asyncio.run(rehearse(scenario, equipment, flow, facts, recording))

    return called


def named(scenario_id: str) -> Scenario:
    return next(each for each in SCENARIOS if each.id == scenario_id)


@pytest.mark.vosk
@pytest.mark.parametrize("scenario", TALKERS, ids=lambda each: each.id)
def test_a_recipient_who_talks_gets_what_he_asked_for(call, facts, scenario):
    report = call(scenario)
    expect, result = scenario.expect, report.result
    assert report.ended.cause is HangupCause.WE_HUNG_UP
    assert result is not None
    assert (result.outcome.value, result.finished) == (expect.outcome, True), report.turns
    assert (result.hand_over.value if result.hand_over else "") == expect.hand_over
    assert (result.consent is not None) is expect.consent
    assert expect.address in (result.new_address.text if result.new_address else "")
    assert expect.needs_person is None or bool(result.needs_person) is expect.needs_person
    if expect.new_window is None:
        assert result.new_window is None
    else:
        window = result.new_window
        assert window is not None
        assert expect.new_window.fits(window.start, window.end, facts.now.date())


@pytest.mark.vosk
def test_who_says_nothing_is_let_go(call):
    report = call(named("silent"))
    assert report.result is not None
    assert report.result.outcome is DialogOutcome.UNFINISHED
    assert not [turn for turn in report.turns if turn.speaker is Speaker.CALLEE]
    assert report.talk_seconds < 50


@pytest.mark.vosk
def test_who_hangs_up_midway_leaves_it_unfinished(call):
    report = call(named("hangs_up_midway"))
    assert report.ended.cause is HangupCause.THEY_HUNG_UP
    assert report.result is not None
    assert not report.result.finished


@pytest.mark.vosk
def test_a_voicemail_gets_the_message_after_its_beep(call):
    report = call(named("voicemail"))
    assert report.machine is Machine.VOICEMAIL
    assert report.result is not None
    assert report.result.outcome is DialogOutcome.MESSAGE_LEFT
    first, *message = report.turns
    if first.speaker is Speaker.MENLING:  # we began in the same moment, and fell silent
        assert first.ended_seconds - first.began_seconds < 0.3
        first, *message = message
    assert first.intent == "voicemail"
    assert {turn.prompt for turn in message} == {"message"}
    assert message[0].began_seconds > first.ended_seconds + 0.5


@pytest.mark.vosk
@pytest.mark.parametrize("kind", ["switched_off", "vacant_number"])
def test_an_announcement_before_the_answer_ends_the_call_with_its_kind(call, kind):
    report = call(named(kind))
    assert report.announcement == kind
    assert report.ended.cause is HangupCause.CANCELLED
    assert not report.answered


@pytest.mark.parametrize("scenario_id", CAUSES)
def test_who_does_not_answer_is_reported_with_the_cause(call, scenario_id):
    report = call(named(scenario_id))
    assert report.ended.cause is CAUSES[scenario_id]
    assert (report.answered, report.result, report.turns) == (False, None, ())


@pytest.mark.vosk
@pytest.mark.parametrize("scenario_id", ["locker", "property_office", "doorstep"])
def test_the_words_that_agreed_to_a_hand_over_are_kept_as_sound(call, tmp_path, scenario_id):
    report = call(named(scenario_id))
    assert report.result is not None
    assert report.result.consent is not None
    assert (tmp_path / f"{scenario_id}.consent.wav").stat().st_size > 8000
