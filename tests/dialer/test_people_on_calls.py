"""Customers and agents on lines of the same worker, joined by frames, over real SIP and RTP.

Everybody says a tone of his own. What was heard is judged frame by frame, and waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

import pytest

from audio.level import dbfs, tone, tone_share
from audio.pcm import SILENCE, Frame, frames
from audio.wav import read_stereo, write_wav
from bench.telephone import Telephone, telephone
from dialer.callee.digest import Credentials
from dialer.leg import Answered, DialRequest, Ended, HangupCause, KeyPressed, Leg, Sound
from dialer.room import Party, Role, Room
from dialer.sip_thread import SipThread

pytestmark = pytest.mark.sip

HANGS_SECONDS = 60
CALLEE, AGENT = 0, 1
ONE_SECOND = 50


class Baresip(Protocol):
    port: int

    def heard(self) -> bytes: ...


OneCall = Callable[..., Awaitable[tuple[dict[str, Any], str]]]
OpenBaresip = Callable[[], AbstractAsyncContextManager[Baresip]]


def saying(hz: float) -> Callable[[int], Frame]:
    """Return somebody who says that tone for ever."""
    word = cycle(list(frames(tone(hz, 1.0)))[1:-1])
    return lambda slot: next(word)


def is_tone(hz: float) -> Callable[[Frame], bool]:
    return lambda frame: dbfs(frame) > -40 and tone_share(frame, hz) > 0.8


class Joined:
    """A customer's leg and an agent's, each read by a task that speaks to the other."""

    def __init__(self, legs: dict[int, Leg]) -> None:
        self.legs = legs
        self.keys: list[tuple[int, str]] = []
        self.ends: dict[int, Ended] = {}
        self.heard = {number: b"" for number in legs}
        self._room = Room()

    async def attend(self, number: int, role: Role) -> None:
        """Read one leg until it ends."""
        leg = self.legs[number]
        while number not in self.ends:
            match await leg.receive():
                case Answered():
                    self._room.enter(Party(number, role))
                case Sound(frame, said):
                    self.heard[number] += frame
                    for listener, sound in self._room.hear(number, frame, said):
                        self.legs[listener].speak(sound)
                case KeyPressed(digit):
                    self.keys.append((number, digit))
                case Ended() as ended:
                    self._room.leave(number)
                    self.ends[number] = ended


@asynccontextmanager
async def joined(sip: SipThread, customer: str, agent: str, wav: Path) -> AsyncIterator[Joined]:
    """Call a customer and an agent and let them talk until both have hung up."""
    call = Joined({CALLEE: await sip.next_leg(), AGENT: await sip.next_leg()})
    call.legs[CALLEE].record(wav)
    async with asyncio.TaskGroup() as readers:
        readers.create_task(call.attend(CALLEE, Role.CALLEE))
        readers.create_task(call.attend(AGENT, Role.AGENT))
        call.legs[CALLEE].dial(DialRequest(customer))
        call.legs[AGENT].dial(DialRequest(agent))
        yield call
        for leg in call.legs.values():
            leg.hang_up()


def run(scene: Awaitable[None]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            await scene

    asyncio.run(whole())


def test_a_customer_and_an_agent_hear_each_other_and_the_recording_has_both(
    sip: SipThread, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with (
            telephone(saying(500)) as customer,
            telephone(saying(700)) as agent,
            joined(sip, customer.uri, agent.uri, tmp_path / "call.wav") as call,
        ):
            await customer.hears(is_tone(700), ONE_SECOND)
            await agent.hears(is_tone(500), ONE_SECOND)
            customer.sounds.press("7")
            agent.sounds.press("9")
            while len(call.keys) < 2:
                await customer.sounds.arrival()
            assert sorted(call.keys) == [(CALLEE, "7"), (AGENT, "9")]
            assert call.ends == {}

    run(scene())
    left, right = (list(frames(side)) for side in read_stereo(tmp_path / "call.wav"))
    assert sum(map(is_tone(500), left)) >= ONE_SECOND
    assert sum(map(is_tone(700), right)) >= ONE_SECOND


def test_who_hangs_up_ends_his_own_leg_only(sip: SipThread, tmp_path: Path) -> None:
    async def scene(leaves: int) -> None:
        async with (
            telephone(saying(500)) as customer,
            telephone(saying(700)) as agent,
            joined(sip, customer.uri, agent.uri, tmp_path / f"{leaves}.wav") as call,
        ):
            phones = (customer, agent)
            await customer.hears(is_tone(700))
            await agent.hears(is_tone(500))
            phones[leaves].hang_up()
            await phones[leaves].over.wait()
            while leaves not in call.ends:
                await phones[1 - leaves].sounds.arrival()
            assert call.ends[leaves].cause is HangupCause.THEY_HUNG_UP
            # whoever is left has a call that goes on, in silence
            stays = phones[1 - leaves].sounds
            before = len(stays.heard)
            while len(stays.heard) < before + 15:
                await stays.arrival()
            assert {dbfs(each.frame) < -60 for each in stays.heard[-5:]} == {True}
            assert list(call.ends) == [leaves]

    for leaves in (CALLEE, AGENT):
        run(scene(leaves))


def test_four_people_talk_two_by_two_and_no_pair_hears_the_other(
    sip: SipThread, tmp_path: Path
) -> None:
    pairs = ((500, 700), (900, 1100))

    async def scene() -> None:
        async with AsyncExitStack() as stack:
            phones: list[Telephone] = []
            for number, pair in enumerate(pairs):
                both = [await stack.enter_async_context(telephone(saying(hz))) for hz in pair]
                phones += both
                wav = tmp_path / f"{number}.wav"
                await stack.enter_async_context(joined(sip, both[0].uri, both[1].uri, wav))
            for place, phone in enumerate(phones):
                hz = pairs[place // 2][1 - place % 2]
                await phone.hears(is_tone(hz), ONE_SECOND)
            for place, phone in enumerate(phones):
                strangers = pairs[1 - place // 2]
                heard = [each.frame for each in phone.sounds.heard if dbfs(each.frame) > -40]
                assert max(tone_share(each, hz) for each in heard for hz in strangers) < 0.3

    run(scene())


def test_the_next_call_of_a_line_hears_nothing_of_the_last(sip: SipThread) -> None:
    async def call(words: list[Frame], frames_to_say: int) -> bytes:
        """Say the words for a while, and once more when it is too late for them to be heard."""
        async with telephone() as phone:
            leg = await sip.next_leg()
            leg.dial(DialRequest(phone.uri))
            spoken = 0
            while not isinstance(event := await leg.receive(), Ended):
                if not isinstance(event, Sound):
                    continue
                if spoken < frames_to_say:
                    leg.speak(words[spoken % len(words)])
                    spoken += 1
                elif len(phone.sounds.heard) > 30:
                    for word in words:
                        leg.speak(word)
                    leg.hang_up()
        return phone.heard()

    async def scene() -> None:
        loud = list(frames(tone(900, 0.1)))
        for heard in await asyncio.gather(*(call(loud, 10) for _ in range(4))):
            assert any(map(is_tone(900), frames(heard)))
        for heard in await asyncio.gather(*(call([SILENCE], 1) for _ in range(4))):
            assert max(map(dbfs, frames(heard))) < -60

    run(scene())


def test_robot_and_people_are_heard_together_and_the_robot_can_be_stopped_alone(
    sip: SipThread, tmp_path: Path
) -> None:
    write_wav(tmp_path / "prompt.wav", tone(1100, 20.0))
    says = saying(700)

    async def scene() -> None:
        async with telephone() as customer:
            leg = await sip.next_leg()
            leg.dial(DialRequest(customer.uri))

            async def speak() -> None:
                while not isinstance(event := await leg.receive(), Ended):
                    if isinstance(event, Sound):
                        leg.speak(says(0))

            def both(frame: Frame) -> bool:
                return all(tone_share(frame, hz) > 0.2 for hz in (700, 1100))

            async with asyncio.TaskGroup() as reader:
                reader.create_task(speak())
                await customer.answered.wait()
                leg.play(tmp_path / "prompt.wav")
                await customer.hears(both)
                leg.stop()
                before = sum(map(is_tone(700), frames(customer.heard())))
                await customer.hears(is_tone(700), before + 25)
                leg.hang_up()

    run(scene())


def test_an_extension_that_asks_for_a_password_of_its_own_is_called(sip: SipThread) -> None:
    async def scene() -> None:
        for user, password in (("menling", "secret"), ("desk", "of the desk")):
            async with telephone(credentials=Credentials(user, password, f"{user}.test")) as phone:
                leg = await sip.next_leg()
                leg.dial(DialRequest(phone.uri))
                while not isinstance(event := await leg.receive(), Answered):
                    assert not isinstance(event, Ended), (user, event)
                leg.hang_up()
                while not isinstance(await leg.receive(), Ended):
                    pass

    run(scene())


def test_a_telephone_in_the_house_is_called_in_the_clear_though_the_trunk_is_encrypted(
    one_call: OneCall,
) -> None:
    async def scene() -> None:
        async with telephone(saying(700)) as phone:
            uri = f"{phone.uri};transport=udp"
            ended, _ = await one_call(
                uri, trunk="", transport="tls", srtp="mandatory", verify=False
            )
            assert (ended["answered"], ended["cause"]) == (True, "we_hung_up")
            heard = frames(ended["heard"])
            assert sum(map(is_tone(700), heard)) >= 10
            assert any(map(is_tone(440), frames(phone.heard())))

    run(scene())


def test_a_transport_nobody_knows_ends_the_leg_with_a_reason(sip: SipThread) -> None:
    async def scene() -> None:
        leg = await sip.next_leg()
        leg.dial(DialRequest("sip:1@127.0.0.1;transport=pigeon"))
        ended = await leg.receive()
        assert isinstance(ended, Ended)
        assert ended.cause is HangupCause.FAILED
        assert "pigeon" in ended.reason

    run(scene())


def test_baresip_is_an_agents_telephone(
    sip: SipThread, baresip: OpenBaresip, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with baresip() as agent:
            uri = f"sip:bob@127.0.0.1:{agent.port}"
            async with (
                telephone(saying(500)) as customer,
                joined(sip, customer.uri, uri, tmp_path / "call.wav") as call,
            ):
                await customer.hears(is_tone(700), ONE_SECOND)
                while sum(map(is_tone(700), frames(call.heard[AGENT]))) < ONE_SECOND:
                    await customer.sounds.arrival()
        assert sum(map(is_tone(500), frames(agent.heard()))) >= 25

    run(scene())
