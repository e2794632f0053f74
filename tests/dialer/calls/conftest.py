"""Calls over real SIP and RTP on 127.0.0.1: SIPp signals for the callee, FarEnd is his ear."""

from __future__ import annotations

import asyncio
import struct
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from audio.g711 import decode, encode
from audio.level import dbfs, tone
from audio.pcm import frames
from audio.wav import write_wav
from console.free_ports import free_port_range
from dialer.leg import (
    Ended,
    Leg,
    LegEvent,
    Sound,
)
from dialer.sip_thread import SipThread

SCENARIOS = Path(__file__).parents[1] / "sipp"
UDP_SOCKETS = Path("/proc/net/udp")
HANGS_SECONDS = 60
"""What takes longer hangs, however busy the machine is."""
LOUD_DBFS = -40.0
PATIENCE_SECONDS = 10.0
"""Of the call itself: who has heard nothing by then will not hear anything."""
PCMA, EVENT = 8, 120  # the offer of pjsip decides on 120 (RFC 3264 5.1)


@dataclass(frozen=True, slots=True)
class Packet:
    payload_type: int
    payload: bytes

    @property
    def is_loud(self) -> bool:
        return self.payload_type == PCMA and dbfs(decode(self.payload)) > LOUD_DBFS


@dataclass
class FarEnd(asyncio.DatagramProtocol):
    """The callee's RTP: keeps what arrives, sends what it is told to."""

    packets: list[Packet] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._sent = 0
        self._peer: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._peer = addr
        self.packets.append(Packet(data[1] & 0x7F, data[12:]))
        self._news.set()

    def say(self, pcm: bytes) -> None:
        """Speak, one packet every 20 ms."""
        self._say_on(frames(pcm), self._loop.time())

    def press(self, event: int) -> None:
        """Send one key as RFC 4733 packets: three of the tone, three of its end."""
        began = self._sent
        for number in range(6):
            end = 0x80 if number >= 3 else 0
            duration = 160 * min(number + 1, 4)
            self._send(EVENT, struct.pack("!BBH", event, end | 10, duration), began)

    async def until(self, wanted: Callable[[list[Packet]], bool]) -> None:
        """Wait until what arrived, all of it, is what is wanted."""
        async with asyncio.timeout(HANGS_SECONDS):
            while not wanted(self.packets):
                self._news.clear()
                await self._news.wait()

    async def hears(self, packets: int = 1) -> None:
        """Wait for so many more packets."""
        due = len(self.packets) + packets
        await self.until(lambda arrived: len(arrived) >= due)

    async def hears_a_voice_end(self, since: int = 0) -> None:
        """Wait for something loud from that packet on, and then for half a second of silence."""
        await self.until(lambda arrived: any(packet.is_loud for packet in arrived[since:]))
        await self.until(lambda arrived: not any(packet.is_loud for packet in arrived[-25:]))

    def heard(self, since: int = 0) -> bytes:
        """Return all sound that arrived, from that packet on."""
        sound = (p.payload for p in self.packets[since:] if p.payload_type == PCMA)
        return decode(b"".join(sound))

    def _say_on(self, rest: Iterator[bytes], due: float) -> None:
        frame = next(rest, None)
        if frame is not None and not self._transport.is_closing():
            self._send(PCMA, encode(frame), self._sent)
            self._loop.call_at(due + 0.02, self._say_on, rest, due + 0.02)

    def _send(self, payload_type: int, payload: bytes, began: int) -> None:
        header = struct.pack("!BBHII", 0x80, payload_type, self._sent, 160 * began, 4711)
        self._sent += 1
        self._transport.sendto(header + payload, self._peer)


@dataclass(frozen=True, slots=True)
class Callee:
    uri: str
    rtp: FarEnd


@asynccontextmanager
async def callee(scenario: str, **keys: str) -> AsyncIterator[Callee]:
    """A callee who follows a SIPp scenario for one call."""
    transport, rtp = await asyncio.get_running_loop().create_datagram_endpoint(
        FarEnd, local_addr=("127.0.0.1", 0)
    )
    port, media_port = free_port_range(1), free_port_range(4)  # sound, pictures and their RTCP
    scenario_text = (SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
    for name, value in keys.items():
        scenario_text = scenario_text.replace(f"@{name}@", value)
    folder = tempfile.TemporaryDirectory()
    script = Path(folder.name) / "scenario.xml"
    script.write_text(scenario_text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *("sipp", "127.0.0.1", "-sf", str(script), "-m", "1"),
        *("-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-mp", str(media_port)),
        *("-nostdin", "-timeout", str(HANGS_SECONDS), "-key", "far", str(rtp.port)),
        *("-trace_err", "-error_file", str(complaints := script.with_name("complaints.log"))),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await listens(process, port)
        yield Callee(f"sip:13800138000@127.0.0.1:{port}", rtp)
        async with asyncio.timeout(HANGS_SECONDS):
            assert await process.wait() == 0, _why(complaints)
    finally:
        transport.close()
        if process.returncode is None:
            process.kill()
            await process.wait()
        folder.cleanup()


def _why(complaints: Path) -> str:
    said = complaints.read_text(encoding="utf-8") if complaints.is_file() else ""
    return f"the callee could not follow his script. {said}"


def is_open(port: int) -> bool:
    """Say whether somebody has a UDP port of 127.0.0.1 (proc_pid_net(5))."""
    return f" 0100007F:{port:04X} " in UDP_SOCKETS.read_text(encoding="ascii")


async def listens(process: asyncio.subprocess.Process, port: int) -> None:
    """Wait until that port is open: an INVITE sent before would come again late, or not in time."""
    async with asyncio.timeout(HANGS_SECONDS):
        while not is_open(port):
            assert process.returncode is None, "the callee ended before it listened"
            await asyncio.sleep(0.01)


async def until(leg: Leg, *kinds: type[LegEvent]) -> list[LegEvent]:
    """Return the events up to the first of these kinds, in order."""
    events: list[LegEvent] = []
    async with asyncio.timeout(HANGS_SECONDS):
        while not events or not isinstance(events[-1], kinds):
            events.append(await leg.receive())
    return events


async def hear_a_voice(leg: Leg, seconds: float) -> bytes:
    """Return what the leg hears until so much of it was loud, or its patience is over."""
    heard: list[bytes] = []
    loud = 0
    while loud * 0.02 < seconds and len(heard) * 0.02 < PATIENCE_SECONDS:
        heard.append(sound_of(await until(leg, Sound)))
        loud += dbfs(heard[-1]) > LOUD_DBFS
    return b"".join(heard)


def sound_of(events: list[LegEvent]) -> bytes:
    return b"".join(event.frame for event in events if isinstance(event, Sound))


def without_sound(events: list[LegEvent]) -> list[LegEvent]:
    return [event for event in events if not isinstance(event, Sound)]


async def ended(leg: Leg) -> Ended:
    last = (await until(leg, Ended))[-1]
    assert isinstance(last, Ended)
    return last


async def free_leg(sip: SipThread) -> Leg:
    async with asyncio.timeout(HANGS_SECONDS):
        return await sip.next_leg()


class Sipp:
    """SIPp as the callee, and what a test does with a leg of ours."""

    callee = staticmethod(callee)
    until = staticmethod(until)
    hear_a_voice = staticmethod(hear_a_voice)
    sound_of = staticmethod(sound_of)
    without_sound = staticmethod(without_sound)
    ended = staticmethod(ended)
    free_leg = staticmethod(free_leg)


@pytest.fixture(scope="session")
def sipp() -> type[Sipp]:
    """Callees who follow a scenario, and ears for our side."""
    return Sipp


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    write_wav(tmp_path / "hum.wav", tone(440, 0.8))
    return tmp_path / "hum.wav"
