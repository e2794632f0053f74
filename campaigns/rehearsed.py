"""RehearsedCallers: calls on paper, for tests and for trying a campaign without a telephone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

from sqlalchemy.orm import Session

from campaigns.callers import CallersNews
from campaigns.order import CallOrder, CallProgress, CallReport, CallStage
from dialer.leg import HangupCause
from dialer.supervisor import NoFreeSlot, Ready, WorkerLost, WorkerMessage, WorkerReady
from ivr.exchange import DialogOutcome, DialogResult
from ivr.transcript import Speaker, Turn
from store.models import Contact, Delivery, Recipient
from store.queries import create_campaign


class StillTalking:
    """An answer of a script: the call goes on until the test ends it."""


STILL_TALKING = StillTalking()

Script = Callable[[CallOrder], CallReport | StillTalking]


def confirms(order: CallOrder) -> CallReport:
    """Return the report of a call in which everything announced suits the recipient."""
    return CallReport(
        attempt=order.attempt,
        cause=HangupCause.WE_HUNG_UP,
        sip_status=200,
        answered=True,
        ring_seconds=3.0,
        talk_seconds=15.0,
        result=DialogResult(DialogOutcome.CONFIRMED, finished=True),
        turns=(
            Turn(Speaker.MENLING, "请问方便签收吗?", 0.3, 6.0, prompt="announce"),
            Turn(Speaker.CALLEE, "可以", 6.5, 7.1, prompt="announce", intent="yes"),
        ),
        recording=order.recording,
        flow_version="rehearsal",
    )


def ends_with(cause: HangupCause, sip_status: int = 0) -> Script:
    """Return a script in which nobody picks up, for that reason."""

    def script(order: CallOrder) -> CallReport:
        return CallReport(
            attempt=order.attempt,
            cause=cause,
            sip_status=sip_status,
            answered=False,
            ring_seconds=1.0,
            talk_seconds=0.0,
        )

    return script


def invent_campaign(
    session: Session,
    now: datetime,
    people: int,
    *,
    first: int = 1,
    name: str = "rehearsal",
    time_zone: str = "Asia/Shanghai",
    policy: Mapping[str, object] | None = None,
) -> int:
    """Write a campaign with invented contacts, one parcel each, due tomorrow; return its id.

    `first` numbers the first of them; campaigns that shall not ring the same people differ in it.
    """
    made = create_campaign(
        session,
        name=name,
        flow="pre-delivery",
        company="顺达快递",
        now=now,
        time_zone=time_zone,
        policy=policy,
    )
    tomorrow = now + timedelta(days=1)
    for number in range(first, first + people):
        phone = f"+8613800{138000 + number}"
        person = Recipient(name=f"收件人{number}", phone=phone)
        contact = Contact(
            campaign_id=made.id,
            recipient=person,
            phone=phone,
            language=made.language,
            time_zone=time_zone,
            useful_until=tomorrow + timedelta(hours=2),
        )
        contact.deliveries.append(
            Delivery(
                campaign_id=made.id,
                waybill=f"SD{made.id:04}{number:06}",
                address=f"幸福路{number}号",
                window_start=tomorrow,
                window_end=tomorrow + timedelta(hours=2),
            )
        )
        session.add(contact)
    session.flush()
    return made.id


def keeps_talking(order: CallOrder) -> StillTalking:
    """Never end the call; whoever rehearses ends it."""
    return STILL_TALKING


def rehearse(script: Script, connection: Connection, number: int) -> None:
    """Live as a worker process that plays a script; `partial(rehearse, confirms)` is an entry."""
    connection.send(Ready())
    while isinstance(order := connection.recv(), CallOrder):
        connection.send(CallProgress(order.attempt, CallStage.DIALING))
        report = script(order)
        if isinstance(report, CallReport):
            connection.send(report)


class RehearsedCallers:
    """Answers each order at once with what the script says; all on one worker, number 0."""

    def __init__(self, script: Script = confirms, slots: int = 8) -> None:
        self._script = script
        self._slots = slots
        self._taken: set[int] = set()
        self._news: asyncio.Queue[CallersNews] = asyncio.Queue(4 * slots)
        self.orders: list[CallOrder] = []
        """Every order taken, in order."""
        self.told: list[object] = []
        """Every other message, in order."""
        self.is_running = False

    async def start(self) -> None:
        """Take orders from now on."""
        self.is_running = True
        self._news.put_nowait(WorkerReady(0))

    async def stop(self) -> None:
        """Take no more orders."""
        self.is_running = False

    def free_slots(self) -> int:
        """Return how many orders would be taken now."""
        return self._slots - len(self._taken)

    def submit(self, key: int, message: object) -> None:
        """Take an order and play it. Raises NoFreeSlot, and TypeError for anything else."""
        if not isinstance(message, CallOrder):
            raise TypeError(f"an order is expected, not {type(message).__name__}")
        if not self.free_slots():
            raise NoFreeSlot(f"all {self._slots} slots are taken")
        self._taken.add(key)
        self.orders.append(message)
        self._tell(CallProgress(key, CallStage.DIALING))
        report = self._script(message)
        if isinstance(report, CallReport):
            self._tell(report)

    def tell(self, key: int, message: object) -> bool:
        """Keep a message about a call that is held."""
        if key in self._taken:
            self.told.append(message)
        return key in self._taken

    def tell_all(self, message: object) -> None:
        """Keep a message to all."""
        self.told.append(message)

    def say(self, message: object) -> None:
        """Let the worker say something about a call."""
        self._tell(message)

    async def receive(self) -> CallersNews:
        """Return the next news."""
        return await self._news.get()

    def release(self, key: int) -> None:
        """The slot of `key` is free again."""
        self._taken.discard(key)

    def end(self, report: CallReport) -> None:
        """End a call that was still talking."""
        self._tell(report)

    def kill_worker(self, exit_code: int = -9) -> tuple[int, ...]:
        """Let the worker die with all its calls; another takes its place. Return the keys lost."""
        lost = tuple(sorted(self._taken))
        self._taken.clear()
        self._news.put_nowait(WorkerLost(0, lost, exit_code))
        self._news.put_nowait(WorkerReady(0))
        return lost

    def _tell(self, message: object) -> None:
        self._news.put_nowait(WorkerMessage(0, message))
