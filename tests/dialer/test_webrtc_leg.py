"""A leg in a browser, whose page is played by the same engine on 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from audio.level import tone
from audio.pcm import Frame, frames
from audio.wav import write_wav
from dialer.leg import (
    Answered,
    DialRequest,
    Ended,
    HangupCause,
    LegEvent,
    PlaybackEnded,
    Ringing,
    Sound,
)
from dialer.transitions import IllegalTransition
from dialer.webrtc_leg import WebRtcError, WebRtcLeg
from dialer.webrtc_peer import Peer, PeerNews

AssertHears = Callable[..., None]
REQUEST = DialRequest("browser:agent", ring_timeout=timedelta(seconds=60))
HANGS_SECONDS = 60
"""What takes longer hangs, however busy the machine is."""
AGENT = list(frames(tone(700.0, 4.0, -20.0)))
CUSTOMER = list(frames(tone(400.0, 4.0, -20.0)))


class Page:
    """The far end: a peer that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Frame] = []
        self.connected = asyncio.Event()
        self.lost = asyncio.Event()
        self.beats = asyncio.Event()
        self.peer = Peer(
            "127.0.0.1",
            PeerNews(
                self.connected.set,
                self.heard.append,
                self.beats.set,
                lambda _: self.lost.set(),
            ),
        )


class Relay(asyncio.DatagramProtocol):
    """A network between a page and a leg that loses every seventh packet of sound."""

    def __init__(self, leg: int) -> None:
        self._leg = ("127.0.0.1", leg)
        self._page: tuple[str, int] | None = None
        self._sounds = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr == self._leg:
            self._transport.sendto(data, self._page)
            return
        self._page = addr
        # RFC 7983: what begins with 128 to 191 is RTP; RTCP is told by its type (RFC 5761).
        is_sound = 128 <= data[0] <= 191 and not 64 <= data[1] & 0x7F <= 95
        self._sounds += is_sound
        if not (is_sound and self._sounds % 7 == 0):
            self._transport.sendto(data, self._leg)


@asynccontextmanager
async def call() -> AsyncIterator[tuple[WebRtcLeg, Page]]:
    """A leg and its page, connected; the leg must have ended when it is left."""
    page = Page()
    leg = WebRtcLeg(await page.peer.offer())
    leg.dial(REQUEST)
    await page.peer.accept(await leg.answer_sdp())
    async with asyncio.timeout(HANGS_SECONDS):
        assert await leg.receive() == Ringing()
        assert await leg.receive() == Answered()
        await page.connected.wait()
        yield leg, page
    await page.peer.close()


async def sounds(leg: WebRtcLeg, count: int, each: Callable[[int], None]) -> list[LegEvent]:
    """Take events until so many frames were heard; `each` is called after every one."""
    events: list[LegEvent] = []
    heard = 0
    while heard < count:
        events.append(event := await leg.receive())
        assert not isinstance(event, Ended)
        if isinstance(event, Sound):
            each(heard)
            heard += 1
    return events


async def ended(leg: WebRtcLeg) -> Ended:
    """Wait for the end."""
    while not isinstance(event := await leg.receive(), Ended):
        pass
    return event


def sound_of(events: list[LegEvent]) -> bytes:
    return b"".join(event.frame for event in events if isinstance(event, Sound))


def test_both_hear_each_other(assert_hears: AssertHears) -> None:
    async def talk() -> tuple[bytes, bytes, bytes]:
        async with call() as (leg, page):

            def both_speak(turn: int) -> None:
                leg.speak(CUSTOMER[turn])
                page.peer.send(AGENT[turn])

            events = await sounds(leg, 60, both_speak)
            leg.hang_up()
            await ended(leg)
            said = b"".join(event.said for event in events if isinstance(event, Sound))
            return sound_of(events), said, b"".join(page.heard)

    heard_here, said_here, heard_there = asyncio.run(talk())
    assert_hears(heard_here, 700.0)
    assert_hears(said_here, 400.0)
    assert_hears(heard_there, 400.0)


def test_a_wav_is_played_to_the_page_and_its_end_is_told(
    tmp_path: Path, assert_hears: AssertHears
) -> None:
    write_wav(tmp_path / "brief.wav", tone(1000.0, 0.8, -20.0))

    async def talk() -> tuple[list[LegEvent], bytes]:
        async with call() as (leg, page):
            assert leg.play(tmp_path / "brief.wav") == 1
            events = await sounds(leg, 60, lambda turn: page.peer.send(AGENT[turn]))
            leg.hang_up()
            await ended(leg)
            return events, b"".join(page.heard)

    events, heard = asyncio.run(talk())
    assert [event for event in events if isinstance(event, PlaybackEnded)] == [PlaybackEnded(1)]
    assert_hears(heard, 1000.0)


def test_what_is_stopped_is_cut_and_its_end_is_never_told(tmp_path: Path) -> None:
    write_wav(tmp_path / "brief.wav", tone(1000.0, 0.2, -20.0))

    async def talk() -> list[LegEvent]:
        async with call() as (leg, page):
            leg.play(tmp_path / "brief.wav")
            leg.stop()
            events = await sounds(leg, 30, lambda turn: page.peer.send(AGENT[turn]))
            leg.hang_up()
            await ended(leg)
            return events

    assert not [event for event in asyncio.run(talk()) if isinstance(event, PlaybackEnded)]


def test_a_lost_packet_costs_no_more_than_itself() -> None:
    async def talk() -> int:
        page = Page()
        leg = WebRtcLeg(await page.peer.offer())
        leg.dial(REQUEST)
        answer = await leg.answer_sdp()
        port = next(line.split()[1] for line in answer.splitlines() if line.startswith("m=audio"))
        loop = asyncio.get_running_loop()
        network, _ = await loop.create_datagram_endpoint(
            lambda: Relay(int(port)), local_addr=("127.0.0.1", 0)
        )
        relayed = network.get_extra_info("sockname")[1]
        await page.peer.accept(answer.replace(f" {port} ", f" {relayed} "))
        async with asyncio.timeout(HANGS_SECONDS):
            while not isinstance(await leg.receive(), Answered):
                pass
            await page.connected.wait()
            events = await sounds(leg, 70, lambda turn: page.peer.send(AGENT[turn]))
        leg.hang_up()
        await ended(leg)
        await page.peer.close()
        network.close()
        silent = bytes(320)
        return sum(event.frame != silent for event in events if isinstance(event, Sound))

    # Of 70 frames 10 are lost; a buffer that waits for them would lose 40 more.
    assert asyncio.run(talk()) > 40


def test_a_page_that_is_closed_ends_the_leg() -> None:
    async def talk() -> Ended:
        async with call() as (leg, page):
            await page.peer.close()
            return await ended(leg)

    end = asyncio.run(talk())
    assert end.cause is HangupCause.THEY_HUNG_UP
    assert end.reason == "the page was closed"


def test_a_page_without_a_microphone_lives_by_its_beats_and_is_answered() -> None:
    async def talk() -> bool:
        async with call() as (leg, page):
            await sounds(leg, 115, lambda _: page.peer.beat())
            leg.hang_up()
            await ended(leg)
            return page.beats.is_set()

    assert asyncio.run(talk())


def test_hanging_up_lets_the_page_know() -> None:
    async def talk() -> Ended:
        async with call() as (leg, page):
            leg.hang_up()
            end = await ended(leg)
            await page.lost.wait()
            return end

    assert asyncio.run(talk()) == Ended(HangupCause.WE_HUNG_UP)


def test_a_page_that_never_connects_is_not_waited_for_for_ever() -> None:
    async def talk() -> Ended:
        page = Page()
        leg = WebRtcLeg(await page.peer.offer())
        leg.dial(DialRequest("browser:agent", ring_timeout=timedelta(seconds=0.1)))
        await leg.answer_sdp()
        end = await ended(leg)
        await page.peer.close()
        return end

    assert asyncio.run(talk()).cause is HangupCause.NO_ANSWER


@pytest.mark.parametrize("offer", ["", "v=0\r\nm=audio 9 RTP/AVP 0\r\n", "v=0\r\nm=audio\r\n"])
def test_an_offer_that_is_none_ends_the_leg_with_a_reason(offer: str) -> None:
    async def talk() -> Ended:
        leg = WebRtcLeg(offer)
        leg.dial(REQUEST)
        with pytest.raises(WebRtcError):
            await leg.answer_sdp()
        return await ended(leg)

    end = asyncio.run(talk())
    assert end.cause is HangupCause.FAILED
    assert end.reason


async def addresses_told(bound: str) -> set[str]:
    """Return where a leg that is bound so tells its page to find it."""
    page = Page()
    leg = WebRtcLeg(await page.peer.offer(), bound)
    leg.dial(REQUEST)
    answer = await leg.answer_sdp()
    leg.hang_up()
    await ended(leg)
    await page.peer.close()
    return {line.split()[4] for line in answer.splitlines() if line.startswith("a=candidate")}


def test_a_page_is_told_no_address_but_the_one_it_may_use() -> None:
    assert asyncio.run(addresses_told("127.0.0.2")) == {"127.0.0.2"}


def test_a_leg_bound_to_no_address_is_found_at_each() -> None:
    told = asyncio.run(addresses_told("0.0.0.0"))
    assert "127.0.0.1" in told
    assert "0.0.0.0" not in told


def test_a_leg_is_used_once(tmp_path: Path) -> None:
    async def talk() -> None:
        async with call() as (leg, _):
            with pytest.raises(IllegalTransition):
                leg.dial(REQUEST)
            with pytest.raises(NotImplementedError, match="customer's leg"):
                leg.record(tmp_path / "both.wav")
            leg.hang_up()
            await ended(leg)
            with pytest.raises(RuntimeError, match="ended"):
                await leg.receive()

    asyncio.run(talk())


def test_a_leg_that_was_never_dialled_can_be_hung_up() -> None:
    async def talk() -> Ended:
        leg = WebRtcLeg("")
        leg.hang_up()
        return await ended(leg)

    assert asyncio.run(talk()).cause is HangupCause.CANCELLED
