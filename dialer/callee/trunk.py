"""The simulated trunk: one UDP port on which every recipient can be rung by his number."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from audio_fixtures.scenarios import Scenario
from dialer.callee.call import Call, Invitation
from dialer.callee.dialog import DialogState
from dialer.callee.digest import Credentials, challenge, is_authorized
from dialer.callee.observation import CallObservation
from dialer.callee.person import prepare
from dialer.callee.sip import (
    Headers,
    Request,
    Response,
    SipError,
    format_message,
    parse,
    response_to,
    user_of,
)

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER"
RESPONSES_KEPT = 4000
ENDED_KEPT_SECONDS = 32.0
"""An ended call still answers repeated requests for so long (RFC 3261 timer J)."""
Address = tuple[str, int]
Observe = Callable[[CallObservation], None]


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """Who can be rung, and who may ring."""

    recipients: Mapping[str, Scenario]
    credentials: Credentials | None = None
    """None: nobody is asked for a password."""


class Memory:
    """The last response to each request, for when the request is repeated; oldest go first."""

    def __init__(self, kept: int = RESPONSES_KEPT) -> None:
        self._kept = kept
        self._responses: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()

    def remember(self, request: Request, response: bytes) -> None:
        """Keep the newest response to a request."""
        key = _transaction(request)
        self._responses[key] = response
        self._responses.move_to_end(key)
        if len(self._responses) > self._kept:
            self._responses.popitem(last=False)

    def recall(self, request: Request) -> bytes | None:
        """Return the newest response to a request; None when it is new."""
        return self._responses.get(_transaction(request))


def _transaction(request: Request) -> tuple[str, str, str]:
    # RFC 3261 section 17.2.3: branch and method; the Call-ID guards against careless branches.
    return request.branch, request.method, request.call_id


class Trunk(asyncio.DatagramProtocol):
    """Answers SIP on one UDP port and rings the recipient whose number was dialled."""

    def __init__(self, settings: TrunkSettings, observe: Observe) -> None:
        self.invites: Counter[str] = Counter()
        """How many calls each number had."""
        self._settings = settings
        self._observe = observe
        self._memory = Memory()
        self._calls: dict[str, Call] = {}
        self._nonce = secrets.token_hex(16)
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> Address:
        """Return where the trunk listens; raises RuntimeError before it does."""
        if self._transport is None:
            raise RuntimeError("the trunk does not listen yet")
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    @property
    def calls_in_progress(self) -> int:
        """Return how many calls have not ended."""
        return sum(call.state is not DialogState.ENDED for call in self._calls.values())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the bound socket (asyncio)."""
        # asyncio's own UDP transport is no subclass of DatagramTransport before Python 3.12.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take one datagram (asyncio)."""
        if not data.strip():
            return  # keep-alive (RFC 5626 section 3.5.1)
        try:
            message = parse(data)
            _, method = message.cseq
        except SipError:
            return  # nothing in it to answer to
        if isinstance(message, Response):
            call = self._calls.get(message.call_id)
            if call is not None and method == "BYE":
                call.response_came(message.status)
            return
        known = None if message.method == "ACK" else self._memory.recall(message)
        if known is not None:
            self._send(known, addr)
        else:
            self._handle(message, addr)

    def close(self) -> None:
        """End every call and stop listening."""
        for call in tuple(self._calls.values()):
            call.shut_down()
        if self._transport is not None:
            self._transport.close()

    def _handle(self, request: Request, source: Address) -> None:
        call = self._calls.get(request.call_id)
        if call is not None and (request.to_tag or request.method == "CANCEL"):
            call.receive(request, source)
        elif request.method == "INVITE" and not request.to_tag:
            self._invited(request, source)
        elif request.method == "OPTIONS":
            self._respond(request, source, 200, (("Allow", ALLOW),))
        elif request.method == "REGISTER":
            self._registered(request, source)
        elif request.method in ("BYE", "CANCEL", "INFO", "UPDATE", "INVITE"):
            self._respond(request, source, 481)
        elif request.method != "ACK":
            self._respond(request, source, 405, (("Allow", ALLOW),))

    def _registered(self, request: Request, source: Address) -> None:
        if self._admits(request, source):
            contact = request.first("contact")
            self._respond(request, source, 200, (("Contact", contact), ("Expires", "3600")))

    def _invited(self, request: Request, source: Address) -> None:
        if not self._admits(request, source):
            return
        if required := request.all("require"):
            # RFC 3261 section 8.2.2.3: an extension we don't have is refused by name.
            self._respond(request, source, 420, (("Unsupported", ", ".join(required)),))
            return
        # A trunk is dialled with or without the plus of E.164.
        dialled = f"+{user_of(request.uri).removeprefix('+')}"
        scenario = self._settings.recipients.get(dialled)
        if scenario is None:
            self._respond(request, source, 404)
            return
        self.invites[dialled] += 1
        now = asyncio.get_running_loop().time()
        seen = CallObservation(dialled, scenario.id, self.invites[dialled], invited_at=now)
        invitation = Invitation(request, source, self.address, self._send, self._memory.remember)
        call = Call(invitation, scenario, seen, lambda: self._over(request.call_id, seen))
        self._calls[request.call_id] = call
        call.begin()

    def _admits(self, request: Request, source: Address) -> bool:
        credentials = self._settings.credentials
        if credentials is None or is_authorized(
            request.first("authorization"), request.method, credentials, self._nonce
        ):
            return True
        header = ("WWW-Authenticate", challenge(credentials, self._nonce))
        self._respond(request, source, 401, (header,))
        return False

    def _over(self, call_id: str, seen: CallObservation) -> None:
        self._observe(seen)
        loop = asyncio.get_running_loop()
        loop.call_later(ENDED_KEPT_SECONDS, self._calls.pop, call_id, None)

    def _respond(self, request: Request, source: Address, status: int, extra: Headers = ()) -> None:
        response = response_to(request, source, status, tag=secrets.token_hex(6), extra=extra)
        datagram = format_message(response)
        self._memory.remember(request, datagram)
        self._send(datagram, source)

    def _send(self, datagram: bytes, to: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram, to)


async def open_trunk(
    settings: TrunkSettings, observe: Observe, address: str = "127.0.0.1", port: int = 0
) -> Trunk:
    """Return a trunk that listens; raises OSError when the port is taken."""
    for recipient in settings.recipients.values():
        prepare(recipient)
    loop = asyncio.get_running_loop()
    _, trunk = await loop.create_datagram_endpoint(
        lambda: Trunk(settings, observe), local_addr=(address, port)
    )
    return trunk
