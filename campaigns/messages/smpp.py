"""SMPP: one thread that owns the connection to an SMS centre (SMPP 3.4, through smpplib).

It binds when there is something to send or to hear, keeps the connection alive, and unbinds when
nobody has been in touch for a while. `campaigns.messages.smpp_talk` is what goes over it.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
from concurrent.futures import Future
from datetime import datetime
from queue import Empty, Queue
from threading import Lock, Thread
from time import monotonic
from typing import Final

from smpplib import smpp
from smpplib.exceptions import ConnectionError as LostError
from smpplib.exceptions import PDUError, UnknownCommandError

from campaigns.messages.fates import Again, Fate, refused, unknown
from campaigns.messages.smpp_talk import Order, Talk, Wire
from campaigns.messages.smpp_words import IncomingSms, Receipt, submissions
from campaigns.settings_messages import SmsSettings
from store.message_values import OutgoingMessage

log = logging.getLogger(__name__)

UNUSED_SECONDS: Final = 20.0
"""After so long without anybody in touch the link unbinds: its engine leads no more."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
HEARD_LENGTH: Final = 10_000
"""What is heard and not fetched; the centre keeps the rest."""
MARGIN_SECONDS: Final = 30.0
"""The link answers each order in time; a machine may be busy."""
_FAULTS: Final = (LostError, PDUError, UnknownCommandError, OSError, ValueError, struct.error)


class SmppGateway:
    """An SMS centre. It would send an SMS twice: what was submitted and never answered is not
    submitted again."""

    once_only = True

    def __init__(self, settings: SmsSettings) -> None:
        """Do nothing yet; the first message, or `stay`, binds."""
        self._settings = settings
        self.parallel = settings.smpp.window
        self._orders: Queue[Order] = Queue()
        self._heard: Queue[Receipt | IncomingSms] = Queue(HEARD_LENGTH)
        self._lock = Lock()
        self._link: _Link | None = None
        self._reference = 0

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Submit an SMS and wait for the answer."""
        with self._lock:
            self._reference = (self._reference + 1) % 256
            reference = self._reference
        smpp_settings = self._settings.smpp
        try:
            parts = submissions(smpp_settings, message.address, message.body, reference)
        except ValueError as error:
            return refused(str(error))
        patience = self._settings.timeout_seconds * (1 + len(parts))
        order = Order(parts, Future(), monotonic() + patience)
        self._orders.put(order)
        self.stay()
        try:
            return order.done.result(patience + MARGIN_SECONDS)
        except TimeoutError:
            return unknown("the SMS centre did not answer in time")

    def stay(self) -> None:
        """Be bound, also to hear; whoever stops calling this lets the link end."""
        with self._lock:
            if self._link is None or not self._link.stay():
                self._link = _Link(self._settings, self._orders, self._heard)
                self._link.start()

    def listen(self, seconds: float = 0.0) -> tuple[Receipt | IncomingSms, ...]:
        """Return what was heard since the last time; wait so long for something."""
        found: list[Receipt | IncomingSms] = []
        try:
            if seconds:
                found.append(self._heard.get(timeout=seconds))
            while True:
                found.append(self._heard.get_nowait())
        except Empty:
            return tuple(found)

    def close(self) -> None:
        """Unbind after what is under way."""
        with self._lock:
            if self._link is not None:
                self._link.leave()


class _Link(Thread):
    """The thread of one stretch of being in touch; another one takes over after it."""

    def __init__(
        self,
        settings: SmsSettings,
        orders: Queue[Order],
        heard_so_far: Queue[Receipt | IncomingSms],
    ) -> None:
        super().__init__(name="smpp", daemon=True)
        self._settings = settings
        self._orders = orders
        self._heard = heard_so_far
        self._touch, self._touched = socket.socketpair()
        self._lock = Lock()
        self._wanted_until = monotonic() + UNUSED_SECONDS
        self._over = False

    def stay(self) -> bool:
        """Go on for a while; False when it is over."""
        with self._lock:
            if self._over or not self.is_alive():
                return False
            self._wanted_until = monotonic() + UNUSED_SECONDS
            self._touch.send(b".")
            return True

    def leave(self) -> None:
        """End after what is under way."""
        with self._lock:
            if not self._over:
                self._wanted_until = 0.0
                self._touch.send(b".")

    def run(self) -> None:
        """Be bound for as long as somebody is in touch."""
        try:
            self._be_bound()
        finally:
            with self._lock:
                self._over = True
                self._touch.close()
                self._touched.close()

    def _be_bound(self) -> None:
        pause = FIRST_PAUSE
        while self._goes_on():
            wire = Wire(self._settings)
            try:
                _bind(wire, self._settings)
            except _FAULTS as error:
                wire.disconnect()
                told = f"the SMS centre {self._settings.smpp.host} can't be reached: {_said(error)}"
                log.warning(told)
                self._refuse_waiting(Again(told))
                self._rest(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            pause = FIRST_PAUSE
            self._talk(wire)

    def _talk(self, wire: Wire) -> None:
        talk = Talk(wire, self._settings, self._orders, self._heard)
        try:
            while self._goes_on(busy=talk.is_busy):
                talk.turn(self._touched)
            wire.send_pdu(smpp.make_pdu("unbind", client=wire))
            wire.read_pdu()
        except _FAULTS as error:
            log.warning("the SMS centre was lost: %s", _said(error))
        finally:
            talk.give_up()
            wire.disconnect()

    def _goes_on(self, *, busy: bool = False) -> bool:
        with self._lock:
            unwanted = monotonic() > self._wanted_until and self._orders.empty()
            self._over = self._over or (unwanted and not busy)
            return not self._over

    def _refuse_waiting(self, fate: Fate) -> None:
        while True:
            try:
                self._orders.get_nowait().done.set_result(fate)
            except Empty:
                return

    def _rest(self, seconds: float) -> None:
        """Leave the centre alone; whoever has an SMS meanwhile is told that it can't be reached."""
        until = monotonic() + seconds
        while monotonic() < until and self._goes_on():
            readable, _, _ = select.select([self._touched], [], [], until - monotonic())
            if readable:
                self._touched.recv(4096)
            if not self._orders.empty():
                self._refuse_waiting(Again("the SMS centre could not be reached a moment ago"))


def _bind(wire: Wire, settings: SmsSettings) -> None:
    wire.connect()
    account = {
        "system_id": settings.smpp.system_id,
        "password": settings.smpp.password.get_secret_value(),
        "system_type": settings.smpp.system_type,
    }
    if settings.smpp.bind == "transceiver":
        wire.bind_transceiver(**account)
    else:
        wire.bind_transmitter(**account)


def _said(error: Exception) -> str:
    if isinstance(error, PDUError) and error.args:
        return str(error.args[0])
    return str(error) or "the connection broke"
