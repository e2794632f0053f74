"""A SIP telephone in the process that measures: it answers, says what it is given and keeps what
it hears.

    async with telephone(says=frame_of) as phone:
        leg.dial(DialRequest(phone.uri))
        await phone.answered.wait()
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from audio.g711 import decode, encode
from audio.pcm import FRAME_SECONDS, SILENCE, Frame
from dialer.callee.digest import Credentials, challenge, is_authorized
from dialer.callee.media import OutStream, RtpPorts
from dialer.callee.mouth import Sending
from dialer.callee.rtp import RtpError, key_payloads, parse
from dialer.callee.sdp import Offer, read_offer, write_answer
from dialer.callee.sip import (
    Request,
    address_of,
    format_message,
    goodbye,
    response_to,
    uri_of,
)
from dialer.callee.sip import parse as parse_sip

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Heard:
    """20 ms that arrived."""

    at: float
    """Seconds of the event loop's clock."""
    frame: Frame


@dataclass(slots=True)
class _Call:
    invite: Request
    source: Address
    offer: Offer
    tag: str


class Sounds:
    """The telephone's RTP: a frame of `says` every 20 ms, without drifting."""

    def __init__(self, ports: RtpPorts, says: Callable[[int], Frame]) -> None:
        self.ports = ports
        self.heard: list[Heard] = []
        self.said: list[float] = []
        """When each slot went out, in seconds of the event loop's clock."""
        self._says = says
        self._keys: deque[Sending] = deque()
        self._timer: asyncio.Handle | None = None
        self._arrival: asyncio.Future[None] | None = None

    def start(self, offer: Offer) -> None:
        """Begin to speak and to listen."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self.ports.rtp, self._readable, offer)
        self._tick(OutStream(offer), offer, loop.time())

    def press(self, key: str) -> None:
        """Press a key; nothing else is sent meanwhile."""
        self._keys.extend(
            Sending(payload, key_started_frames_ago=ago)
            for ago, payload in enumerate(key_payloads(key))
        )

    async def arrival(self) -> None:
        """Wait until something more has arrived."""
        self._arrival = asyncio.get_running_loop().create_future()
        await self._arrival

    def stop(self) -> None:
        """Fall silent; a second call does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            asyncio.get_running_loop().remove_reader(self.ports.rtp)
        self.ports.close()

    def _tick(self, out: OutStream, offer: Offer, due: float) -> None:
        loop = asyncio.get_running_loop()
        due += FRAME_SECONDS
        self._timer = loop.call_at(due, self._tick, out, offer, due)
        slot = len(self.said)
        says = Sending(encode(self._says(slot), offer.law))
        datagram = out.datagram(slot, self._keys.popleft() if self._keys else says)
        self.said.append(loop.time())
        self.ports.rtp.sendto(datagram, (offer.address, offer.port))

    def _readable(self, offer: Offer) -> None:
        while True:
            try:
                packet = parse(self.ports.rtp.recv(2048))
            except BlockingIOError:
                break
            except (RtpError, ConnectionRefusedError):
                continue
            if packet.payload_type == offer.payload:
                now = asyncio.get_running_loop().time()
                self.heard.append(Heard(now, decode(packet.payload, offer.law)))
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)


class Telephone(asyncio.DatagramProtocol):
    """Answers every call at once; one call at a time."""

    def __init__(self, sounds: Sounds, credentials: Credentials | None) -> None:
        self.sounds = sounds
        self.answered = asyncio.Event()
        self.over = asyncio.Event()
        """The call has ended, whoever ended it."""
        self._credentials = credentials
        self._nonce = secrets.token_hex(8)
        self._call: _Call | None = None
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def uri(self) -> str:
        """Return where it can be called."""
        return f"sip:phone@127.0.0.1:{self._address[1]}"

    def heard(self) -> bytes:
        """Return all that it has heard."""
        return b"".join(each.frame for each in self.sounds.heard)

    async def hears(self, wanted: Callable[[Frame], bool], frames: int = 25) -> None:
        """Wait until so many of the frames that arrived are wanted ones."""
        while sum(wanted(each.frame) for each in self.sounds.heard) < frames:
            await self.sounds.arrival()

    def hang_up(self) -> None:
        """End the call."""
        call = self._the_call()
        bye = goodbye(call.invite, call.tag, f"z9hG4bK{secrets.token_hex(8)}", self._address)
        target = address_of(uri_of(call.invite.first("contact"))) or call.source
        self._send(format_message(bye), target)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket (asyncio)."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take a message (asyncio)."""
        message = parse_sip(data)
        if not isinstance(message, Request):
            self._hung_up()
        elif message.method == "INVITE":
            self._invited(message, addr)
        elif message.method == "ACK":
            if self._call is not None and not self.answered.is_set():
                self.answered.set()
                self.sounds.start(self._call.offer)
        else:
            self._send(format_message(response_to(message, addr, 200)), addr)
            if message.method == "BYE":
                self._hung_up()

    def close(self) -> None:
        """Fall silent and stop listening."""
        self.sounds.stop()
        if self._transport is not None:
            self._transport.close()

    @property
    def _address(self) -> Address:
        if self._transport is None:
            raise RuntimeError("the telephone does not listen yet")
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    def _the_call(self) -> _Call:
        if self._call is None:
            raise RuntimeError("nobody has called")
        return self._call

    def _invited(self, invite: Request, source: Address) -> None:
        if self._credentials is not None and not is_authorized(
            invite.first("authorization"), "INVITE", self._credentials, self._nonce
        ):
            asks = ("WWW-Authenticate", challenge(self._credentials, self._nonce))
            refusal = response_to(invite, source, 401, tag=secrets.token_hex(4), extra=(asks,))
            self._send(format_message(refusal), source)
            return
        if self._call is None:
            self._call = _Call(invite, source, read_offer(invite.body), secrets.token_hex(4))
        call = self._call
        body = write_answer(call.offer, "127.0.0.1", self.sounds.ports.number, int(call.tag, 16))
        contact = ("Contact", f"<{self.uri}>")
        kind = ("Content-Type", "application/sdp")
        answer = response_to(invite, source, 200, tag=call.tag, extra=(contact, kind), body=body)
        self._send(format_message(answer), source)

    def _hung_up(self) -> None:
        self.sounds.stop()
        self.over.set()

    def _send(self, datagram: bytes, to: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram, to)


@asynccontextmanager
async def telephone(
    says: Callable[[int], Frame] = lambda slot: SILENCE, credentials: Credentials | None = None
) -> AsyncIterator[Telephone]:
    """Open a telephone on a port of its own; `says` gives the frame of each 20 ms.

    Its only call must be over in the end: who hangs up is answered.
    """
    sounds = Sounds(RtpPorts("127.0.0.1"), says)
    _, phone = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Telephone(sounds, credentials), local_addr=("127.0.0.1", 0)
    )
    try:
        yield phone
        if phone.answered.is_set():
            await phone.over.wait()
    finally:
        phone.close()
