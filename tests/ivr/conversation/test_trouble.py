"""What happens when Menling's own voice, ears or disk fail, and what proof is kept of an answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from asr.hearing import Expectation, ListenerEvent, Utterance
from asr.listener import Listener
from asr.scripted_stream import ScriptedStream
from asr.stream import RecognitionError
from asr.vad import LevelVoiceDetector
from audio.pcm import Frame
from audio.wav import read_stereo, read_wav
from dialer.leg import DialRequest, HangupCause, LegState
from dialer.loopback import AfterSilence, LoopbackLeg, Press, Step, answering
from ivr.conversation import Conversation, Equipment
from ivr.exchange import DialogOutcome
from tts.speech import PLAIN, Manner, Piece, Speech, SpeechError


class HoarseSpeaker:
    """A voice that fails at one sentence."""

    def __init__(self, speech: Speech, fails_at: str) -> None:
        self._speech = speech
        self._fails_at = fails_at

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return the WAV, or raise SpeechError."""
        if self._fails_at in text:
            raise SpeechError("the synthesiser gave no sound; look at tts.log")
        return await self._speech.wav(text, manner, pieces)


class LostWavs:
    """A voice whose files are gone by the time they are played."""

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return a file that doesn't exist."""
        return Path("gone.wav")


class DeafAfter:
    """Hearing that fails after so many utterances."""

    def __init__(self, hearing: Listener, utterances: int) -> None:
        self._hearing = hearing
        self._left = utterances
        self.closed = False

    def expect(self, expectation: Expectation) -> None:
        """Pass it on."""
        self._hearing.expect(expectation)

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        """Hear, or raise RecognitionError."""
        events = await self._hearing.hear(frame)
        self._left -= sum(isinstance(event, Utterance) for event in events)
        if self._left < 0:
            raise RecognitionError("No recogniser process answers.")
        return events

    async def close(self) -> None:
        """Note it."""
        self.closed = True
        await self._hearing.close()


def test_a_voice_that_fails_in_the_middle_ends_the_call_and_is_reported(hold, callee, speaker):
    voice = HoarseSpeaker(speaker, fails_at="什么时候方便")
    call = hold(callee.says("我想改个时间"), with_speech=voice)
    assert call.report.ended.cause is HangupCause.WE_HUNG_UP
    assert call.report.error == "the synthesiser gave no sound; look at tts.log"
    assert not call.result.finished
    assert [turn.text for turn in call.callee] == ["我想改个时间"]


def test_a_voice_that_fails_at_the_greeting_keeps_nobody_waiting(hold, speaker):
    call = hold(with_speech=HoarseSpeaker(speaker, fails_at="您好"))
    assert call.report.talk_seconds < 1.0
    assert call.report.error
    assert call.report.answered


def test_a_wav_that_cannot_be_played_is_a_failure_of_the_voice(hold):
    call = hold(with_speech=LostWavs())
    assert call.report.ended.cause is HangupCause.WE_HUNG_UP
    assert "gone.wav" in call.report.error


def test_ears_that_fail_in_the_middle_end_the_call_and_are_reported(hold, callee):
    ears: list[DeafAfter] = []

    def deaf(hearing):
        ears.append(DeafAfter(hearing, utterances=1))
        return ears[0]

    call = hold(callee.says("再说一遍"), callee.says("可以的"), with_hearing=deaf)
    assert call.report.ended.cause is HangupCause.WE_HUNG_UP
    assert call.report.error == "No recogniser process answers."
    assert not call.result.finished
    assert ears[0].closed


def test_a_conversation_that_is_cancelled_hangs_up(flow, facts, speaker):
    leg = LoopbackLeg(*answering())
    hearing = DeafAfter(Listener(ScriptedStream(), LevelVoiceDetector()), utterances=99)
    spoken = asyncio.Event()
    equipment = Equipment(hearing, speaker)
    conversation = Conversation(leg, equipment, flow, facts, notice=lambda _: spoken.set())

    async def cancelled() -> None:
        talk = asyncio.create_task(conversation.hold(DialRequest("sip:1@127.0.0.1")))
        await spoken.wait()
        talk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talk

    asyncio.run(cancelled())
    assert leg.state is LegState.ENDED
    assert hearing.closed


def test_the_words_of_a_consent_are_kept_as_sound(hold, callee, tmp_path):
    recording = tmp_path / "call.wav"
    call = hold(callee.says("放门口吧"), callee.says("同意", seconds=0.7), recording=recording)
    assert call.result.outcome is DialogOutcome.HAND_OVER_CHANGED
    clip = read_wav(tmp_path / "call.consent.wav")
    assert callee.voice(0.7)[:8000] in clip
    assert len(clip) == pytest.approx(2 * 8000 * (0.7 + 0.6), abs=1000)


def test_a_new_address_is_kept_as_sound(hold, callee, tmp_path):
    words = "幸福路十八号阳光花园三号楼二单元五零一"
    hold(
        callee.says("我想换个地址"),
        callee.says(words, seconds=4.0),
        callee.says("对"),
        recording=tmp_path / "call.wav",
    )
    assert callee.voice(4.0)[:8000] in read_wav(tmp_path / "call.address.wav")


def test_a_consent_by_key_leaves_no_clip(hold, tmp_path):
    keys = [Step(AfterSilence(0.5), Press(digit)) for digit in "421"]
    call = hold(*keys, recording=tmp_path / "call.wav")
    assert call.result.consent is not None
    assert [file.name for file in tmp_path.iterdir()] == ["call.wav"]


def test_proof_that_cannot_be_written_costs_no_call_but_is_reported(hold, callee, tmp_path):
    (tmp_path / ".call.consent.wav.partial").mkdir()
    call = hold(callee.says("放门口吧"), callee.says("同意"), recording=tmp_path / "call.wav")
    assert call.result.outcome is DialogOutcome.HAND_OVER_CHANGED
    assert "call.consent.wav could not be written" in call.report.error
    assert "再见" in call.last.text


def test_the_recording_holds_both_sides_from_the_answer_to_the_end(hold, callee, tmp_path):
    recording = tmp_path / "call.wav"
    call = hold(callee.says("可以的"), recording=recording)
    theirs, ours = read_stereo(recording)
    assert len(theirs) == len(ours) == round(call.leg.seconds * 16000)
    assert callee.voice(1.0)[:8000] in theirs
    assert any(ours[16000:32000])


def test_a_number_that_does_not_answer_is_rung_no_longer_than_asked(flow, facts, speaker):
    leg = LoopbackLeg()
    hearing = Listener(ScriptedStream(), LevelVoiceDetector())
    conversation = Conversation(leg, Equipment(hearing, speaker), flow, facts)
    request = DialRequest("sip:1@127.0.0.1", timedelta(seconds=12))
    report = asyncio.run(conversation.hold(request))
    assert report.ended.cause is HangupCause.NO_ANSWER
    assert leg.seconds == 12
    assert (report.answered, report.result, report.talk_seconds) == (False, None, 0.0)
