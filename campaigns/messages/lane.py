"""Lane: what goes out to one target, in a thread of its own, so that a dead one blocks no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from sqlalchemy.orm import Session

from campaigns.messages.circuit import Circuit, CircuitRules
from campaigns.messages.fates import Again, Dead, Fate, Patience, Sent
from store.database import Database
from store.errors import StoreError
from store.message_queries import anything_due
from store.message_types import MessageWhy
from store.message_values import ClaimedMessage, OutgoingMessage
from store.messages import bury, claim_due, handing_over, mark_sent, put_off

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""Longer than any try takes."""
AT_ONCE: Final = 50


class Way(Protocol):
    """How a message goes out."""

    parallel: int
    """So many at once."""

    @property
    def once_only(self) -> bool:
        """It would send a second time what it was given twice."""

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Send a message and wait for what comes of it; called in several threads."""


@dataclass(frozen=True, slots=True)
class LaneRules:
    """How a lane goes about it."""

    circuit: CircuitRules
    patience: Patience
    quiet_until: Callable[[Session, ClaimedMessage, datetime], datetime]
    """The moment from which a recipient may be written to; `now`: now."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What a lane is given of the world."""

    clock: Callable[[], datetime]
    chance: Callable[[], float]
    """A number from 0 to 1."""
    tell: Callable[[str], None]
    """Tell operators something."""


class Lane:
    """The way to one target."""

    def __init__(
        self,
        target: str,
        way: Way,
        database: Database,
        sender: str,
        rules: LaneRules,
        outside: Outside,
    ) -> None:
        self.target = target
        self._way = way
        self._database = database
        self._sender = sender
        self._rules = rules
        self._outside = outside
        self._circuit = Circuit()
        self._turn = Lock()

    def work(self, go_on: Callable[[], bool]) -> int:
        """Send what is due until nothing is, or the target is to be left alone; return how many.

        Does nothing while another thread is at it. Raises StoreError.
        """
        if not self._turn.acquire(blocking=False):
            return 0
        sent = 0
        try:
            while go_on():
                claims = self._claim()
                if claims is None:
                    return sent
                sent += self._send(claims)
            return sent
        finally:
            self._turn.release()

    def _claim(self) -> tuple[ClaimedMessage, ...] | None:
        """Return what may be sent now; None when nothing is due, or the target has to rest."""
        now = self._outside.clock()
        at_most = min(AT_ONCE, self._circuit.may_send(self._rules.circuit, now))
        if not at_most:
            return None
        with self._database.reading() as session:
            if not anything_due(session, self.target, now):
                return None
        with self._database.transaction() as session:
            claims = claim_due(
                session,
                self.target,
                now,
                sender=self._sender,
                lease_until=now + LEASE,
                at_most=at_most,
            )
            awake = [each for each in claims if not self._put_to_sleep(session, each, now)]
            if self._way.once_only:
                awake = [each for each in awake if handing_over(session, each)]
        self._circuit = self._circuit.spent(self._rules.circuit, len(awake), now)
        return tuple(awake) if claims else None

    def _put_to_sleep(self, session: Session, claim: ClaimedMessage, now: datetime) -> bool:
        """Keep a message until its recipient may be written to; say whether it had to be."""
        if not claim.message.kind.is_to_a_person:
            return False
        until = self._rules.quiet_until(session, claim, now)
        return until > now and put_off(session, claim, until, counts=False)

    def _send(self, claims: Sequence[ClaimedMessage]) -> int:
        now = self._outside.clock()
        with ThreadPoolExecutor(self._way.parallel, f"to {self.target}") as pool:
            fates = list(pool.map(lambda each: self._fate(each, now), claims))
        now = self._outside.clock()
        with self._database.transaction() as session:
            for claim, fate in zip(claims, fates, strict=True):
                self._settle(session, claim, fate, now)
        was_open = self._circuit.open_until
        for fate in fates:
            self._circuit = self._circuit.after(fate, self._rules.circuit, now)
        opened = self._circuit.open_until
        if opened is not None and was_open is None:
            why = next((each.error for each in fates if isinstance(each, Again)), "")
            self._outside.tell(
                f"消息通道 {self.target} 暂时不可用（{why}），稍后自动重试；"
                "详情见 menling messages list。"
            )
        return sum(isinstance(each, Sent) for each in fates)

    def _fate(self, claim: ClaimedMessage, now: datetime) -> Fate:
        try:
            return self._way.send(claim.message, now)
        except StoreError as error:
            return Again(str(error))
        except Exception as error:
            # A message that trips us up must not hold up those behind it; it is told and buried.
            log.exception("a fault in sending to %s", self.target)
            fault = f"a fault of ours: {type(error).__name__}"
            if self._way.once_only:
                return Dead(MessageWhy.UNKNOWN, fault)
            return Again(fault, is_ours=True)

    def _settle(self, session: Session, claim: ClaimedMessage, fate: Fate, now: datetime) -> None:
        if isinstance(fate, Sent):
            mark_sent(session, claim, now, provider_id=fate.provider_id, conflict=fate.conflict)
            if fate.conflict:
                self._outside.tell(
                    f"{self.target} 对结果提出异议，见 menling messages show {claim.id}"
                )
            return
        if isinstance(fate, Dead):
            bury(session, claim, fate.why, fate.error)
            return
        wait = self._rules.patience.wait(claim.tries, self._outside.chance(), fate.after)
        if wait is None:
            bury(session, claim, MessageWhy.TRIES, fate.error)
        else:
            put_off(session, claim, now + wait, fate.error)
