"""A whole conversation of simulated recipients with a caller made of two sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from audio.g711 import Law, encode, level_dbfs
from audio.pcm import frames
from audio_fixtures.clips import clip_sound
from audio_fixtures.scenarios import load_catalogue
from dialer.callee import rtp, sip
from dialer.callee.observation import CallObservation
from dialer.callee.trunk import Trunk, TrunkSettings, open_trunk

pytestmark = pytest.mark.sip
HANGS_SECONDS = 120
"""What takes longer hangs, however busy the machine is."""
SPEECH = [encode(frame, Law.A) for frame in frames(clip_sound("chen/zai_shuo_yibian"))]


class Wire(asyncio.DatagramProtocol):
    """A socket whose datagrams queue up."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue(maxsize=20_000)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport
        self.port: int = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.arrived.put_nowait(data)

    def send(self, data: bytes, port: int) -> None:
        self.transport.sendto(data, ("127.0.0.1", port))


class Caller:
    """Rings one recipient, speaks when asked to and keeps what arrives."""

    def __init__(self, trunk: Trunk, dialled: str, over: asyncio.Event) -> None:
        self.dialled = dialled
        self.over = over
        self.trunk_port = trunk.address[1]
        self.signalling = Wire()
        self.sound = Wire()
        self.answer: sip.Response | None = None
        self.sent = 0

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for wire in (self.signalling, self.sound):
            await loop.create_datagram_endpoint(
                lambda wire=wire: wire,  # type: ignore[misc]
                local_addr=("127.0.0.1", 0),
            )

    def request(self, method: str, number: int, branch: str, body: str = "") -> None:
        tag = f";tag={self.answer.to_tag}" if self.answer is not None else ""
        mine = f"127.0.0.1:{self.signalling.port}"
        lines = [
            f"{method} sip:{self.dialled}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {mine};rport;branch=z9hG4bK{branch}",
            f"From: <sip:caller@{mine}>;tag=caller",
            f"To: <sip:{self.dialled}@127.0.0.1>{tag}",
            f"Call-ID: {self.dialled}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:caller@{mine}>",
        ]
        message = "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()
        self.signalling.send(message, self.trunk_port)

    def invite(self) -> None:
        port = self.sound.port
        codecs = "a=rtpmap:120 telephone-event/8000"
        stream = f"m=audio {port} RTP/AVP 8 120\r\n{codecs}\r\n"
        self.request("INVITE", 1, "invite", f"v=0\r\nc=IN IP4 127.0.0.1\r\n{stream}")

    async def response(self, wanted: Callable[[sip.Response], bool]) -> sip.Response:
        while True:
            message = sip.parse(await self.signalling.arrived.get())
            if isinstance(message, sip.Response) and wanted(message):
                return message

    async def asked(self) -> sip.Request:
        while True:
            message = sip.parse(await self.signalling.arrived.get())
            if isinstance(message, sip.Request):
                return message

    async def pick_up(self) -> int:
        """Wait for the answer, acknowledge it, and return his RTP port."""
        self.answer = await self.response(lambda message: message.status == 200)
        self.request("ACK", 1, "ack")
        line = next(x for x in self.answer.body.decode().splitlines() if x.startswith("m=audio"))
        return int(line.split(" ")[1])

    async def speak(self, port: int) -> None:
        """Send a sentence, one packet for each that arrives: his clock is ours."""
        for payload in SPEECH:
            await self.sound.arrived.get()
            packet = rtp.Packet(8, self.sent, 160 * self.sent, 1, payload)
            self.sent += 1
            self.sound.send(rtp.format_packet(packet), port)

    async def speak_on(self, port: int) -> None:
        """Say that sentence over and over, until cancelled."""
        while True:
            await self.speak(port)

    async def packet(self, wanted: Callable[[rtp.Packet], bool]) -> rtp.Packet:
        while True:
            packet = rtp.parse(await self.sound.arrived.get())
            if wanted(packet):
                return packet

    async def hang_up(self) -> None:
        self.request("BYE", 2, "bye")
        await self.response(lambda message: message.cseq[1] == "BYE")

    def close(self) -> None:
        self.signalling.transport.close()
        self.sound.transport.close()


async def conversation(
    dialled: str, talk: Callable[[Caller], Awaitable[None]]
) -> tuple[CallObservation, Trunk]:
    """Ring a recipient, let `talk` happen, and return what he noticed."""
    seen: list[CallObservation] = []
    over = asyncio.Event()

    def observe(observation: CallObservation) -> None:
        seen.append(observation)
        over.set()

    trunk = await open_trunk(TrunkSettings(load_catalogue()), observe)
    caller = Caller(trunk, dialled, over)
    await caller.open()
    try:
        async with asyncio.timeout(HANGS_SECONDS):
            caller.invite()
            await talk(caller)
    finally:
        caller.close()
        trunk.close()
        await asyncio.sleep(0)
    [observation] = seen
    return observation, trunk


def is_loud(packet: rtp.Packet) -> bool:
    return packet.payload_type == 8 and level_dbfs(packet.payload) > -40


def test_he_waits_for_his_turn_answers_and_times_our_answer() -> None:
    async def talk(caller: Caller) -> None:
        port = await caller.pick_up()
        await caller.speak(port)
        await caller.packet(is_loud)
        loud = 1
        while loud:
            burst = [rtp.parse(await caller.sound.arrived.get()) for _ in range(10)]
            loud = sum(map(is_loud, burst))
        await caller.speak(port)
        await caller.hang_up()

    seen, _ = asyncio.run(conversation("+8613800138010", talk))
    assert seen.lines[0].what == "chen/zai_shuo_yibian"
    assert not seen.lines[0].interrupted
    assert (seen.lines[0].answered_after_seconds or 0) > 0
    assert seen.reception is not None
    assert seen.reception.lost == 0
    assert seen.ended_by == "caller"


def test_a_key_arrives_with_one_timestamp_and_a_triple_end() -> None:
    told: list[rtp.Packet] = []

    async def talk(caller: Caller) -> None:
        await caller.speak(await caller.pick_up())
        while sum(rtp.read_key(packet.payload)[1] for packet in told) < 3:
            told.append(await caller.packet(lambda packet: packet.payload_type == 120))
        await caller.hang_up()

    seen, _ = asyncio.run(conversation("+8613800138002", talk))
    assert {rtp.read_key(packet.payload)[0] for packet in told} == {"1"}
    assert len({packet.timestamp for packet in told}) == 1
    assert [packet.marker for packet in told] == [True] + [False] * 10
    assert seen.lines[0].what == "keys 1"
    assert seen.problems == []


def test_he_hangs_up_midway_through_our_speech() -> None:
    async def talk(caller: Caller) -> None:
        speaking = asyncio.create_task(caller.speak_on(await caller.pick_up()))
        message = await caller.asked()
        speaking.cancel()
        assert message.method == "BYE"
        okay = sip.response_to(message, ("127.0.0.1", caller.trunk_port), 200)
        caller.signalling.send(sip.format_message(okay), caller.trunk_port)
        await caller.over.wait()

    seen, _ = asyncio.run(conversation("+8613800138019", talk))
    assert seen.ended_by == "recipient"


def test_a_repeated_invite_is_one_call_and_an_unacknowledged_answer_is_repeated() -> None:
    async def talk(caller: Caller) -> None:
        caller.invite()
        first = await caller.response(lambda message: message.status == 200)
        caller.invite()
        again = await caller.response(lambda message: message.status == 200)
        repeated = await caller.response(lambda message: message.status == 200)
        assert first == again == repeated
        caller.answer = first
        caller.request("ACK", 1, "ack")
        await caller.hang_up()

    seen, trunk = asyncio.run(conversation("+8613800138017", talk))
    assert seen.invites == 1
    assert trunk.invites == {"+8613800138017": 1}


def test_hold_silences_him_and_his_line_goes_on_afterwards() -> None:
    async def talk(caller: Caller) -> None:
        await caller.pick_up()
        await caller.packet(lambda packet: True)
        body = f"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio {caller.sound.port} RTP/AVP 8\r\n"
        caller.request("INVITE", 2, "hold", body + "a=inactive\r\n")
        held = await caller.response(lambda message: message.cseq == (2, "INVITE"))
        assert b"a=inactive" in held.body
        caller.request("ACK", 2, "held")
        while not caller.sound.arrived.empty():
            caller.sound.arrived.get_nowait()
        caller.request("INVITE", 3, "resume", body)
        await caller.response(lambda message: message.cseq == (3, "INVITE"))
        caller.request("ACK", 3, "resumed")
        await caller.packet(lambda packet: True)
        caller.request("BYE", 4, "bye")
        await caller.response(lambda message: message.cseq[1] == "BYE")

    seen, _ = asyncio.run(conversation("+8613800138017", talk))
    assert seen.ended_by == "caller"


def test_a_stopped_trunk_ends_its_calls() -> None:
    async def talk(caller: Caller) -> None:
        await caller.pick_up()
        await caller.packet(lambda packet: True)

    seen, trunk = asyncio.run(conversation("+8613800138017", talk))
    assert seen.ended_by == "shutdown"
    assert trunk.calls_in_progress == 0
