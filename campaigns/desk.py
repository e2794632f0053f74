"""Desk: brings agents and customers together; all it knows of them is in the store.

At each tick one transaction takes what workers told, what people asked and whose time is over, and
what follows is sent to the workers after it. A store that is slow or gone holds up the desk alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from campaigns.callers import Callers
from campaigns.desk_access import barred, send_away
from campaigns.desk_apart import STORE_AWAY, Parts, apart
from campaigns.desk_asking import CallNow, Refused, take_order
from campaigns.desk_clearing import SILENCE
from campaigns.desk_decisions import carry_out
from campaigns.desk_effects import Arrived, Changed, Effect, Gone, Send
from campaigns.desk_filing import file_forms
from campaigns.desk_form import forms_to_apply
from campaigns.desk_news import DeskNews, take_news
from campaigns.desk_routing import Decision, route, staffed
from campaigns.desk_rules import DeskRules
from campaigns.desk_words import FAULT
from campaigns.live_book import LiveBook
from ivr.people import DeskStaffed, ShowOut, TransferMoved
from store.database import Database
from store.desk_agents import put_off, silent_agents, step_agent
from store.desk_orders import refuse_order, refuse_unknown_orders, take_orders, untaken_orders
from store.desk_queries import agents, talks
from store.desk_states import AgentStep
from store.desk_transfers import transfers_held_by
from store.desk_types import AgentState, TransferStatus
from store.desk_values import AgentFacts, OrderFacts, PersonInCall
from store.errors import DeskError

log = logging.getLogger(__name__)

_UNDECIDED: Final = (TransferStatus.WAITING, TransferStatus.OFFERED)


@dataclass(frozen=True, slots=True)
class _Done:
    effects: tuple[Effect, ...]
    languages: frozenset[str]


@dataclass(slots=True)
class _Told:
    """What the workers were told."""

    languages: frozenset[str] | None = None
    """In which somebody is there; None: nothing yet."""
    shown_out: set[int] = field(default_factory=set)
    """Joins of people who may take part no more."""


class Desk:
    """The desk of one engine: its calls, and the agents of all."""

    def __init__(
        self,
        database: Database,
        callers: Callers,
        book: LiveBook,
        rules: DeskRules,
        thread: Executor,
    ) -> None:
        """`thread` runs the transactions, one after the other."""
        self._database = database
        self._callers = callers
        self._book = book
        self._rules = rules
        self._thread = thread
        self._news: deque[DeskNews] = deque()
        self._parts = Parts()
        self._told = _Told()

    def heard(self, news: DeskNews) -> None:
        """Take what a worker told; it is acted on at the next tick."""
        self._news.append(news)
        if isinstance(news, TransferMoved):
            self._book.state(news.attempt, news.stage.value)

    def forget_news(self) -> None:
        """Leave out what was told and can't be acted on."""
        self._news.clear()

    def workers_changed(self) -> None:
        """Tell all workers again who is there: one of them is new."""
        self._told.languages = None

    async def tick(self, now: datetime) -> None:
        """Do what is due. Raises StoreError; then it is done at a later tick."""
        news = tuple(self._news)
        calls = self._book.calls_now()
        done = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._step, news, calls, now
        )
        for _ in news:
            self._news.popleft()
        for effect in done.effects:
            self._carry_out(effect)
        if done.languages != self._told.languages:
            self._callers.tell_all(DeskStaffed(done.languages))
            self._told.languages = done.languages

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Send(message):
                if isinstance(message, ShowOut):
                    self._told.shown_out.add(message.join)
                if not self._callers.tell(message.attempt, message):
                    log.info("nobody holds attempt %d any more", message.attempt)
            case Arrived(attempt, person):
                others = self._others(attempt, person.join)
                self._book.set_people(attempt, (*others, person))
            case Changed(attempt, join, mode):
                people = self._book.people(attempt)
                self._book.set_people(
                    attempt,
                    tuple(replace(p, mode=mode) if p.join == join else p for p in people),
                )
            case Gone(attempt, join):
                self._book.set_people(attempt, self._others(attempt, join))
                self._told.shown_out.discard(join)

    def _others(self, attempt: int, join: int) -> tuple[PersonInCall, ...]:
        return tuple(each for each in self._book.people(attempt) if each.join != join)

    # What follows runs in the thread of the desk.

    def _step(self, news: Sequence[DeskNews], calls: Mapping[int, CallNow], now: datetime) -> _Done:
        if not news:
            due, languages = self._look(calls, now)
            if not due:
                return _Done((), languages)
        effects: list[Effect] = []
        with self._database.transaction() as session:
            for each in news:
                effects += self._take_news(session, each, calls, now)
            for what, work in (
                ("who may take part", lambda: self._bar(session, calls, now)),
                ("orders", lambda: self._orders(session, calls, now)),
                ("absent agents", lambda: self._put_off(session, now)),
                ("agents who write", lambda: self._end_writing(session, now)),
                ("who is offered what", lambda: self._route(session, now)),
                ("forms", lambda: file_forms(session, now)),
            ):
                effects += self._parts.do(session, what, now, work)
            languages = self._there(session, now)
        return _Done(tuple(effects), languages)

    def _there(self, session: Session, now: datetime) -> frozenset[str]:
        """Return in which languages somebody is there; as before, where that can't be read."""
        found: list[frozenset[str]] = []

        def look() -> tuple[Effect, ...]:
            found.append(self._staffed(agents(session, present=True)))
            return ()

        self._parts.do(session, "who is there", now, look)
        return found[0] if found else self._told.languages or frozenset()

    def _bar(
        self, session: Session, calls: Mapping[int, CallNow], now: datetime
    ) -> Iterator[Effect]:
        present = agents(session, present=True)
        yield from send_away(session, barred(session, present, calls, self._told.shown_out), now)

    def _orders(
        self, session: Session, calls: Mapping[int, CallNow], now: datetime
    ) -> Iterator[Effect]:
        engine = self._rules.place.engine
        refuse_unknown_orders(session, engine, now, FAULT)
        for order in take_orders(session, engine, now):
            yield from self._take_order(session, order, calls, now)

    def _put_off(self, session: Session, now: datetime) -> Iterator[Effect]:
        for absent in silent_agents(session, now, SILENCE):
            put_off(session, absent, now)
        yield from ()

    def _end_writing(self, session: Session, now: datetime) -> Iterator[Effect]:
        for writer in self._done_writing(agents(session, present=True), now):
            step_agent(session, writer.user_id, AgentStep.GO_READY, now)
        yield from ()

    def _route(self, session: Session, now: datetime) -> Iterator[Effect]:
        for decision in self._decisions(session, now):
            yield from carry_out(session, decision, now)

    def _take_news(
        self, session: Session, news: DeskNews, calls: Mapping[int, CallNow], now: datetime
    ) -> tuple[Effect, ...]:
        call = calls.get(news.attempt)
        language = "" if call is None else call.language
        what = f"{type(news).__name__} of attempt {news.attempt}"
        try:
            with apart(session, what):
                return take_news(session, news, self._rules.place.engine, language, now)
        except DeskError as error:
            log.warning("%s came too late: %s", what, error)
        return ()

    def _take_order(
        self, session: Session, order: OrderFacts, calls: Mapping[int, CallNow], now: datetime
    ) -> tuple[Effect, ...]:
        why = FAULT
        try:
            with apart(session, f"order {order.id} ({order.kind})"):
                call = calls.get(order.attempt_id or 0)
                return take_order(session, order, call, self._rules.place, now)
        except Refused as refused:
            why = refused.why
        refuse_order(session, order.id, now, why)
        return ()

    def _look(self, calls: Mapping[int, CallNow], now: datetime) -> tuple[bool, frozenset[str]]:
        """Return whether anything is due, and in which languages somebody is there.

        Where a row can't be read something is due: the parts that can be done are done.
        """
        engine = self._rules.place.engine
        with self._database.reading() as session:
            try:
                present = agents(session, present=True)
                due = bool(
                    untaken_orders(session, engine)
                    or barred(session, present, calls, self._told.shown_out)
                    or silent_agents(session, now, SILENCE)
                    or self._done_writing(present, now)
                    or self._decisions(session, now)
                    or forms_to_apply(session)
                )
            except STORE_AWAY:
                raise
            except Exception:
                # The part that meets that row tells of it, see `Parts.do`.
                return True, self._told.languages or frozenset()
        return due, self._staffed(present)

    def _decisions(self, session: Session, now: datetime) -> tuple[Decision, ...]:
        waiting = transfers_held_by(session, self._rules.place.engine, _UNDECIDED)
        if not waiting:
            return ()
        talking = {each.agent_id for each in talks(session)}
        free = [
            each
            for each in agents(session, present=True)
            if each.state is not AgentState.READY or each.user_id not in talking
        ]
        return route(waiting, free, now, self._rules.routing)

    def _done_writing(self, present: Sequence[AgentFacts], now: datetime) -> tuple[AgentFacts, ...]:
        limit = self._rules.wrap_up
        if limit is None:
            return ()
        return tuple(
            each
            for each in present
            # One who began to write in a time to come did so before the clock was set back.
            if each.state is AgentState.WRAP_UP
            and not timedelta() <= now - each.state_since < limit
        )

    def _staffed(self, present: Sequence[AgentFacts]) -> frozenset[str]:
        return staffed(present) if self._rules.enabled else frozenset()
