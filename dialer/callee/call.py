"""One call to a simulated recipient: his SIP dialog, his RTP and his script brought together."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from audio_fixtures.clips import clip_sounds
from audio_fixtures.scenarios import Scenario
from audio_fixtures.script import Before, NeverAnswer, PlayEarly, Press, Reject, Ring
from dialer.callee.dialog import (
    BEFORE_THE_ANSWER,
    DialogEvent,
    DialogState,
    can_happen,
    next_state,
)
from dialer.callee.media import MediaStream, RtpPorts
from dialer.callee.mouth import Sending
from dialer.callee.observation import CallObservation, percentile_99
from dialer.callee.person import Person
from dialer.callee.repetition import Repetition
from dialer.callee.sdp import Offer, SdpError, read_offer, write_answer
from dialer.callee.sip import (
    Headers,
    Request,
    address_of,
    format_message,
    goodbye,
    response_to,
    uri_of,
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The INVITE a call began with, and how to answer it."""

    request: Request
    source: tuple[str, int]
    contact: tuple[str, int]
    """Address and port of the trunk, where later requests of the dialog go."""
    send: Callable[[bytes, tuple[str, int]], None]
    remember: Callable[[Request, bytes], None]
    """Keeps a response for when its request is repeated."""


class Call:
    """One dialog from its INVITE to its end; `over` is called once, then."""

    def __init__(
        self,
        invitation: Invitation,
        scenario: Scenario,
        observation: CallObservation,
        over: Callable[[], None],
    ) -> None:
        self._invitation = invitation
        self._scenario = scenario
        self._observation = observation
        self._over = over
        self._tag = secrets.token_hex(6)
        self._state = DialogState.INVITED
        self._timers: list[Repetition | asyncio.TimerHandle] = []
        self._sound: tuple[MediaStream, Person] | None = None

    @property
    def state(self) -> DialogState:
        """Return where the dialog is."""
        return self._state

    def begin(self) -> None:
        """Take the INVITE up: read the offer, then do what he does before the answer."""
        try:
            offer = read_offer(self._invitation.request.body)
        except SdpError as error:
            self._observation.problems.append(str(error))
            self._refuse(488)
            return
        ports = RtpPorts(self._invitation.contact[0])
        person = Person(
            self._scenario,
            clip_sounds(self._scenario.clips()),
            offer.law,
            self._observation,
            self._hang_up,
        )
        if offer.events is None and any(isinstance(s, Press) for s in self._scenario.script):
            self._observation.problems.append("no telephone-event offered: he can't press keys")
        stream = MediaStream(offer, ports, self._next_slot, person.hear)
        self._sound = (stream, person)
        self._respond(100)
        self._go_through(iter(self._scenario.before))

    def receive(self, request: Request, source: tuple[str, int]) -> None:
        """Take a request within this call, CANCEL and repeated ACKs included."""
        self._invitation = replace(self._invitation, source=source)
        match request.method:
            case "ACK":
                self._acknowledged()
            case "CANCEL":
                self._reply(request, 200)
                if self._state in BEFORE_THE_ANSWER:
                    self._observation.ended_by = "cancel"
                    self._refuse(487, DialogEvent.CANCEL_CAME)
            case "BYE":
                self._reply(request, 200)
                if can_happen(self._state, DialogEvent.BYE_CAME):
                    self._end(DialogEvent.BYE_CAME, "caller")
            case "INVITE" | "UPDATE" if request.body:
                self._renegotiate(request)
            case "INVITE" if self._sound is not None:
                self._reply(request, 200, self._answer_body(self._sound[0].offer))
            case _:
                self._reply(request, 200)

    def response_came(self, status: int) -> None:
        """Take the answer to our BYE; whatever it says, the call is over."""
        if status >= 200 and self._state is DialogState.HANGING_UP:
            self._end(DialogEvent.BYE_ANSWERED, self._observation.ended_by or "recipient")

    def shut_down(self) -> None:
        """End the call now, because the whole trunk goes away."""
        if self._state in (DialogState.ANSWERED, DialogState.TALKING):
            self._send_bye()
        elif self._state in BEFORE_THE_ANSWER:
            self._respond(503)
        if self._state is not DialogState.ENDED:
            self._state = DialogState.ENDED
            self._finish("shutdown")

    def _go_through(self, steps: Iterator[Before]) -> None:
        if self._state not in BEFORE_THE_ANSWER:
            return
        step = next(steps, None)
        match step:
            case None:
                self._answer()
            case Ring(seconds):
                self._ring()
                self._later(seconds, lambda: self._go_through(steps))
            case NeverAnswer():
                self._ring()
            case Reject(status):
                self._refuse(status)
            case PlayEarly():
                self._play_early(step, steps)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, act))

    def _ring(self) -> None:
        self._state = next_state(self._state, DialogEvent.RING)
        self._respond(180)

    def _play_early(self, announcement: PlayEarly, steps: Iterator[Before]) -> None:
        if self._sound is None:
            return
        stream, person = self._sound
        self._state = next_state(self._state, DialogEvent.PLAY_EARLY)
        self._respond(183, self._answer_body(stream.offer))
        person.announce(announcement, lambda: self._go_through(steps))
        stream.start()

    def _answer(self) -> None:
        if self._sound is None:
            return
        stream, _ = self._sound
        self._state = next_state(self._state, DialogEvent.ANSWER)
        self._observation.answered_at = asyncio.get_running_loop().time()
        datagram = self._respond(200, self._answer_body(stream.offer))
        self._repeat(datagram, self._invitation.source, self._never_acknowledged)
        stream.start()

    def _acknowledged(self) -> None:
        if not can_happen(self._state, DialogEvent.ACK_CAME):
            return
        before, self._state = self._state, next_state(self._state, DialogEvent.ACK_CAME)
        if before is DialogState.REFUSED:
            self._finish(self._observation.ended_by or "refusal")
        elif before is DialogState.ANSWERED and self._sound is not None:
            self._stop_timers()
            self._sound[1].pick_up()

    def _never_acknowledged(self) -> None:
        self._state = next_state(self._state, DialogEvent.TIMED_OUT)
        self._observation.ended_by = "timeout"
        self._send_bye()

    def _refuse(self, status: int, event: DialogEvent = DialogEvent.REFUSE) -> None:
        self._stop_timers()
        self._state = next_state(self._state, event)
        if self._sound is not None:
            self._sound[0].stop()
        self._repeat(
            self._respond(status),
            self._invitation.source,
            lambda: self._end(DialogEvent.TIMED_OUT, "timeout"),
        )

    def _hang_up(self) -> None:
        if self._state is DialogState.TALKING:
            self._state = next_state(self._state, DialogEvent.HANG_UP)
            self._observation.ended_by = "recipient"
            self._send_bye()

    def _send_bye(self) -> None:
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        bye = goodbye(self._invitation.request, self._tag, branch, self._invitation.contact)
        target = address_of(uri_of(self._invitation.request.first("contact")))
        to = self._invitation.source if bye.first("route") or target is None else target
        datagram = format_message(bye)
        self._invitation.send(datagram, to)
        if self._state is DialogState.HANGING_UP:
            self._repeat(datagram, to, lambda: self._end(DialogEvent.TIMED_OUT, "timeout"))

    def _renegotiate(self, request: Request) -> None:
        try:
            offer = read_offer(request.body)
        except SdpError:
            self._reply(request, 488)
            return
        if self._sound is None:
            return
        self._sound[0].offer = offer
        self._reply(request, 200, self._answer_body(offer))

    def _answer_body(self, offer: Offer) -> bytes:
        port = self._sound[0].ports.number if self._sound is not None else 0
        return write_answer(offer, self._invitation.contact[0], port, int(self._tag, 16))

    def _respond(self, status: int, body: bytes = b"") -> bytes:
        if status >= 200:
            self._observation.final_status = status
        return self._reply(self._invitation.request, status, body)

    def _reply(self, request: Request, status: int, body: bytes = b"") -> bytes:
        address, port = self._invitation.contact
        extra: Headers = (("Contact", f"<sip:{address}:{port}>"),)
        if body:
            extra = (*extra, ("Content-Type", "application/sdp"))
        source = self._invitation.source
        response = response_to(request, source, status, tag=self._tag, extra=extra, body=body)
        datagram = format_message(response)
        self._invitation.remember(request, datagram)
        self._invitation.send(datagram, source)
        return datagram

    def _repeat(self, datagram: bytes, to: tuple[str, int], give_up: Callable[[], None]) -> None:
        self._timers.append(Repetition(lambda: self._invitation.send(datagram, to), give_up))

    def _next_slot(self, now: float) -> Sending:
        if self._sound is None:
            raise RuntimeError("a stream ticks without a person")
        return self._sound[1].next_slot(now)

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _end(self, event: DialogEvent, ended_by: str) -> None:
        self._state = next_state(self._state, event)
        self._finish(ended_by)

    def _finish(self, ended_by: str) -> None:
        self._stop_timers()
        seen = self._observation
        seen.ended_by = ended_by
        seen.ended_at = asyncio.get_running_loop().time()
        if self._sound is not None:
            stream, _ = self._sound
            stream.stop()
            seen.packets_sent = stream.slots
            seen.sent_late_p99_ms = round(1000 * percentile_99(stream.lateness), 2)
            seen.reception = stream.reception.report()
        self._over()
