"""The people side of a worker: which call an order is for, and how a person's device is reached."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from asr.detectors import DetectorKind, voice_detector
from asr.hearing import Hearing
from asr.listener import Listener
from asr.stream import open_stream
from campaigns.order import CallOrder
from dialer.addressing import host_of, with_host
from dialer.sip_thread import NoFreeLeg, SipThread
from ivr.desk import Desk, NoWayIn, PersonLeg
from ivr.flow import load_flow
from ivr.flow_model import Flow
from ivr.people import (
    BrowserDevice,
    DeskStaffed,
    Device,
    JoinCall,
    JoinFailed,
    PeopleNews,
    PeopleOrder,
    Refused,
)


def load_for_browsers() -> None:
    """Load what speaks to browsers, which takes half a second: ahead of calls, in a nursery."""
    import dialer.webrtc_leg  # noqa: F401  loaded is all it has to be


@cache
def follow_up_flow(name: str, language: str) -> Flow:
    """Return a flow that ships with Menling, to be held after a person; raises FlowError."""
    return load_flow(name, language)


@dataclass(slots=True)
class PeopleInCalls:
    """Knows the calls of one worker and hands each the orders that are meant for it."""

    hold_sound: Path
    sip: SipThread
    detector: DetectorKind
    tell: Callable[[PeopleNews], None]
    staffed: frozenset[str] = frozenset()
    """Languages in which somebody could come now."""
    calls: dict[int, deque[PeopleOrder]] = field(default_factory=dict)
    """By attempt."""

    def desk(self, order: CallOrder, recognisers: tuple[Path, ...]) -> Desk:
        """Return what that call needs; orders for it are kept from now on."""
        orders = self.calls.setdefault(order.attempt, deque())
        return Desk(
            attempt=order.attempt,
            tell=self.tell,
            leg_to=self._leg_to,
            hearing=partial(self._hearing, recognisers),
            flow=partial(follow_up_flow, language=order.language),
            hold_sound=self.hold_sound,
            staffed=lambda language: language in self.staffed,
            orders=orders,
            agent_call=order.agent_call,
        )

    def over(self, attempt: int) -> None:
        """Forget a call, and refuse who still wanted to join it."""
        for order in self.calls.pop(attempt, ()):
            self._refuse(order)

    def take(self, message: object) -> None:
        """Take a message of the engine; what is for no call of ours is refused or ignored."""
        if isinstance(message, DeskStaffed):
            self.staffed = message.languages
        elif isinstance(message, PeopleOrder):
            orders = self.calls.get(message.attempt)
            if orders is None:
                self._refuse(message)
            else:
                orders.append(message)

    def _refuse(self, order: PeopleOrder) -> None:
        if isinstance(order, JoinCall):
            self.tell(JoinFailed(order.attempt, order.join, Refused.OVER))

    async def _leg_to(self, device: Device) -> PersonLeg:
        if isinstance(device, BrowserDevice):
            return self._browser(device)
        uri = await _resolved(device.uri)
        try:
            leg = self.sip.new_leg(asyncio.get_running_loop())
        except NoFreeLeg as error:
            raise NoWayIn(str(error)) from error
        return PersonLeg(leg, uri)

    def _browser(self, device: BrowserDevice) -> PersonLeg:
        from dialer.webrtc_leg import WebRtcError, WebRtcLeg

        leg = WebRtcLeg(device.offer_sdp, self.sip.settings.bound_address)

        async def answer() -> str:
            try:
                return await leg.answer_sdp()
            except WebRtcError as error:
                raise NoWayIn(str(error)) from error

        return PersonLeg(leg, answer=answer)

    async def _hearing(self, recognisers: tuple[Path, ...]) -> Hearing:
        return Listener(await open_stream(recognisers), voice_detector(self.detector))


async def _resolved(uri: str) -> str:
    """Return the URI with the address of its host, looked up beside the calls that go on."""
    host = host_of(uri)
    if host is None:
        raise NoWayIn(f"{uri!r} is no SIP URI; write sip:NUMBER@HOST")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM
        )
    except OSError as error:
        raise NoWayIn(f"{host} could not be looked up ({error}); check the name") from error
    return with_host(uri, str(found[0][4][0]))
