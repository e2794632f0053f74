"""One call's RTP socket: sends every 20 ms without drifting and hands over what arrives."""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
from collections import deque
from collections.abc import Callable

from audio.g711 import level_dbfs
from dialer.callee.mouth import Sending
from dialer.callee.reception import Reception
from dialer.callee.rtp import PACKET_SAMPLES, Packet, RtpError, format_packet, parse
from dialer.callee.sdp import Offer

SLOT_SECONDS = 0.02
_ATTEMPTS = 50
_LATENESS_KEPT = 6000


class RtpPorts:
    """An even UDP port for RTP and the odd one above it for RTCP (RFC 3550 section 11)."""

    def __init__(self, address: str) -> None:
        """Bind both; raises OSError when no pair is free."""
        for _ in range(_ATTEMPTS):
            rtp = _bound(address, 0)
            port = rtp.getsockname()[1]
            try:
                if port % 2 == 0:
                    self.rtcp = _bound(address, port + 1)
                    self.rtp, self.number = rtp, port
                    return
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            rtp.close()
        raise OSError(errno.EADDRINUSE, f"no pair of free UDP ports on {address}")

    def close(self) -> None:
        """Give the ports back."""
        self.rtp.close()
        self.rtcp.close()


class OutStream:
    """Numbers and stamps what is sent (RFC 3550 section 5.1)."""

    def __init__(self, offer: Offer) -> None:
        self._payload = offer.payload
        self._events = offer.events
        self._source = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._base = secrets.randbits(31)

    def datagram(self, slot: int, sending: Sending) -> bytes:
        """Return the packet of one 20 ms slot."""
        self._sequence += 1
        ago = sending.key_started_frames_ago
        timestamp = self._base + PACKET_SAMPLES * (slot - (ago or 0))
        kind = self._payload if ago is None or self._events is None else self._events
        marker = slot == 0 or ago == 0
        packet = Packet(kind, self._sequence, timestamp, self._source, sending.payload, marker)
        return format_packet(packet)


class MediaStream:
    """The clock of a simulated recipient and his connection to the caller's sound."""

    def __init__(
        self,
        offer: Offer,
        ports: RtpPorts,
        next_slot: Callable[[float], Sending],
        hear: Callable[[float, float], None],
    ) -> None:
        """`next_slot(now)` gives what to send; `hear(level_dbfs, now)` gets what arrives."""
        self.offer = offer
        self.ports = ports
        self.reception = Reception()
        self.lateness: deque[float] = deque(maxlen=_LATENESS_KEPT)
        self.slots = 0
        self._next_slot = next_slot
        self._hear = hear
        self._timer: asyncio.Handle | None = None

    def start(self) -> None:
        """Begin to send and to listen; a second call does nothing."""
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(self.ports.rtp, self._readable)
        self._timer = loop.call_soon(self._begin, OutStream(self.offer))

    def stop(self) -> None:
        """Fall silent and give the ports back; a second call does nothing."""
        if self._timer is not None and self.ports.rtp.fileno() >= 0:
            self._timer.cancel()
            asyncio.get_running_loop().remove_reader(self.ports.rtp)
        self.ports.close()

    def _begin(self, out: OutStream) -> None:
        self._tick(asyncio.get_running_loop(), out, asyncio.get_running_loop().time())

    def _tick(self, loop: asyncio.AbstractEventLoop, out: OutStream, due: float) -> None:
        # The next slot is counted from when this one was due, not from now: no drift.
        self._timer = loop.call_at(due + SLOT_SECONDS, self._tick, loop, out, due + SLOT_SECONDS)
        now = loop.time()
        if now - due > SLOT_SECONDS:
            self._readable()  # he was held up; that the other side fell silent is not true
        self.lateness.append(now - due)
        datagram = out.datagram(self.slots, self._next_slot(now))
        self.slots += 1
        if self.offer.wants_sound and self.ports.rtp.fileno() >= 0:
            _send(self.ports.rtp, datagram, (self.offer.address, self.offer.port))

    def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                datagram = self.ports.rtp.recv(2048)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue  # the far end closed its port before our last packets came
            now = loop.time()
            try:
                arrived = parse(datagram)
            except RtpError:
                continue  # RFC 3550 appendix A.1: what isn't valid RTP is ignored
            for packet in self.reception.add(arrived, now):
                if packet.payload_type == self.offer.payload:
                    self._hear(level_dbfs(packet.payload, self.offer.law), now)


def _bound(address: str, port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.setblocking(False)
        udp.bind((address, port))
    except OSError:
        udp.close()
        raise
    return udp


def _send(udp: socket.socket, datagram: bytes, to: tuple[str, int]) -> None:
    try:
        udp.sendto(datagram, to)
    except (BlockingIOError, ConnectionRefusedError):
        return  # a packet lost on our side; the far end counts it
