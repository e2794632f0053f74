"""Calls over real SIP and RTP on 127.0.0.1: SIPp signals for the callee, FarEnd is his ear."""

from __future__ import annotations

import asyncio
import re
import struct
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from audio.aigc import Mark, marks
from audio.g711 import decode, encode
from audio.level import dbfs, tone, tone_share
from audio.pcm import frames
from audio.wav import read_stereo, write_wav
from console.free_ports import free_port_range
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
from dialer.sip_thread import NoFreeLeg, SipThread
from dialer.transitions import IllegalTransition

pytestmark = pytest.mark.sip

SCENARIOS = Path(__file__).parent / "sipp"
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


AssertHears = Callable[..., None]
OneCall = Callable[..., Awaitable[tuple[dict[str, Any], str]]]


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


async def hear(leg: Leg, seconds: float) -> bytes:
    """Return what the leg hears in so much of its own time."""
    heard = b""
    while len(heard) < seconds * 16000:
        heard += sound_of(await until(leg, Sound))
    return heard


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


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    write_wav(tmp_path / "hum.wav", tone(440, 0.8))
    return tmp_path / "hum.wav"


def test_what_is_noted_behind_the_sound_of_a_file_is_not_played(
    sip: SipThread, tmp_path: Path
) -> None:
    noted = tmp_path / "noted.wav"
    write_wav(noted, tone(440, 0.6), [*marks(Mark("us", "1")), (b"junk", tone(1000, 1.0, -6.0))])

    async def call() -> None:
        async with callee("answers") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await until(leg, Answered)
            playback = leg.play(noted)
            assert (await until(leg, PlaybackEnded))[-1] == PlaybackEnded(playback)
            await far.rtp.hears_a_voice_end()
            heard = far.rtp.heard()
            leg.hang_up()
            await ended(leg)
        loud = [frame for frame in frames(heard) if dbfs(frame) > LOUD_DBFS]
        assert len(loud) == pytest.approx(30, abs=2)
        assert all(tone_share(frame, 1000) < 0.1 for frame in loud)

    asyncio.run(call())


def test_an_answered_call_carries_sound_both_ways_and_records_both_sides(
    sip: SipThread, hum: Path, tmp_path: Path, assert_hears: AssertHears
) -> None:
    async def call() -> None:
        async with callee("answers") as far:
            leg = await free_leg(sip)
            leg.record(tmp_path / "call.wav")
            leg.dial(DialRequest(far.uri))
            assert without_sound(await until(leg, Answered)) == [Ringing(), Answered()]
            playback = leg.play(hum)
            await far.rtp.hears()
            far.rtp.say(tone(700, 1.5))
            events = await until(leg, PlaybackEnded)
            assert events[-1] == PlaybackEnded(playback)
            assert_hears(sound_of(events) + await hear_a_voice(leg, 0.6), 700)
            await far.rtp.hears_a_voice_end()
            assert_hears(far.rtp.heard(), 440)
            leg.hang_up()
            end = await ended(leg)
        assert end.cause is HangupCause.WE_HUNG_UP
        assert end.statistics is not None
        assert end.statistics.packets_received >= 25
        assert (end.statistics.packets_lost, end.statistics.frames_dropped) == (0, 0)
        left, right = read_stereo(tmp_path / "call.wav")
        assert len(left) == len(right)
        assert_hears(left, 700)
        assert_hears(right, 440)

    asyncio.run(call())


@pytest.mark.parametrize(
    ("status", "reason", "cause"),
    [
        ("486 Busy Here", "SIP;cause=486", HangupCause.BUSY),
        ("404 Not Found", "Q.850;cause=1", HangupCause.INVALID_NUMBER),
        ("603 Decline", "SIP;cause=603", HangupCause.DECLINED),
        ("480 Temporarily Unavailable", "Q.850;cause=19", HangupCause.NO_ANSWER),
        ("503 Service Unavailable", "Q.850;cause=34", HangupCause.CONGESTION),
    ],
)
def test_a_refused_call_tells_why(
    sip: SipThread, status: str, reason: str, cause: HangupCause
) -> None:
    async def call() -> None:
        async with callee("refuses", status=status, reason=reason) as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            end = await ended(leg)
            assert (end.cause, end.sip_status) == (cause, int(status[:3]))
            assert reason in end.reason

    asyncio.run(call())


def test_sound_before_the_answer_is_heard_as_early_media(
    sip: SipThread, assert_hears: AssertHears
) -> None:
    async def call() -> None:
        async with callee("early_media") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            assert without_sound(await until(leg, EarlyMedia)) == [Ringing(), EarlyMedia()]
            await far.rtp.hears()
            far.rtp.say(tone(1000, 0.5))
            events = await until(leg, Answered)
            assert without_sound(events) == [Answered()]
            assert_hears(sound_of(events), 1000, at_least=0.1)
            leg.hang_up()
            assert (await ended(leg)).cause is HangupCause.WE_HUNG_UP

    asyncio.run(call())


def test_ringing_that_brings_its_own_sound_is_heard(
    sip: SipThread, assert_hears: AssertHears
) -> None:
    async def call() -> None:
        async with callee("rings_with_sound") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            assert without_sound(await until(leg, EarlyMedia)) == [Ringing(), EarlyMedia()]
            await far.rtp.hears()
            far.rtp.say(tone(450, 0.5))
            events = await until(leg, Answered)
            assert without_sound(events) == [Answered()]
            assert_hears(sound_of(events), 450, at_least=0.1)
            leg.hang_up()
            assert (await ended(leg)).cause is HangupCause.WE_HUNG_UP

    asyncio.run(call())


def test_an_announcement_that_ends_in_a_refusal_was_no_answer(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("announcement") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            events = await until(leg, Ended)
            assert sound_of(events)
            assert Answered() not in events
            end = events[-1]
            assert isinstance(end, Ended)
            assert end.cause is HangupCause.UNAVAILABLE

    asyncio.run(call())


def test_early_media_is_not_heard_by_who_does_not_want_it(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("announcement") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri, early_media=False))
            events = await until(leg, Ended)
            assert len(events) == 1

    asyncio.run(call())


def test_a_call_that_rings_too_long_is_cancelled_as_not_answered(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("rings_for_ever") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri, ring_timeout=timedelta(seconds=1.5)))
            events = await until(leg, Ended)
            assert events[0] == Ringing()
            end = events[-1]
            assert isinstance(end, Ended)
            assert (end.cause, end.sip_status) == (HangupCause.NO_ANSWER, 487)

    asyncio.run(call())


def test_hanging_up_while_it_rings_cancels_the_call(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("rings_for_ever") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await until(leg, Ringing)
            leg.hang_up()
            leg.hang_up()
            assert (await ended(leg)).cause is HangupCause.CANCELLED

    asyncio.run(call())


def test_a_callee_who_hangs_up_ends_the_call(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("hangs_up") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            end = await ended(leg)
            assert end.cause is HangupCause.THEY_HUNG_UP
            assert "Q.850;cause=16" in end.reason
            with pytest.raises(RuntimeError, match="ended"):
                await leg.receive()

    asyncio.run(call())


def test_a_key_arrives_by_sip_info(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("presses_by_info") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            assert (await until(leg, KeyPressed))[-1] == KeyPressed("5")
            leg.hang_up()
            await ended(leg)

    asyncio.run(call())


@pytest.mark.parametrize(("event", "digit"), [(1, "1"), (10, "*"), (11, "#")])
def test_a_key_arrives_once_by_rfc_4733(sip: SipThread, event: int, digit: str) -> None:
    async def call() -> None:
        async with callee("answers") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await until(leg, Answered)
            await far.rtp.hears()
            far.rtp.press(event)
            assert (await until(leg, KeyPressed))[-1] == KeyPressed(digit)
            leg.hang_up()
            assert without_sound(await until(leg, Ended))[:-1] == []

    asyncio.run(call())


def test_stop_silences_us_at_once_and_the_cut_playback_never_ends(
    sip: SipThread, tmp_path: Path
) -> None:
    write_wav(tmp_path / "long.wav", tone(440, 5.0))

    async def late_packets(leg: Leg, rtp: FarEnd) -> int:
        """Speak, stop; return how many loud packets came after that."""
        leg.play(tmp_path / "long.wav")
        leg.play(tmp_path / "long.wav")
        spoken = len(rtp.packets)
        await rtp.until(lambda arrived: any(packet.is_loud for packet in arrived[spoken:]))
        leg.stop()
        stopped = len(rtp.packets)
        leg.play(tmp_path / "long.wav")
        leg.stop()
        await rtp.hears(5)
        await rtp.until(lambda arrived: not any(packet.is_loud for packet in arrived[-5:]))
        return sum(packet.is_loud for packet in rtp.packets[stopped:])

    async def call() -> None:
        async with callee("answers") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await until(leg, Answered)
            # One time of several may fall on a moment when the machine has other things to do.
            late = [await late_packets(leg, far.rtp) for _ in range(4)]
            assert min(late) < 5
            assert max(late) < 250, "what was silenced was said to its end"
            again = leg.play(tmp_path / "long.wav")
            leg.hang_up()
            events = await until(leg, Ended)
            assert not any(isinstance(event, PlaybackEnded) for event in events)
            assert again == 13

    asyncio.run(call())


def test_queued_wavs_are_heard_back_to_back(sip: SipThread, tmp_path: Path) -> None:
    for hz in (440, 700):
        write_wav(tmp_path / f"{hz}.wav", tone(hz, 0.21))

    def sign(frame: bytes) -> str:
        if dbfs(frame) <= LOUD_DBFS:
            return "."
        shares = {"4": tone_share(frame, 440), "7": tone_share(frame, 700)}
        return max(shares, key=shares.__getitem__) if max(shares.values()) > 0.3 else "?"

    async def call() -> None:
        async with callee("answers") as far:
            leg = await free_leg(sip)
            for hz in (440, 700) * 3:
                leg.play(tmp_path / f"{hz}.wav")
            leg.dial(DialRequest(far.uri))
            for number in range(1, 7):
                assert (await until(leg, PlaybackEnded))[-1] == PlaybackEnded(number)
            await far.rtp.hears_a_voice_end()
            leg.hang_up()
            await ended(leg)
            heard = "".join(map(sign, frames(far.rtp.heard())))
            assert re.fullmatch(r"(\.*4{10,12}\.*7{10,12}){3}\.*", heard), heard
            # A hole is the machine's doing, where it is not always there.
            assert re.search(r"4\.?7|7\.?4", heard), heard

    asyncio.run(call())


@pytest.mark.parametrize("hold", ["sendonly", "inactive"])
def test_after_a_hold_both_hear_each_other_again_and_what_was_playing_came_to_its_end(
    sip: SipThread, tmp_path: Path, assert_hears: AssertHears, hold: str
) -> None:
    write_wav(tmp_path / "long.wav", tone(440, 1.7))
    write_wav(tmp_path / "short.wav", tone(440, 0.8))

    async def call() -> None:
        async with callee("holds", hold=hold) as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await until(leg, Answered)
            leg.play(tmp_path / "long.wav")
            events = await until(leg, PlaybackEnded)
            assert without_sound(events) == [PlaybackEnded(1)]
            assert len(events) - 1 >= 80, "the frames went on through the hold"
            await far.rtp.hears_a_voice_end()
            assert_hears(far.rtp.heard(), 440, at_least=0.1)
            loud = sum(packet.is_loud for packet in far.rtp.packets)
            assert loud < 75, "who holds us was told what we said meanwhile"
            before = len(far.rtp.packets)
            leg.play(tmp_path / "short.wav")
            far.rtp.say(tone(1000, 1.0))
            assert_hears(await hear_a_voice(leg, 0.5), 1000, at_least=0.4)
            await far.rtp.hears_a_voice_end(since=before)
            assert_hears(far.rtp.heard(since=before), 440)
            leg.hang_up()
            assert (await ended(leg)).cause is HangupCause.WE_HUNG_UP

    asyncio.run(call())


def test_a_call_whose_rtp_never_comes_is_given_up(one_call: OneCall) -> None:
    async def call() -> None:
        async with callee("answers") as far:
            end, _ = await one_call(far.uri, transport="udp", media_seconds=1)
            assert (end["answered"], end["cause"]) == (True, "media_lost")

    asyncio.run(call())


def test_the_trunk_gets_our_password_our_caller_id_and_our_headers(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("asks_for_password") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri, headers=(("X-Attempt", "42"),)))
            await until(leg, Answered)
            leg.hang_up()
            await ended(leg)

    asyncio.run(call())


def test_a_redirection_is_told_and_not_followed(sip: SipThread) -> None:
    async def call() -> None:
        async with callee("redirects") as far:
            leg = await free_leg(sip)
            leg.dial(DialRequest(far.uri))
            end = await ended(leg)
            assert (end.cause, end.sip_status) == (HangupCause.FAILED, 302)
            assert "sip:other@127.0.0.1" in end.reason

    asyncio.run(call())


@pytest.mark.parametrize(
    "request_", [DialRequest("13800138000"), DialRequest("sip:1@trunk.example")]
)
def test_what_can_not_be_dialled_fails_with_a_reason(sip: SipThread, request_: DialRequest) -> None:
    async def call() -> None:
        leg = await free_leg(sip)
        leg.dial(request_)
        end = await ended(leg)
        assert end.cause is HangupCause.FAILED
        assert end.reason

    asyncio.run(call())


def test_a_leg_is_dialled_once(sip: SipThread) -> None:
    async def call() -> None:
        leg = await free_leg(sip)
        leg.dial(DialRequest("nonsense"))
        with pytest.raises(IllegalTransition):
            leg.dial(DialRequest("nonsense"))
        await ended(leg)

    asyncio.run(call())


def test_there_are_four_legs_and_a_leg_never_dialled_can_be_given_back(sip: SipThread) -> None:
    async def call() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            legs = [await sip.next_leg() for _ in range(4)]
        assert sip.free_legs() == 0
        with pytest.raises(NoFreeLeg):
            sip.new_leg(asyncio.get_running_loop())
        for leg in legs:
            leg.hang_up()
            assert (await ended(leg)).cause is HangupCause.CANCELLED

    asyncio.run(call())


def test_who_waits_for_a_leg_gets_the_next_one_that_is_given_back(sip: SipThread) -> None:
    async def call() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            legs = [await sip.next_leg() for _ in range(4)]
            waiting = asyncio.create_task(sip.next_leg())
            legs[2].hang_up()
            legs[2] = await waiting
        for leg in legs:
            leg.hang_up()
            await ended(leg)

    asyncio.run(call())


def test_twelve_calls_share_four_lines(sip: SipThread) -> None:
    async def one() -> HangupCause:
        async with callee("hangs_up") as far:
            leg = await sip.next_leg()
            leg.dial(DialRequest(far.uri))
            return (await ended(leg)).cause

    async def calls() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            causes = await asyncio.gather(*(one() for _ in range(12)))
        assert set(causes) == {HangupCause.THEY_HUNG_UP}

    asyncio.run(calls())
