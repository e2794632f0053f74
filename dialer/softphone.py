"""A softphone: rung over SIP, spoken to and heard through a sound device of this computer.

sip thread     is rung, polls pjsip
media thread   pjsip's own: one frame each 20 ms
device thread  microphone -> said, heard -> speaker, at the device's own pace
"""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from dialer.line_news import SipError
from dialer.sip_thread import SWITCH_SECONDS
from dialer.softphone_handset import Handset
from dialer.softphone_stack import BUSY, OK, RINGING, PhoneStack
from dialer.softphone_state import Doorkeeper, PhoneState, PhoneStep, Refusal, next_phone_state
from dialer.sound_device import SoundDevice

FORBIDDEN, UNAVAILABLE = 403, 480
POLL_SECONDS = 0.005
START_SECONDS = 15.0
GOODBYE_POLLS = 100
"""So long a far end may take to acknowledge our BYE when we stop."""
_STATUSES = {Refusal.STRANGER: FORBIDDEN, Refusal.BUSY: BUSY, Refusal.DEVICE: UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Rings:
    """Somebody rings."""

    caller: str
    """His SIP address as he gave it."""


@dataclass(frozen=True, slots=True)
class Talks:
    """The call stands."""


@dataclass(frozen=True, slots=True)
class Over:
    """The call is over, or nobody took it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody rang and was refused."""

    caller: str
    address: str
    why: Refusal


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """The sound device is gone, and no further call is taken."""

    advice: str


PhoneNews = Rings | Talks | Over | Refused | DeviceLost


class Softphone:
    """One telephone on this computer; one per process, used once."""

    def __init__(
        self, device: SoundDevice, doorkeeper: Doorkeeper, *, answers_itself: bool = False
    ) -> None:
        self.news: queue.SimpleQueue[PhoneNews] = queue.SimpleQueue()
        """What happens, in order; some lines for each call that somebody must look at."""
        self.handset = Handset(device, self._lost)
        self._doorkeeper = doorkeeper
        self._answers_itself = answers_itself
        self._commands: queue.SimpleQueue[Callable[[PhoneStack], None]] = queue.SimpleQueue()
        self._device_is_gone = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> PhoneState:
        """What the telephone is doing."""
        return self.handset.state

    def start(self, address: str, port: int) -> int:
        """Be ready to be rung; return the SIP port, any free one for port 0. Raises SipError."""
        sys.setswitchinterval(SWITCH_SECONDS)
        started: queue.SimpleQueue[int | SipError] = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=self._serve, args=(address, port, started), name="sip", daemon=True
        )
        self._thread.start()
        answer = started.get(timeout=START_SECONDS)
        if isinstance(answer, SipError):
            raise answer
        self.handset.start()
        return answer

    def stop(self) -> None:
        """Hang up, and give the device back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.handset.stop()

    def answer(self) -> None:
        """Take the call that rings; nothing without one."""
        self._commands.put(PhoneStack.answer)

    def hang_up(self) -> None:
        """Refuse the call that rings, or end the one that stands; nothing without one."""
        self._commands.put(PhoneStack.hang_up)

    # What the stack asks and tells, on the SIP thread

    def offered(self, caller: str, address: str) -> int:
        """Decide whether a call may ring."""
        why = self._refusal(address)
        if why is not None:
            self.news.put(Refused(caller, address, why))
            return _STATUSES[why]
        self._step(PhoneStep.RING)
        self.news.put(Rings(caller))
        return OK if self._answers_itself else RINGING

    def up(self) -> None:
        """The call stands."""
        self._step(PhoneStep.ANSWER)
        self.news.put(Talks())

    def over(self, reason: str) -> None:
        """The call is over."""
        self._step(PhoneStep.END)
        self.news.put(Over(reason))

    def _refusal(self, address: str) -> Refusal | None:
        if not self._doorkeeper.lets(address):
            return Refusal.STRANGER
        if self._device_is_gone:
            return Refusal.DEVICE
        return Refusal.BUSY if self.state is not PhoneState.WAITING else None

    def _step(self, step: PhoneStep) -> None:
        self.handset.state = next_phone_state(self.state, step)

    def _lost(self, advice: str) -> None:
        self._device_is_gone = True
        self.hang_up()
        self.news.put(DeviceLost(advice))

    def _serve(self, address: str, port: int, started: queue.SimpleQueue[int | SipError]) -> None:
        try:
            stack = PhoneStack(address, port, self.handset.sounds, self)
        except SipError as error:
            started.put(error)
            return
        started.put(stack.sip_port)
        while not self._stopping.is_set():
            self._poll(stack)
        stack.hang_up()
        polls = 0
        while self.state is not PhoneState.WAITING and polls < GOODBYE_POLLS:
            self._poll(stack)
            polls += 1
        stack.close()

    def _poll(self, stack: PhoneStack) -> None:
        with contextlib.suppress(queue.Empty):
            self._commands.get(timeout=POLL_SECONDS)(stack)
        stack.poll()
