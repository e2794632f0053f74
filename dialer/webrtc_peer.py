"""One end of a WebRTC connection that carries telephone sound; the only importer of aiortc."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction

import aioice.ice
import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.rtp import RtpPacket

from audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Frame
from audio.rates import Lowering, factor_of
from dialer.webrtc_sound import Cutter

log = logging.getLogger(__name__)

OPUS_RATE = 48_000
"""The clock of Opus in RTP, whatever the sound's own rate is (RFC 7587 4.1)."""
OPUS_BITS = 24_000
"""Bits per second: for 8 kHz speech more can't be heard."""
FRAMES_TO_SEND = 10
"""Frames that may wait for the network; the oldest are dropped."""
CHANNEL = "beats"
BEAT = "beat"
_JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
_HALF_TURN = 1 << 15
ANYWHERE = ("", "0.0.0.0")
LOOPBACK = "127.0.0.1"
_every_address = aioice.ice.get_host_addresses
_address: ContextVar[str] = ContextVar("address", default=LOOPBACK)


@dataclass(frozen=True, slots=True)
class PeerNews:
    """Whom a peer tells what; called on its loop."""

    connected: Callable[[], None]
    heard: Callable[[Frame], None]
    beat: Callable[[], None]
    """The far end says that it is alive."""
    lost: Callable[[bool], None]
    """The far end is gone; whether it said so."""


class Peer:
    """A connection on one address of this machine, without any server beside it."""

    def __init__(self, address: str, news: PeerNews) -> None:
        self._address = address
        self._news = news
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._outgoing = _Outgoing()
        self._channel: RTCDataChannel | None = None
        self._listening: asyncio.Task[None] | None = None
        self._connection.addTrack(self._outgoing)
        for transceiver in self._connection.getTransceivers():
            transceiver.setCodecPreferences(_opus())
        self._connection.on("connectionstatechange", self._state_changed)
        self._connection.on("track", self._track_came)
        self._connection.on("datachannel", self._channel_came)

    async def answer(self, offer: str) -> str:
        """Return the answer (SDP) to an offer, with all our addresses in it.

        Raises ValueError, or another exception of the engine, for an offer it can't take.
        """
        await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        return await self._described()

    async def offer(self) -> str:
        """Return an offer (SDP), as a browser would make it."""
        self._channel_came(self._connection.createDataChannel(CHANNEL))
        return await self._described()

    async def accept(self, answer: str) -> None:
        """Take the answer to our offer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def send(self, frame: Frame) -> None:
        """Send 20 ms of sound."""
        self._outgoing.add(frame)

    def beat(self) -> None:
        """Tell the far end that we are alive, once that can be told."""
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(BEAT)

    async def close(self) -> None:
        """End the connection; the far end is told."""
        if self._listening is not None:
            self._listening.cancel()
        await self._connection.close()

    async def _described(self) -> str:
        _address.set(self._address)
        await self._connection.setLocalDescription()
        return str(self._connection.localDescription.sdp)

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self._news.connected()
        elif state in ("failed", "closed"):
            self._news.lost(state == "closed")

    def _track_came(self, track: MediaStreamTrack) -> None:
        for receiver in self._connection.getReceivers():
            _take_as_it_comes(receiver)
        self._listening = asyncio.create_task(self._listen(track))

    def _channel_came(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.on("message", lambda _: self._news.beat())

    async def _listen(self, track: MediaStreamTrack) -> None:
        cutter, lowering = Cutter(), Lowering(OPUS_RATE)
        while True:
            try:
                piece = await track.recv()
            except MediaStreamError:
                return
            if isinstance(piece, av.AudioFrame):
                for frame in cutter.cut(lowering.lower(_mono(piece))):
                    self._news.heard(frame)


class _Outgoing(MediaStreamTrack):
    """Telephone sound as Opus; it is encoded at its own 8 kHz."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._ahead: asyncio.Queue[Frame] = asyncio.Queue(FRAMES_TO_SEND)
        self._sent = 0
        self._encoder = av.AudioCodecContext.create("libopus", "w")
        self._encoder.sample_rate = SAMPLE_RATE
        self._encoder.layout = "mono"
        self._encoder.format = "s16"
        self._encoder.bit_rate = OPUS_BITS
        self._encoder.time_base = Fraction(1, SAMPLE_RATE)
        self._encoder.options = {"application": "voip"}

    def add(self, frame: Frame) -> None:
        """Queue a frame."""
        if self._ahead.full():
            self._ahead.get_nowait()
        self._ahead.put_nowait(frame)

    async def recv(self) -> av.Packet[av.AudioStream]:
        """Return the next packet; raises MediaStreamError once stopped."""
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            for packet in self._encoder.encode(self._next(await self._ahead.get())):
                packet.pts = (packet.pts or 0) * factor_of(OPUS_RATE)
                packet.time_base = Fraction(1, OPUS_RATE)
                return packet

    def _next(self, frame: Frame) -> av.AudioFrame:
        sound = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        sound.planes[0].update(frame)
        sound.sample_rate = SAMPLE_RATE
        sound.time_base = Fraction(1, SAMPLE_RATE)
        sound.pts = self._sent * FRAME_SAMPLES
        self._sent += 1
        return sound


class _AsTheyCome:
    """In place of aiortc's jitter buffer: a packet is decoded when it comes, a late one never.

    aiortc waits for a lost packet until 16 others have come, and is 300 ms late ever after. Sound
    that comes unevenly is evened out by `Reserve` instead.
    """

    def __init__(self) -> None:
        self._newest: int | None = None

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Return no wish for a picture, and what is to be decoded now."""
        number = packet.sequence_number
        if self._newest is not None and (number - self._newest - 1) & 0xFFFF >= _HALF_TURN:
            return False, None
        self._newest = number
        return False, JitterFrame(packet._data, packet.timestamp)  # type: ignore[attr-defined]


def _take_as_it_comes(receiver: RTCRtpReceiver) -> None:
    if not hasattr(receiver, _JITTER_BUFFER):
        log.warning("this release of aiortc has another jitter buffer: lost sound will delay")
        return
    setattr(receiver, _JITTER_BUFFER, _AsTheyCome())


def _opus() -> list[RTCRtpCodecCapability]:
    codecs = RTCRtpSender.getCapabilities("audio").codecs
    return [codec for codec in codecs if codec.mimeType.lower() == "audio/opus"]


def _mono(piece: av.AudioFrame) -> bytes:
    channels = len(piece.layout.channels)
    values = piece.to_ndarray().reshape(-1, channels).astype(np.int32)
    return bytes((values.sum(axis=1) // channels).astype("<i2"))


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    address = _address.get()
    return [address] if address not in ANYWHERE else [LOOPBACK, *_every_address(use_ipv4, False)]


# Both tell with every call which addresses they try.
for _chatty in ("aioice", "aiortc"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)

# aioice would use every address of this machine but 127.0.0.1, and has no setting for that.
aioice.ice.get_host_addresses = _host_addresses
