"""Everybody has a tone of his own, so that what is heard tells who is heard."""

from __future__ import annotations

import asyncio
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest

from audio.level import dbfs, tone, tone_share
from audio.pcm import SILENCE, Frame, frames
from audio.wav import read_stereo
from dialer.leg import Answered, DialRequest, Ended, Sound
from dialer.loopback import At, HangUp, LoopbackLeg, Speak, Step, answering
from dialer.room import HEARD, HEARD_WHILE_CONSULTING, Mode, Party, Role, Room

CALLEE, AGENT, SUPERVISOR, THIRD, OTHER_AGENT = range(5)
HZ = {CALLEE: 500.0, AGENT: 700.0, SUPERVISOR: 900.0, THIRD: 1100.0, OTHER_AGENT: 1300.0}
ROBOT_HZ = 1600.0
WORD = {number: list(frames(tone(hz, 0.2)))[5] for number, hz in HZ.items()}
ROBOT = list(frames(tone(ROBOT_HZ, 0.2)))[5]


def who_is_in(sound: bytes) -> set[float]:
    """Return the tones in some sound."""
    return {hz for hz in (*HZ.values(), ROBOT_HZ) if tone_share(sound, hz) > 0.05}


def room_of(*parties: Party) -> Room:
    room = Room()
    for party in parties:
        room.enter(party)
    return room


def round_of(room: Room) -> dict[int, set[float]]:
    """Let everybody speak at once, the robot too; return whose tones each has heard."""
    heard: dict[int, bytes] = {}
    for _ in range(3):
        for party in room.parties:
            said = ROBOT if party.number == CALLEE else SILENCE
            for listener, frame in room.hear(party.number, WORD[party.number], said):
                heard[listener] = heard.get(listener, b"") + frame
    return {party.number: who_is_in(heard.get(party.number, b"")) for party in room.parties}


def tones(*numbers: int) -> set[float]:
    return {HZ[number] for number in numbers}


CALLED = Party(CALLEE, Role.CALLEE)
TALKING = Party(AGENT, Role.AGENT)


@pytest.mark.parametrize(
    ("others", "heard"),
    [
        ([TALKING], {CALLEE: tones(AGENT), AGENT: tones(CALLEE)}),
        (
            [TALKING, Party(SUPERVISOR, Role.SUPERVISOR, Mode.LISTEN)],
            {
                CALLEE: tones(AGENT),
                AGENT: tones(CALLEE),
                SUPERVISOR: tones(CALLEE) | {ROBOT_HZ},
            },
        ),
        (
            [TALKING, Party(SUPERVISOR, Role.SUPERVISOR, Mode.WHISPER)],
            {
                CALLEE: tones(AGENT),
                AGENT: tones(CALLEE, SUPERVISOR),
                SUPERVISOR: tones(CALLEE) | {ROBOT_HZ},
            },
        ),
        (
            [TALKING, Party(SUPERVISOR, Role.SUPERVISOR, Mode.BARGE)],
            {
                CALLEE: tones(AGENT, SUPERVISOR),
                AGENT: tones(CALLEE, SUPERVISOR),
                SUPERVISOR: tones(CALLEE, AGENT),
            },
        ),
        (
            [Party(SUPERVISOR, Role.SUPERVISOR, Mode.LISTEN)],
            {CALLEE: set(), SUPERVISOR: tones(CALLEE) | {ROBOT_HZ}},
        ),
        (
            [Party(SUPERVISOR, Role.SUPERVISOR, Mode.TALK)],
            {CALLEE: tones(SUPERVISOR), SUPERVISOR: tones(CALLEE)},
        ),
        (
            [Party(AGENT, Role.AGENT, Mode.LISTEN)],
            {CALLEE: set(), AGENT: tones(CALLEE) | {ROBOT_HZ}},
        ),
        (
            [TALKING, Party(THIRD, Role.THIRD)],
            {CALLEE: tones(AGENT, THIRD), AGENT: tones(CALLEE, THIRD), THIRD: tones(CALLEE, AGENT)},
        ),
        (
            [Party(AGENT, Role.AGENT, Mode.CONSULT), Party(THIRD, Role.THIRD)],
            {CALLEE: set(), AGENT: tones(THIRD), THIRD: tones(AGENT)},
        ),
        (
            [
                Party(AGENT, Role.AGENT, Mode.CONSULT),
                Party(THIRD, Role.THIRD),
                Party(SUPERVISOR, Role.SUPERVISOR, Mode.WHISPER),
            ],
            {
                CALLEE: set(),
                AGENT: tones(THIRD, SUPERVISOR),
                THIRD: tones(AGENT),
                SUPERVISOR: tones(CALLEE, AGENT, THIRD) | {ROBOT_HZ},
            },
        ),
        (
            [
                Party(AGENT, Role.AGENT, Mode.CONSULT),
                Party(THIRD, Role.THIRD),
                Party(SUPERVISOR, Role.SUPERVISOR, Mode.BARGE),
            ],
            {
                CALLEE: tones(SUPERVISOR),
                AGENT: tones(THIRD, SUPERVISOR),
                THIRD: tones(AGENT, SUPERVISOR),
                SUPERVISOR: tones(CALLEE, AGENT, THIRD),
            },
        ),
        (
            [TALKING, Party(OTHER_AGENT, Role.AGENT), Party(THIRD, Role.THIRD)],
            {
                CALLEE: tones(AGENT, OTHER_AGENT, THIRD),
                AGENT: tones(CALLEE, OTHER_AGENT, THIRD),
                OTHER_AGENT: tones(CALLEE, AGENT, THIRD),
                THIRD: tones(CALLEE, AGENT, OTHER_AGENT),
            },
        ),
    ],
)
def test_everybody_hears_exactly_whom_he_should(
    others: list[Party], heard: dict[int, set[float]]
) -> None:
    assert round_of(room_of(CALLED, *others)) == heard


@pytest.mark.parametrize("table", [HEARD, HEARD_WHILE_CONSULTING])
def test_no_whisper_and_no_listener_is_in_what_a_callee_or_a_third_party_may_hear(
    table: dict[Role, frozenset[tuple[Role, Mode]]],
) -> None:
    for role in (Role.CALLEE, Role.THIRD):
        assert all(mode not in (Mode.WHISPER, Mode.LISTEN) for _, mode in table[role])
    assert set(table) == set(Role)


def test_who_stops_barging_in_is_not_heard_with_what_still_waited() -> None:
    room = room_of(CALLED, TALKING, Party(SUPERVISOR, Role.SUPERVISOR, Mode.BARGE))
    round_of(room)
    room.hear(SUPERVISOR, WORD[SUPERVISOR])
    room.enter(Party(SUPERVISOR, Role.SUPERVISOR, Mode.WHISPER))
    heard = [frame for listener, frame in room.hear(AGENT, WORD[AGENT]) if listener == CALLEE]
    assert heard == [WORD[AGENT]]


def test_who_has_left_is_neither_heard_nor_told_anything() -> None:
    room = room_of(CALLED, TALKING, Party(SUPERVISOR, Role.SUPERVISOR, Mode.BARGE))
    round_of(room)
    room.hear(SUPERVISOR, WORD[SUPERVISOR])
    room.leave(SUPERVISOR)
    room.leave(SUPERVISOR)
    assert room.hear(SUPERVISOR, WORD[SUPERVISOR]) == []
    assert round_of(room) == {CALLEE: tones(AGENT), AGENT: tones(CALLEE)}


def test_one_alone_is_heard_at_once_frame_by_frame() -> None:
    room = room_of(CALLED, TALKING)
    for frame in frames(tone(500, 0.4)):
        assert room.hear(CALLEE, frame) == [(AGENT, frame)]


def test_two_are_heard_together_whoever_speaks_first() -> None:
    room = room_of(CALLED, TALKING, Party(THIRD, Role.THIRD))
    round_of(room)
    for first, second in islice(cycle([(AGENT, THIRD), (THIRD, AGENT)]), 10):
        assert all(listener != CALLEE for listener, _ in room.hear(first, WORD[first]))
        ((_, heard),) = [each for each in room.hear(second, WORD[second]) if each[0] == CALLEE]
        assert who_is_in(heard) == tones(AGENT, THIRD)


def test_nobody_waits_long_for_one_whose_sound_has_stopped_and_no_frame_is_lost() -> None:
    room = room_of(CALLED, TALKING, Party(THIRD, Role.THIRD))
    round_of(room)
    given = list(frames(tone(700, 0.4)))
    heard: list[Frame] = []
    waited = []
    for number, frame in enumerate(given, 1):
        heard += [each for listener, each in room.hear(AGENT, frame) if listener == CALLEE]
        waited.append(number - len(heard))
    assert heard == given
    assert max(waited) == 1
    assert waited[1:] == [0] * (len(given) - 1)


def test_one_who_comes_back_is_heard_at_once_and_then_with_the_others() -> None:
    room = room_of(CALLED, TALKING, Party(THIRD, Role.THIRD))
    for frame in frames(tone(700, 0.4)):
        room.hear(AGENT, frame)
    heard = [
        frame
        for _ in range(10)
        for number in (THIRD, AGENT)
        for listener, frame in room.hear(number, WORD[number])
        if listener == CALLEE
    ]
    assert [who_is_in(frame) for frame in heard] == [tones(THIRD), *[tones(AGENT, THIRD)] * 9]


@pytest.mark.parametrize("seed", range(20))
def test_however_frames_come_every_frame_is_heard_once_and_in_order(seed: int) -> None:
    """A frame is a level that names its number; two parties have bits of their own."""
    chance = np.random.default_rng(seed)
    room = room_of(CALLED, TALKING, Party(THIRD, Role.THIRD))
    sent = {AGENT: 0, THIRD: 0}
    heard: dict[int, list[int]] = {AGENT: [], THIRD: []}
    while min(sent.values()) < 100:
        number = int(chance.choice([AGENT, THIRD], p=[0.6, 0.4]))
        if sent[number] >= 100:
            continue
        sent[number] += 1
        level = sent[number] * (1 if number == AGENT else 200)
        for listener, frame in room.hear(number, level.to_bytes(2, "little") * 160):
            if listener == CALLEE:
                third, agent = divmod(int.from_bytes(frame[:2], "little"), 200)
                heard[AGENT] += [agent] if agent else []
                heard[THIRD] += [third] if third else []
    for number in (AGENT, THIRD):
        assert heard[number] == list(range(1, len(heard[number]) + 1))
        assert len(heard[number]) >= 99


def test_a_whisper_is_not_in_the_recording_of_the_call(tmp_path: Path) -> None:
    """Callee, agent and supervisor on loopback legs, joined as a conversation joins them."""
    legs = {
        number: LoopbackLeg(*answering(Step(At(0.1), Speak(tone(HZ[number], 2.0)))))
        for number in (AGENT, SUPERVISOR)
    }
    over = Step(At(1.5), HangUp())
    legs[CALLEE] = LoopbackLeg(*answering(Step(At(0.1), Speak(tone(HZ[CALLEE], 1.0))), over))
    room = room_of(CALLED, TALKING, Party(SUPERVISOR, Role.SUPERVISOR, Mode.WHISPER))

    async def attend(number: int) -> None:
        leg = legs[number]
        leg.dial(DialRequest("sip:1@127.0.0.1"))
        while True:
            match await leg.receive():
                case Sound(frame, said):
                    for listener, heard in room.hear(number, frame, said):
                        legs[listener].speak(heard)
                case Answered() if number == CALLEE:
                    leg.record(tmp_path / "call.wav")
                case Ended():
                    return

    async def talk() -> None:
        others = [asyncio.create_task(attend(number)) for number in (AGENT, SUPERVISOR)]
        await attend(CALLEE)
        for other in others:
            other.cancel()

    asyncio.run(talk())
    left, right = read_stereo(tmp_path / "call.wav")
    assert who_is_in(left[320 * 10 : 320 * 50]) == tones(CALLEE)
    assert who_is_in(right[320 * 10 : 320 * 50]) == tones(AGENT)
    spoken = {number: b"".join(leg.spoken[10:40]) for number, leg in legs.items()}
    assert who_is_in(spoken[AGENT]) == tones(CALLEE, SUPERVISOR)
    assert who_is_in(spoken[SUPERVISOR]) == tones(CALLEE, AGENT)
    assert dbfs(right) > -40
