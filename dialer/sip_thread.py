"""The one thread that may touch pjsua2, and the pool of lines it lends as legs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

from dialer.causes import Ender
from dialer.leg import LegState
from dialer.live_call import LiveCall
from dialer.mailbox import Mailbox, wake_readers
from dialer.media import Recorder
from dialer.pace import IDLE_SECONDS, Pace
from dialer.pjsip import Line
from dialer.pjsip_leg import PjsipLeg
from dialer.pjsip_stack import PjsipStack
from dialer.registration import RegistrationNews
from dialer.settings import SipSettings

log = logging.getLogger(__name__)

COMMANDS_WAITING = 1024
FLUSH_SECONDS = 0.5
STOP_SECONDS = 3.0
"""How long `stop` waits for the far ends to acknowledge our BYE."""
START_SECONDS = 15.0
# Python hands the GIL to a waiting thread after so long: at the default of 5 ms a conversation that
# thinks would hold up the sound and the commands of the others.
SWITCH_SECONDS = 0.0005


class NoFreeLeg(RuntimeError):  # noqa: N818  reads as what it says
    """Every line is in use, or not yet given back by the far end."""


class SipThread:
    """The one thread that may touch pjsua2.

    Other threads ask by `submit` and hold a PjsipLeg, never a pj object, because pjsua2 deadlocks
    (pjproject#3125) and its objects may only be destroyed here. One per process, started once; a
    process that ends right after `stop` ends without harm.
    """

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.recorder = Recorder()
        self.sip_port = 0
        """Our SIP port, known once started."""
        # Its `get` waits in C; the bound is kept by `submit`.
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._pool = _Pool()
        self._stopping = threading.Event()
        self._started: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._stack: PjsipStack | None = None
        self._thread = threading.Thread(target=self._run, name="sip", daemon=True)

    def start(self) -> None:
        """Start pjsip; raises SipError when it can't, for example because the port is taken."""
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread.start()
        problem = self._started.get(timeout=START_SECONDS)
        if problem is not None:
            self._thread.join()
            raise problem

    def stop(self) -> None:
        """Hang up everything, wait for the far ends a little, and silence the bridge."""
        self._stopping.set()
        self._thread.join()

    def submit(self, command: Callable[[], None]) -> None:
        """Run `command` on the SIP thread, in order; raises queue.Full when it is overwhelmed."""
        if self._commands.qsize() >= COMMANDS_WAITING:
            raise queue.Full
        self._commands.put(command)

    def register(self, tell: Callable[[RegistrationNews], None]) -> None:
        """Register with the trunks that want it until `stop`; `tell` runs on the SIP thread."""

        def begin() -> None:
            if self._stack is not None:
                self._stack.accounts.register(tell)

        self.submit(begin)

    def new_leg(self, loop: asyncio.AbstractEventLoop) -> PjsipLeg:
        """Lend a line as a leg for that loop; raises NoFreeLeg."""
        line = self._pool.take()
        mailbox = Mailbox(loop)
        call = LiveCall(line, mailbox)
        self.submit(lambda: self._pool.use(line, call))
        return PjsipLeg(self, call, mailbox)

    async def next_leg(self) -> PjsipLeg:
        """Lend a line to the running loop, waiting until one is free.

        The line of a call that has ended is free once the far end has acknowledged our BYE,
        or after 8 s.
        """
        loop = asyncio.get_running_loop()
        while True:
            freed = self._pool.freed(loop)
            try:
                return self.new_leg(loop)
            except NoFreeLeg:
                await freed

    def _run(self) -> None:
        try:
            self._stack = stack = PjsipStack(self.settings)
        except Exception as error:
            self._started.put(error)
            return
        self.sip_port = stack.sip_port
        self._pool.fill(stack.lines)
        self.recorder.start()
        self._started.put(None)
        self._serve(stack, until=self._stopping.is_set)
        for call in self._pool.calls():
            call.end(Ender.WE)
        stack.accounts.unregister()
        deadline = time.monotonic() + STOP_SECONDS
        self._serve(stack, until=lambda: not stack.calls() or time.monotonic() > deadline)
        stack.close()
        self.recorder.stop()

    def _serve(self, stack: PjsipStack, until: Callable[[], bool]) -> None:
        next_flush = 0.0
        pace, wait = Pace(), IDLE_SECONDS
        while not until():
            self._obey(wait)
            stack.poll()
            now = time.monotonic()
            calls = self._pool.calls()
            heard = [call.mailbox for call in calls if call.collect()]
            if heard:
                wake_readers(heard)
            for call in calls:
                call.tick(now)
            if now >= next_flush:
                next_flush = now + FLUSH_SECONDS
                for call in calls:
                    call.flush()
            self._pool.collect(stack.calls)
            wait = pace.looked(now, found=bool(heard), calls=bool(calls))

    def _obey(self, seconds: float) -> None:
        """Run the commands that wait, and those that come within so many seconds."""
        until = time.monotonic() + seconds
        while True:
            try:
                command = self._commands.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            try:
                command()
            except Exception:
                # One leg's mistake must not end the calls of the others.
                log.exception("a command to the SIP thread failed")


class _Pool:
    """Lines that are free, those that carry a call, and those whose slot is still taken.

    `take`, `free` and `freed` are called from any thread; the rest on the SIP thread.
    """

    def __init__(self) -> None:
        self._free: deque[Line] = deque()
        self._used: list[tuple[Line, LiveCall]] = []
        self._draining: deque[Line] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    def fill(self, lines: tuple[Line, ...]) -> None:
        """Take over the lines of the stack."""
        self._free.extend(lines)

    def take(self) -> Line:
        """Return a free line; raises NoFreeLeg."""
        try:
            return self._free.popleft()
        except IndexError:
            raise NoFreeLeg("every line of this worker is in use; try again later") from None

    def freed(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Return what is done when the next line is given back."""
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append(future)
        return future

    def use(self, line: Line, call: LiveCall) -> None:
        """Note the call a line carries."""
        self._used.append((line, call))

    def calls(self) -> list[LiveCall]:
        """Return the calls that are not over."""
        return [call for _, call in self._used]

    def collect(self, slots_taken: Callable[[], int]) -> None:
        """Free the lines whose calls are over and whose slots pjsip has given back.

        A hung-up call keeps its slot until its BYE is answered; which slot it is does not
        matter, only how many are taken beyond the calls that go on.
        """
        over = [line for line, call in self._used if call.state is LegState.ENDED]
        if over:
            self._draining.extend(over)
            self._used = [pair for pair in self._used if pair[1].state is not LegState.ENDED]
        if not self._draining:
            return
        taken = slots_taken()
        on_a_call = sum(call.state is not LegState.IDLE for _, call in self._used)
        while len(self._draining) > max(0, taken - on_a_call):
            self._free.append(self._draining.popleft())
            self._wake_all()

    def _wake_all(self) -> None:
        for _ in range(len(self._waiting)):
            future = self._waiting.popleft()
            with contextlib.suppress(RuntimeError):  # its loop is closed
                future.get_loop().call_soon_threadsafe(_done, future)


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
