from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audio.level import tone
from audio.pcm import SILENCE, frames
from audio.wav import read_stereo, write_wav
from dialer.device_leg import AHEAD_FRAMES, DeviceLeg
from dialer.leg import (
    Answered,
    DialRequest,
    Ended,
    HangupCause,
    KeyPressed,
    LegEvent,
    PlaybackEnded,
    Ringing,
    Sound,
)
from dialer.sound_device import ScriptedDevice, SoundDeviceError
from dialer.transitions import IllegalTransition

REQUEST = DialRequest("sip:microphone@127.0.0.1")
VOICE = list(frames(tone(500.0, 0.2, -20.0)))


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """A tenth of a second of Menling: five frames."""
    path = tmp_path / "said.wav"
    write_wav(path, tone(1000.0, 0.1, -20.0))
    return path


def quiet(*heard: bytes) -> ScriptedDevice:
    return ScriptedDevice(*heard, silence=SILENCE)


async def until_over(leg: DeviceLeg) -> list[LegEvent]:
    events: list[LegEvent] = []
    while not events or not isinstance(events[-1], Ended):
        events.append(await leg.receive())
    return events


async def sounds(leg: DeviceLeg, count: int) -> list[LegEvent]:
    """Take events until so many frames were heard."""
    events: list[LegEvent] = []
    while sum(isinstance(each, Sound) for each in events) < count:
        events.append(await leg.receive())
    return events


def test_whoever_sits_here_picks_up_at_once_and_is_heard() -> None:
    async def call() -> list[LegEvent]:
        leg = DeviceLeg(quiet(*VOICE))
        leg.dial(REQUEST)
        heard = await sounds(leg, len(VOICE))
        leg.hang_up()
        return heard + await until_over(leg)

    events = asyncio.run(call())
    assert events[:2] == [Ringing(), Answered()]
    assert [each.frame for each in events if isinstance(each, Sound)][: len(VOICE)] == VOICE
    assert events[-1] == Ended(HangupCause.WE_HUNG_UP)


def test_what_is_played_comes_out_of_the_speaker_and_its_end_is_told(wav: Path) -> None:
    device = quiet()

    async def call() -> list[LegEvent]:
        leg = DeviceLeg(device)
        assert [leg.play(wav), leg.play(wav)] == [1, 2]
        leg.dial(REQUEST)
        heard = await sounds(leg, 12)
        leg.hang_up()
        await until_over(leg)
        return heard

    events = asyncio.run(call())
    ended = [each.playback for each in events if isinstance(each, PlaybackEnded)]
    assert ended == [1, 2]
    assert b"".join(device.played[:10]) == 2 * tone(1000.0, 0.1, -20.0)
    assert device.is_closed


def test_what_is_stopped_is_cut_and_its_end_is_never_told(tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    write_wav(long, tone(1000.0, 20.0, -20.0))
    device = quiet()

    async def call() -> list[LegEvent]:
        leg = DeviceLeg(device)
        leg.play(long)
        leg.dial(REQUEST)
        events = await sounds(leg, 5)
        leg.stop()
        events += await sounds(leg, 3 * AHEAD_FRAMES)
        leg.hang_up()
        return events + await until_over(leg)

    events = asyncio.run(call())
    assert not [each for each in events if isinstance(each, PlaybackEnded)]
    assert device.played[-1] == SILENCE


def test_without_a_headset_nothing_is_heard_while_we_speak(wav: Path) -> None:
    async def call() -> list[LegEvent]:
        leg = DeviceLeg(quiet(*VOICE), through_speaker=True)
        leg.play(wav)
        leg.dial(REQUEST)
        heard = await sounds(leg, len(VOICE))
        leg.hang_up()
        await until_over(leg)
        return heard

    heard = [each.frame for each in asyncio.run(call()) if isinstance(each, Sound)]
    assert heard[:5] == [SILENCE] * 5
    assert heard[5:] == VOICE[5:]


def test_both_sides_are_recorded(tmp_path: Path, wav: Path) -> None:
    async def call() -> None:
        leg = DeviceLeg(quiet(*VOICE))
        leg.record(tmp_path / "both.wav")
        leg.play(wav)
        leg.dial(REQUEST)
        await sounds(leg, len(VOICE))
        leg.hang_up()
        await until_over(leg)

    asyncio.run(call())
    callee, menling = read_stereo(tmp_path / "both.wav")
    assert callee.startswith(b"".join(VOICE))
    assert menling.startswith(tone(1000.0, 0.1, -20.0))


def test_keys_are_pressed_and_the_receiver_is_put_down_from_here() -> None:
    async def call() -> list[LegEvent]:
        leg = DeviceLeg(quiet())
        leg.dial(REQUEST)
        leg.press("1")
        leg.put_down()
        leg.hang_up()
        return await until_over(leg)

    events = asyncio.run(call())
    assert KeyPressed("1") in events
    assert events[-1] == Ended(HangupCause.THEY_HUNG_UP)


def test_a_device_that_is_pulled_out_ends_the_call_with_advice() -> None:
    class Unplugged(ScriptedDevice):
        def read(self) -> bytes:
            raise SoundDeviceError("The sound device was lost. Plug in a headset.")

    async def call() -> list[LegEvent]:
        leg = DeviceLeg(Unplugged(silence=SILENCE))
        leg.dial(REQUEST)
        return await until_over(leg)

    ended = asyncio.run(call())[-1]
    assert ended == Ended(
        HangupCause.MEDIA_LOST, reason="The sound device was lost. Plug in a headset."
    )


def test_a_reader_that_lags_holds_the_device_up_and_loses_nothing() -> None:
    device = quiet(*VOICE)

    async def call() -> list[LegEvent]:
        leg = DeviceLeg(device)
        leg.dial(REQUEST)
        await asyncio.to_thread(lambda: None)
        heard = await sounds(leg, 4 * AHEAD_FRAMES)
        assert len(device.played) <= 5 * AHEAD_FRAMES + 1
        leg.hang_up()
        await until_over(leg)
        return heard

    heard = [each.frame for each in asyncio.run(call()) if isinstance(each, Sound)]
    assert heard[: len(VOICE)] == VOICE


def test_a_leg_is_used_once() -> None:
    async def call() -> None:
        leg = DeviceLeg(quiet())
        leg.dial(REQUEST)
        with pytest.raises(IllegalTransition):
            leg.dial(REQUEST)
        leg.hang_up()
        await until_over(leg)
        with pytest.raises(RuntimeError, match="ended"):
            await leg.receive()

    asyncio.run(call())


def test_a_leg_that_was_never_dialled_can_be_hung_up() -> None:
    async def call() -> list[LegEvent]:
        leg = DeviceLeg(quiet())
        leg.hang_up()
        return await until_over(leg)

    assert asyncio.run(call()) == [Ended(HangupCause.WE_HUNG_UP)]


def test_people_are_heard_beside_what_is_played_and_what_was_said_is_told(wav: Path) -> None:
    device = quiet()

    async def call() -> list[Sound]:
        leg = DeviceLeg(device)
        leg.play(wav)
        for frame in VOICE[:2]:
            leg.speak(frame)
        leg.dial(REQUEST)
        heard = await sounds(leg, 12)
        leg.hang_up()
        await until_over(leg)
        return [each for each in heard if isinstance(each, Sound)]

    said = [sound.said for sound in asyncio.run(call())]
    alone = list(frames(tone(1000.0, 0.1, -20.0)))
    assert said[2:5] == alone[2:]
    assert said[0] not in (alone[0], VOICE[0])
    assert said[5:12] == [SILENCE] * 7
    assert device.played[:12] == said
