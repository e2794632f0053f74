"""What goes over a connection to an SMS centre: submitted, answered, heard, kept alive."""

from __future__ import annotations

import logging
import select
import socket
import ssl
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, Full, Queue
from time import monotonic
from typing import Any, Final

from smpplib import smpp
from smpplib.client import Client
from smpplib.exceptions import ConnectionError as LostError
from smpplib.pdu import PDU

from campaigns.messages.fates import Again, Fate, Sent, unknown
from campaigns.messages.smpp_words import THROTTLED, IncomingSms, Receipt, fate_of_status, heard
from campaigns.settings_messages import SmsSettings

# It would log whole messages, with numbers, where somebody asks for more detail.
logging.getLogger("smpplib").setLevel(logging.CRITICAL)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
_QUEUE_FULL: Final = 0x14


@dataclass(slots=True)
class Order:
    """An SMS on its way to the centre."""

    parts: tuple[dict[str, Any], ...]
    done: Future[Fate]
    deadline: float
    next_part: int = 0


class Wire(Client):
    """The connection; over TLS the certificate must be that of the host."""

    def __init__(self, settings: SmsSettings) -> None:
        host, port = settings.smpp.host, settings.smpp.port
        super().__init__(
            host,
            port,
            timeout=settings.timeout_seconds,
            logger_name="smpplib.client",
            allow_unknown_opt_params=True,
        )
        self._host_name = host if settings.smpp.tls else ""

    def _create_socket(self) -> socket.socket:
        plain = super()._create_socket()
        if not self._host_name:
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self._host_name)

    def has_something(self, also: socket.socket, seconds: float) -> bool:
        """Wait until there is something to read here or there, at most so long; say if here."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        here = self._socket
        if here is None:
            raise LostError
        readable, _, _ = select.select([here, also], [], [], max(0.0, seconds))
        if also in readable:
            also.recv(4096)
        return here in readable


class Talk:
    """One bound connection: what is submitted, what is answered, what is heard."""

    def __init__(
        self,
        wire: Wire,
        settings: SmsSettings,
        orders: Queue[Order],
        heard_so_far: Queue[Receipt | IncomingSms],
    ) -> None:
        self._wire = wire
        self._settings = settings
        self._orders = orders
        self._heard = heard_so_far
        self._mine: deque[Order] = deque()
        """Orders with parts that are still to be submitted."""
        self._unanswered: dict[int, tuple[Order, float]] = {}
        """By sequence number, with when we stop waiting."""
        self._pause = (0.0, 0.0)
        """How long, and until when, nothing is submitted."""
        self._quiet_since = monotonic()

    @property
    def is_busy(self) -> bool:
        """Somebody waits for an answer."""
        return bool(self._mine or self._unanswered)

    def turn(self, touched: socket.socket) -> None:
        """Submit what may be, then wait a little for what comes. Raises when the centre is lost."""
        now = monotonic()
        self._submit(now)
        self._stop_waiting(now)
        smpp_settings = self._settings.smpp
        if now - self._quiet_since > smpp_settings.enquire_seconds:
            if now - self._quiet_since > 2 * smpp_settings.enquire_seconds:
                raise LostError("no sign of life")
            self._wire.send_pdu(smpp.make_pdu("enquire_link", client=self._wire))
        limits = [1.0, smpp_settings.enquire_seconds / 4]
        limits += [until - now for _, until in self._unanswered.values()]
        if self._mine:
            limits.append(max(0.01, self._pause[1] - now))
        if self._wire.has_something(touched, min(limits)):
            self._take(self._wire.read_pdu())

    def give_up(self) -> None:
        """Tell whoever still waits what came of it."""
        for order, _ in self._unanswered.values():
            _settle(order, unknown("the SMS centre was lost before it answered"))
        for order in self._mine:
            if order.next_part:
                _settle(order, unknown("the SMS centre was lost between two parts"))
            else:
                _settle(order, Again("the SMS centre was lost"))
        self._unanswered.clear()
        self._mine.clear()

    def _submit(self, now: float) -> None:
        window = self._settings.smpp.window
        while len(self._unanswered) + len(self._mine) < window:
            try:
                self._mine.append(self._orders.get_nowait())
            except Empty:
                break
        if now < self._pause[1]:
            return
        while self._mine and len(self._unanswered) < window:
            order = self._mine.popleft()
            part = smpp.make_pdu("submit_sm", client=self._wire, **order.parts[order.next_part])
            self._unanswered[part.sequence] = (order, now + self._settings.timeout_seconds)
            order.next_part += 1
            self._wire.send_pdu(part)

    def _stop_waiting(self, now: float) -> None:
        for sequence, (order, until) in list(self._unanswered.items()):
            if now > until:
                del self._unanswered[sequence]
                _settle(order, unknown("the SMS centre did not answer in time"))
        for order in [each for each in self._mine if now > each.deadline]:
            self._mine.remove(order)
            late = "the SMS centre asks to go slower"
            part_way = order.next_part > 0
            _settle(order, unknown(late) if part_way else Again(late, timedelta(seconds=10)))

    def _take(self, pdu: PDU) -> None:
        self._quiet_since = monotonic()
        if pdu.command in ("submit_sm_resp", "generic_nack"):
            order, _ = self._unanswered.pop(pdu.sequence, (None, 0.0))
            if order is not None:
                self._answered(order, pdu)
        elif pdu.command == "deliver_sm":
            self._answer(pdu, "deliver_sm_resp", 0 if self._keep(pdu) else _QUEUE_FULL)
        elif pdu.command == "enquire_link":
            self._answer(pdu, "enquire_link_resp", 0)
        elif pdu.command == "unbind":
            self._answer(pdu, "unbind_resp", 0)
            raise LostError("it unbound")

    def _answered(self, order: Order, pdu: PDU) -> None:
        if pdu.status in THROTTLED:
            length = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._pause[0]))
            self._pause = (length, monotonic() + length)
            order.next_part -= 1
            self._mine.appendleft(order)
            return
        if pdu.is_error():
            fate: Fate = fate_of_status(pdu.status)
            if order.next_part > 1:
                fate = unknown(f"part {order.next_part} was refused (0x{pdu.status:X})")
            _settle(order, fate)
            return
        self._pause = (self._pause[0] / 2, 0.0)
        if order.next_part < len(order.parts):
            self._mine.appendleft(order)
            return
        _settle(order, Sent((pdu.message_id or b"").decode("latin-1").strip("\x00")))

    def _keep(self, pdu: PDU) -> bool:
        fields = ("esm_class", "data_coding", "short_message", "message_payload", "source_addr",
                  "receipted_message_id", "message_state")  # fmt: skip
        told = heard({name: getattr(pdu, name, None) for name in fields})
        if told is None:
            return True
        try:
            self._heard.put_nowait(told)
        except Full:
            return False
        return True

    def _answer(self, pdu: PDU, command: str, status: int) -> None:
        answer = smpp.make_pdu(command, client=self._wire)
        answer.sequence, answer.status = pdu.sequence, status
        self._wire.send_pdu(answer)


def _settle(order: Order, fate: Fate) -> None:
    if not order.done.done():
        order.done.set_result(fate)
