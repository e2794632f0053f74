from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from audio.level import tone, tone_share
from audio.pcm import SILENCE, frames, silence
from audio.wav import read_stereo, write_wav
from dialer.leg import (
    Answered,
    DialRequest,
    EarlyMedia,
    Ended,
    HangupCause,
    KeyPressed,
    Leg,
    LegEvent,
    PlaybackEnded,
    Ringing,
    Sound,
)
from dialer.loopback import (
    AfterSilence,
    AfterStart,
    Answer,
    At,
    HangUp,
    LoopbackLeg,
    Pause,
    Played,
    Press,
    Ring,
    Speak,
    StartEarlyMedia,
    Step,
    answering,
)
from dialer.transitions import IllegalTransition

REQUEST = DialRequest("sip:1@127.0.0.1", ring_timeout=timedelta(seconds=10))
VOICE = tone(440, 0.1)


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    write_wav(tmp_path / "prompt.wav", tone(700, 1.0))
    return tmp_path / "prompt.wav"


async def until(leg: Leg, *kinds: type[LegEvent]) -> list[LegEvent]:
    events: list[LegEvent] = []
    while not events or not isinstance(events[-1], (*kinds, Ended)):
        events.append(await leg.receive())
    return events


def signals(leg: Leg) -> list[LegEvent]:
    async def whole() -> list[LegEvent]:
        return [event for event in await until(leg) if not isinstance(event, Sound)]

    return asyncio.run(whole())


def test_a_callee_rings_answers_and_hangs_up_in_the_order_of_his_script() -> None:
    leg = LoopbackLeg(
        Step(At(0.5), Ring()),
        Step(At(1.0), StartEarlyMedia()),
        Step(At(2.0), Answer()),
        Step(Pause(0.5), Press("5")),
        Step(Pause(0.5), HangUp()),
    )
    leg.dial(REQUEST)
    end = signals(leg)
    assert end[:-1] == [Ringing(), EarlyMedia(), Answered(), KeyPressed("5")]
    assert isinstance(end[-1], Ended)
    assert end[-1].cause is HangupCause.THEY_HUNG_UP
    assert leg.seconds == pytest.approx(3.0)


def test_a_callee_who_never_answers_runs_into_the_ring_timeout() -> None:
    leg = LoopbackLeg(Step(At(0.5), Ring()), Step(At(60.0), Answer()))
    leg.dial(REQUEST)
    assert signals(leg) == [Ringing(), Ended(HangupCause.NO_ANSWER, 487)]
    assert leg.seconds == 10.0


def test_a_line_on_which_nobody_speaks_hisses_if_it_is_told_to() -> None:
    hiss = tone(300.0, 0.04)
    leg = LoopbackLeg(*answering(Step(At(0.1), HangUp())), hiss=hiss)

    async def whole() -> list[LegEvent]:
        leg.dial(REQUEST)
        return await until(leg, Ended)

    sounds = [event.frame for event in asyncio.run(whole()) if isinstance(event, Sound)]
    assert b"".join(sounds) == hiss + hiss + hiss[:320]


def test_a_busy_callee_refuses() -> None:
    leg = LoopbackLeg(Step(At(0.0), HangUp(HangupCause.BUSY, 486)))
    leg.dial(REQUEST)
    (end,) = signals(leg)
    assert isinstance(end, Ended)
    assert (end.cause, end.sip_status) == (HangupCause.BUSY, 486)


def test_a_polite_callee_waits_until_menling_has_spoken_and_is_silent(prompt: Path) -> None:
    leg = LoopbackLeg(*answering(Step(AfterSilence(0.6), Speak(VOICE))))

    async def whole() -> None:
        leg.dial(REQUEST)
        await until(leg, Answered)
        leg.play(prompt)
        assert len(await until(leg, PlaybackEnded)) == 51
        quiet = 0
        while isinstance(event := await leg.receive(), Sound) and event.frame == SILENCE:
            quiet += 1
        assert quiet == 30

    asyncio.run(whole())
    assert leg.played == (Played(1, prompt, 0.0, 1.0, whole=True),)


def test_a_callee_does_not_answer_a_sentence_that_was_cut_by_his_own_words(prompt: Path) -> None:
    leg = LoopbackLeg(
        *answering(
            Step(AfterStart(0.3), Speak(VOICE)),
            Step(AfterSilence(0.2), Press("1")),
        )
    )

    async def whole() -> None:
        leg.dial(REQUEST)
        await until(leg, Answered)
        leg.play(prompt)
        while isinstance(event := await leg.receive(), Sound) and event.frame == SILENCE:
            pass
        leg.stop()
        for _ in range(100):
            assert isinstance(await leg.receive(), Sound)
        leg.play(prompt)
        assert KeyPressed("1") in await until(leg, KeyPressed)

    asyncio.run(whole())
    cut, whole_ = leg.played
    assert not cut.whole
    assert cut.ended == pytest.approx(0.32)
    assert whole_.whole
    assert whole_.ended is not None
    assert leg.seconds == pytest.approx(whole_.ended + 0.2)


def test_stop_forgets_what_was_queued_and_its_end_is_never_told(prompt: Path) -> None:
    leg = LoopbackLeg(*answering(Step(At(3.0), HangUp())))

    async def whole() -> list[LegEvent]:
        leg.dial(REQUEST)
        await until(leg, Answered)
        leg.play(prompt)
        leg.play(prompt)
        await leg.receive()
        leg.stop()
        return await until(leg)

    assert not any(isinstance(event, PlaybackEnded) for event in asyncio.run(whole()))
    assert len(leg.played) == 1


def test_both_sides_are_recorded(prompt: Path, tmp_path: Path) -> None:
    leg = LoopbackLeg(*answering(Step(At(0.0), Speak(VOICE)), Step(At(2.0), HangUp())))

    async def whole() -> None:
        leg.record(tmp_path / "call.wav")
        leg.dial(REQUEST)
        await until(leg, Answered)
        leg.play(prompt)
        await until(leg)

    asyncio.run(whole())
    left, right = read_stereo(tmp_path / "call.wav")
    assert left == VOICE + silence(1.9)
    assert right == tone(700, 1.0) + silence(1.0)


def test_hanging_up_before_the_answer_cancels() -> None:
    leg = LoopbackLeg(Step(At(0.5), Ring()))

    async def whole() -> Ended:
        leg.dial(REQUEST)
        await until(leg, Ringing)
        leg.hang_up()
        leg.hang_up()
        end = await leg.receive()
        with pytest.raises(RuntimeError, match="ended"):
            await leg.receive()
        assert isinstance(end, Ended)
        return end

    assert asyncio.run(whole()).cause is HangupCause.CANCELLED


def test_a_loopback_leg_is_dialled_once() -> None:
    leg = LoopbackLeg()
    leg.dial(REQUEST)
    with pytest.raises(IllegalTransition):
        leg.dial(REQUEST)


def test_what_people_say_is_heard_frame_by_frame_and_told_with_what_is_played(
    prompt: Path, tmp_path: Path
) -> None:
    leg = LoopbackLeg(*answering(Step(At(2.0), HangUp())))
    words = list(frames(tone(1000, 0.2)))

    async def whole() -> list[Sound]:
        leg.record(tmp_path / "call.wav")
        leg.dial(REQUEST)
        await until(leg, Answered)
        leg.play(prompt)
        sounds = []
        while isinstance(event := await leg.receive(), Sound | PlaybackEnded):
            if isinstance(event, Sound):
                sounds.append(event)
                if len(sounds) <= len(words):
                    leg.speak(words[len(sounds) - 1])
        return sounds

    sounds = asyncio.run(whole())
    assert leg.spoken == tuple(words)
    _, right = read_stereo(tmp_path / "call.wav")
    assert b"".join(sound.said for sound in sounds) == right
    both = right[320 : 320 * 11]
    assert tone_share(both, 1000) > 0.3
    assert tone_share(both, 700) > 0.3
    assert tone_share(right[320 * 12 : 320 * 40], 700) > 0.9


def test_stopping_the_robot_does_not_stop_people(prompt: Path) -> None:
    leg = LoopbackLeg(*answering(Step(At(1.0), HangUp())))
    word = tone(1000, 0.02)

    async def whole() -> list[LegEvent]:
        leg.dial(REQUEST)
        await until(leg, Answered)
        leg.play(prompt)
        leg.speak(word)
        leg.stop()
        return await until(leg, Ended)

    first, second, *_ = asyncio.run(whole())
    assert (first, second) == (Sound(SILENCE, word), Sound(SILENCE, SILENCE))


def test_what_is_said_faster_than_it_is_heard_is_lost_and_so_is_what_nobody_hears_yet() -> None:
    leg = LoopbackLeg(*answering(Step(At(1.0), HangUp())))
    words = list(frames(tone(1000, 0.4)))

    async def whole() -> None:
        leg.dial(REQUEST)
        leg.speak(words[0])
        await until(leg, Answered)
        for word in words[1:]:
            leg.speak(word)
        await until(leg, Ended)

    asyncio.run(whole())
    assert leg.spoken == tuple(words[1:6])
