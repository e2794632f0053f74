from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import pytest

from asr.hearing import (
    Alternative,
    Completeness,
    Expectation,
    ListenerEvent,
    Partial,
    Recognition,
    SpeechDismissed,
    SpeechStarted,
    Utterance,
    Word,
)
from asr.listener import Listener, ListenerSettings
from asr.local_stream import LocalStream
from asr.recognizer import SpeechModel
from asr.scripted_stream import ScriptedStream
from asr.stream import RecognitionError
from asr.vad import LevelVoiceDetector, WebRtcVoiceDetector
from audio.level import tone
from audio.pcm import FRAME_SECONDS, frames, silence

VOICE = tone(700.0, 1.0)


class Forgetful(ScriptedStream):
    """Loses its first utterance."""

    async def finish(self) -> Recognition:
        """Return a result, but the first one."""
        found = await super().finish()
        if len(self.heard) == 1:
            raise RecognitionError("The recogniser lost the utterance.")
        return found


def heard(
    listener: Listener, *sounds: bytes, expectation: Expectation | None = None
) -> list[ListenerEvent]:
    async def listen() -> list[ListenerEvent]:
        if expectation:
            listener.expect(expectation)
        events: list[ListenerEvent] = []
        for sound in sounds:
            for frame in frames(sound):
                events += await listener.hear(frame)
        return events

    return asyncio.run(listen())


def utterances(events: Iterable[ListenerEvent]) -> list[Utterance]:
    return [event for event in events if isinstance(event, Utterance)]


def test_speech_between_silences_becomes_one_utterance_in_call_time() -> None:
    word = Word("可以", 0.9, 0.3, 1.3)
    stream = ScriptedStream([Recognition("可以", 0.9, (word,))])
    listener = Listener(stream, LevelVoiceDetector())
    events = heard(listener, silence(2.0), VOICE, silence(1.0))
    started, *partials, utterance = events
    assert isinstance(started, SpeechStarted)
    assert started.began == pytest.approx(2.0)
    assert [event.text for event in partials if isinstance(event, Partial)] == ["可", *["可以"] * 2]
    assert partials[-1] == Partial("可以", settled=True, confidence=0.9)
    assert isinstance(utterance, Utterance)
    assert (utterance.text, utterance.confidence) == ("可以", 0.9)
    assert utterance.began == pytest.approx(2.0)
    assert utterance.ended == pytest.approx(3.0)
    assert utterance.decided == pytest.approx(3.6)
    assert utterance.words[0].began == pytest.approx(2.0)


def test_the_recogniser_gets_the_sound_before_the_first_voiced_frame() -> None:
    stream = ScriptedStream()
    heard(Listener(stream, LevelVoiceDetector()), silence(2.0), VOICE, silence(1.0))
    lead_in = stream.heard[0][: len(silence(0.3))]
    assert lead_in == silence(0.3)
    assert stream.heard[0][len(lead_in) :].startswith(VOICE[:3200])


def test_speech_from_the_first_frame_has_nothing_before_it() -> None:
    stream = ScriptedStream([Recognition("喂", 1.0, (Word("喂", 1.0, 0.0, 0.4),))])
    events = heard(Listener(stream, LevelVoiceDetector()), VOICE, silence(1.0))
    assert utterances(events)[0].began == 0.0
    assert utterances(events)[0].words[0].began == pytest.approx(0.0)


def test_speech_is_noticed_within_200_ms() -> None:
    async def delay() -> float:
        listener = Listener(ScriptedStream(), LevelVoiceDetector())
        for number, frame in enumerate(frames(silence(1.0) + VOICE), start=1):
            if await listener.hear(frame):
                return number * FRAME_SECONDS - 1.0
        raise AssertionError("never noticed")

    assert asyncio.run(delay()) <= 0.2


def test_speech_without_a_word_is_still_an_utterance() -> None:
    events = heard(Listener(ScriptedStream(), LevelVoiceDetector()), VOICE, silence(1.0))
    assert [u.text for u in utterances(events)] == [""]


def test_a_short_noise_without_a_word_is_none() -> None:
    listener = Listener(ScriptedStream(), LevelVoiceDetector())
    events = heard(listener, silence(1.0), tone(700.0, 0.16), silence(1.0))
    assert [type(event) for event in events] == [SpeechStarted, Partial, SpeechDismissed]
    assert not listener.speaking


def test_a_question_shapes_the_next_utterance() -> None:
    stream = ScriptedStream()
    events = heard(
        Listener(stream, LevelVoiceDetector()),
        VOICE,
        silence(2.0),
        expectation=Expectation(phrases=("可以", "不行"), end_silence_seconds=1.2),
    )
    assert stream.begun == [("可以", "不行")]
    assert utterances(events)[0].decided == pytest.approx(2.2)


def by_words(text: str, confidence: float) -> Completeness:
    """Judge as the words themselves say."""
    return Completeness(text)


@pytest.mark.parametrize(
    ("words", "silence_seconds"), [("complete", 0.24), ("open", 0.6), ("unfinished", 1.2)]
)
def test_the_words_say_how_much_silence_ends_a_turn(words: str, silence_seconds: float) -> None:
    stream = ScriptedStream([Recognition(words, 1.0)])
    events = heard(
        Listener(stream, LevelVoiceDetector()),
        VOICE,
        silence(2.0),
        expectation=Expectation(judge=by_words),
    )
    assert utterances(events)[0].decided == pytest.approx(1.0 + silence_seconds)


def test_a_question_that_waits_less_than_a_complete_answer_needs_stays_quick() -> None:
    hasty = Expectation(end_silence_seconds=0.1, judge=by_words)
    stream = ScriptedStream([Recognition("complete", 1.0)])
    events = heard(Listener(stream, LevelVoiceDetector()), VOICE, silence(1.0), expectation=hasty)
    assert utterances(events)[0].decided == pytest.approx(1.1)


def test_the_words_are_settled_after_a_fifth_of_a_second_and_nothing_is_decoded_twice() -> None:
    stream = ScriptedStream([Recognition("可以", 1.0)])
    heard(Listener(stream, LevelVoiceDetector()), silence(1.0), VOICE, silence(2.0))
    assert stream.heard == [silence(0.3) + VOICE + silence(0.2)]


def test_who_goes_on_after_a_pause_has_said_one_thing_in_two_pieces() -> None:
    first = Recognition("改到", 0.5, (Word("改到", 0.5, 0.3, 0.9),), (Alternative("改到", 1.0),))
    second = Recognition("明天", 0.9, (Word("明天", 0.9, 0.16, 1.1),))
    listener = Listener(ScriptedStream([first, second]), LevelVoiceDetector())
    events = heard(listener, silence(1.0), VOICE, silence(0.5), VOICE, silence(1.0))
    [said] = utterances(events)
    assert said.text == "改到明天"
    assert said.confidence == pytest.approx(0.7)
    assert (said.began, said.ended) == pytest.approx((1.0, 3.5))
    assert [word.text for word in said.words] == ["改到", "明天"]
    assert [word.began for word in said.words] == pytest.approx([1.0, 2.5], abs=0.02)
    assert said.alternatives == (Alternative("改到明天", 1.0),)
    assert [event.text for event in events if isinstance(event, Partial) and event.settled] == [
        "改到",
        "改到明天",
    ]


def test_the_second_piece_begins_with_the_sound_before_the_voice_came_back() -> None:
    stream = ScriptedStream([Recognition("改到", 1.0), Recognition("明天", 1.0)])
    heard(Listener(stream, LevelVoiceDetector()), VOICE, silence(0.5), VOICE, silence(1.0))
    assert stream.heard[1] == silence(0.16) + VOICE + silence(0.2)


def test_a_pause_too_short_to_settle_anything_parts_nothing() -> None:
    stream = ScriptedStream([Recognition("可以", 1.0)])
    events = heard(
        Listener(stream, LevelVoiceDetector()), VOICE, silence(0.16), VOICE, silence(1.0)
    )
    assert len(stream.heard) == 1
    assert len(utterances(events)) == 1


def test_a_piece_that_the_recogniser_loses_costs_only_itself() -> None:
    stream = Forgetful([Recognition("可以", 1.0), Recognition("放门口", 1.0)])
    events = heard(Listener(stream, LevelVoiceDetector()), VOICE, silence(0.4), VOICE, silence(1.0))
    assert [said.text for said in utterances(events)] == ["放门口"]


def test_an_eager_listener_tells_the_first_word_within_a_quarter_of_a_second() -> None:
    stream = ScriptedStream([Recognition("你是谁啊", 1.0)])
    listener = Listener(stream, LevelVoiceDetector())
    listener.expect(Expectation(eager=True))
    events = heard(listener, silence(1.0), VOICE[: 2 * 8000 // 4])
    assert "你" in [event.text for event in events if isinstance(event, Partial)]


def test_a_listener_that_is_not_eager_any_more_looks_no_further() -> None:
    async def begun() -> int:
        stream = ScriptedStream([Recognition("你是谁啊", 1.0)])
        listener = Listener(stream, LevelVoiceDetector())
        listener.expect(Expectation(eager=True))
        for number, frame in enumerate(frames(VOICE)):
            await listener.hear(frame)
            if number == 10:
                listener.expect(Expectation())
        return len(stream.begun)

    assert asyncio.run(begun()) == 3


def looked_at(*sounds: bytes) -> list[float]:
    """Return after how many seconds of sound an eager listener told what it saw in a look."""

    async def listen() -> list[float]:
        stream = ScriptedStream([Recognition("行行行我不在家", 1.0)] * 3)
        listener = Listener(stream, LevelVoiceDetector())
        listener.expect(Expectation(eager=True))
        found = []
        for number, frame in enumerate(frames(b"".join(sounds)), start=1):
            events = await listener.hear(frame)
            looks = [
                each
                for each in events
                if isinstance(each, Partial) and each.confidence and not each.settled
            ]
            found += [number * FRAME_SECONDS for _ in looks]
        return found

    return asyncio.run(listen())


def test_who_says_signs_of_life_for_long_is_still_looked_at() -> None:
    assert max(looked_at(VOICE, VOICE, VOICE)) == pytest.approx(2.0)


def test_words_after_a_pause_are_looked_at_as_soon_as_first_words() -> None:
    first = looked_at(VOICE)
    after_a_pause = looked_at(VOICE, silence(0.3), VOICE)
    resumed = [at - 1.3 for at in after_a_pause if at > 1.3]
    assert resumed[:3] == pytest.approx(first[:3])


def test_looking_at_the_first_words_loses_none_of_the_sound() -> None:
    stream = ScriptedStream([Recognition("你是谁啊", 1.0)])
    listener = Listener(stream, LevelVoiceDetector())
    events = heard(listener, silence(1.0), VOICE, silence(1.0), expectation=Expectation(eager=True))
    assert stream.heard[-1] == silence(0.3) + VOICE + silence(0.2)
    assert [said.text for said in utterances(events)] == ["你是谁啊"]


def test_endless_speech_is_cut_at_the_length_the_question_allows() -> None:
    listener = Listener(ScriptedStream(), LevelVoiceDetector())
    events = heard(listener, VOICE * 5, expectation=Expectation(max_speech_seconds=2.0))
    assert [u.decided for u in utterances(events)] == pytest.approx([2.0, 4.0])


def test_closing_gives_the_recogniser_back() -> None:
    stream = ScriptedStream()
    asyncio.run(Listener(stream, LevelVoiceDetector()).close())
    assert stream.closed


@pytest.mark.vosk
@pytest.mark.parametrize(
    "text",
    ["可以的", "喂喂", "放快递柜吧", "明天下午三点以后吧", "改到后天下午吧"],
)
def test_a_caller_on_a_noisy_line_is_heard_word_for_word(
    text: str,
    model: SpeechModel,
    speak: Callable[[str], bytes],
    line_noise: Callable[[float, float], bytes],
) -> None:
    listener = Listener(LocalStream(model), WebRtcVoiceDetector(), ListenerSettings())
    spoken = line_noise(1.0, -58.0) + speak(text) + line_noise(1.5, -58.0)
    events = heard(listener, spoken)
    assert [u.text for u in utterances(events)] == [text]
    assert utterances(events)[0].words[0].began == pytest.approx(1.0, abs=0.35)


@pytest.mark.vosk
def test_two_utterances_of_a_call_do_not_mix(
    model: SpeechModel, speak: Callable[[str], bytes]
) -> None:
    listener = Listener(LocalStream(model), WebRtcVoiceDetector())
    first, second = speak("你是谁啊"), speak("好的可以")
    events = heard(listener, silence(0.5), first, silence(2.0), second, silence(1.0))
    assert [u.text for u in utterances(events)] == ["你是谁啊", "好的可以"]
    starts = [u.words[0].began for u in utterances(events)]
    assert starts[1] - starts[0] == pytest.approx(2.0 + len(first) / 16000, abs=0.3)
