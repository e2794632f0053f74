"""What the store tells a monitoring system; what is over for good is added up once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final, TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from sqlalchemy.orm import Session

from campaigns.order import CallStage
from store.callbacks import callbacks_owed
from store.database import Database
from store.desk_types import AgentState, TransferStatus
from store.errors import StoreError
from store.message_queries import message_counts
from store.message_values import MessageCount
from store.metric_queries import (
    SettledCount,
    Standing,
    last_finished_transfer,
    latencies_between,
    newest_outcome,
    running_contacts,
    settled_between,
    standing,
    waits_between,
)
from store.types import CampaignStatus, ContactStatus, Outcome, TicketStatus

Word = TypeVar("Word", bound=StrEnum)

ALIVE: Final = timedelta(seconds=10)
"""An engine that gave no sign for so long is taken for dead."""
ARRIVED: Final = timedelta(seconds=60)
"""No outcome older than this can still be on its way into the store."""
HISTORY: Final = 20_000
"""So many outcomes back the latencies go when the console starts."""

LATENCY_BUCKETS: Final = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0)
WAIT_BUCKETS: Final = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0)

TRUNK_FIGURES: Final = ("channels", "in_use", "failures")
"""Of what engines tell of their trunk; numbers only."""


class CallbackState(StrEnum):
    """Whether a callback can still be made as promised."""

    OWED = "owed"
    LATE = "late"


@dataclass(slots=True)
class Buckets:
    """A histogram that grows."""

    bounds: tuple[float, ...]
    counts: list[int]
    total: float = 0.0

    def add(self, values: Iterable[float]) -> None:
        """Count values in."""
        for value in values:
            place = next((at for at, bound in enumerate(self.bounds) if value <= bound), -1)
            self.counts[place] += 1
            self.total += value

    def and_also(self, values: Iterable[float]) -> Buckets:
        """Return another histogram with these values counted in."""
        more = Buckets(self.bounds, list(self.counts), self.total)
        more.add(values)
        return more

    def family(self, name: str, what: str) -> HistogramMetricFamily:
        """Return it as Prometheus reads it."""
        so_far, steps = 0, []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            so_far += count
            steps.append((bound, so_far))
        family = HistogramMetricFamily(name, what)
        family.add_metric([], steps, self.total)
        return family


@dataclass(slots=True)
class _Over:
    """What is over for good, and how far it was read."""

    latencies: Buckets
    waits: Buckets
    calls: tuple[SettledCount, ...] = ()
    outcomes_read: int = 0
    transfers_read: int = 0
    begun: bool = False


class StoreFigures:
    """Reads the store when somebody asks; one at a time."""

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database = database
        self._lock = Lock()
        self._over = _Over(_no_values(LATENCY_BUCKETS), _no_values(WAIT_BUCKETS))

    def begin(self, now: datetime) -> None:
        """Add up what is over for good, seconds for a million calls; it is done once.

        Raises StoreError.
        """
        with self._lock:
            if not self._over.begun:
                with self._database.reading() as session:
                    self._add_up(session, now)

    def contacts(self) -> Mapping[ContactStatus, int]:
        """Count the contacts of the campaigns that run: half a second for a million of them.

        Raises StoreError.
        """
        with self._database.reading() as session:
            return running_contacts(session)

    def callbacks(self, now: datetime) -> Mapping[CallbackState, int]:
        """Count the callbacks that are still owed to customers, in time and late.

        Raises StoreError.
        """
        with self._database.reading() as session:
            owed, late = callbacks_owed(session), callbacks_owed(session, now)
        return {CallbackState.OWED: owed - late, CallbackState.LATE: late}

    def families(
        self,
        now: datetime,
        contacts: Mapping[ContactStatus, int] | None = None,
        callbacks: Mapping[CallbackState, int] | None = None,
        *,
        history: bool = True,
    ) -> Iterator[Metric]:
        """Return all figures; without a store only that there is none.

        `contacts`, `callbacks`: as they were counted; None: they are left out. `history`: with what
        is over; no, while it is being added up.
        """
        up = GaugeMetricFamily("menling_store_up", "1 when the store could be read.")
        try:
            with self._database.reading() as session:
                told = [*_of_now(standing(session, now - ALIVE), now)]
                told.append(_of_messages(message_counts(session)))
            if history:
                # The lock first: who reads an older state must not be the later one to add it up.
                with self._lock, self._database.reading() as session:
                    told += self._of_history(session, now)
        except StoreError:
            up.add_metric([], 0)
            told = []
        else:
            up.add_metric([], 1)
        yield up
        yield from told
        if told and contacts is not None:
            yield _by_word("menling_contacts", "Contacts of the campaigns that run.", "status",
                           ContactStatus, contacts)  # fmt: skip
        if told and callbacks is not None:
            yield _by_word("menling_callbacks", "Callbacks that customers were promised.", "state",
                           CallbackState, callbacks)  # fmt: skip

    def _of_history(self, session: Session, now: datetime) -> Iterator[Metric]:
        self._add_up(session, now)
        over = self._over
        young_calls = settled_between(session, over.outcomes_read, None)
        young_latencies = latencies_between(session, over.outcomes_read, None)
        young_waits = waits_between(session, over.transfers_read, None)
        yield from _of_calls(_sum(over.calls, young_calls))
        yield over.latencies.and_also(young_latencies).family(
            "menling_voice_to_voice_seconds",
            "Seconds from a person's last word to our first sound.",
        )
        yield over.waits.and_also(young_waits).family(
            "menling_transfer_wait_seconds", "Seconds that customers waited for a person."
        )

    def _add_up(self, session: Session, now: datetime) -> None:
        over = self._over
        outcomes = newest_outcome(session, now - ARRIVED)
        transfers = last_finished_transfer(session)
        first = over.outcomes_read if over.begun else max(outcomes - HISTORY, 0)
        more_calls = settled_between(session, over.outcomes_read, outcomes)
        more_latencies = latencies_between(session, first, outcomes)
        more_waits = waits_between(session, over.transfers_read, transfers)
        over.calls = _sum(over.calls, more_calls)
        over.latencies.add(more_latencies)
        over.waits.add(more_waits)
        over.outcomes_read, over.transfers_read, over.begun = outcomes, transfers, True


def _no_values(bounds: tuple[float, ...]) -> Buckets:
    return Buckets(bounds, [0] * (len(bounds) + 1))


def _sum(one: Iterable[SettledCount], other: Iterable[SettledCount]) -> tuple[SettledCount, ...]:
    found: dict[tuple[str, str, bool], SettledCount] = {}
    for each in (*one, *other):
        key = (each.disposition, each.outcome, each.answered)
        known = found.get(key)
        found[key] = each if known is None else SettledCount(
            each.disposition,
            each.outcome,
            each.answered,
            known.calls + each.calls,
            known.talk_seconds + each.talk_seconds,
        )  # fmt: skip
    return tuple(found.values())


def _of_messages(counts: Iterable[MessageCount]) -> Metric:
    family = GaugeMetricFamily(
        "menling_messages",
        "Messages to systems and recipients.",
        labels=("kind", "status", "why"),
    )
    for each in counts:
        family.add_metric((each.kind.value, each.status.value, each.why.value), each.messages)
    return family


def _of_calls(counts: tuple[SettledCount, ...]) -> Iterator[Metric]:
    settled = CounterMetricFamily(
        "menling_calls_settled", "Calls that are over.", labels=("disposition", "outcome")
    )
    by_words: dict[tuple[str, str], int] = {}
    for each in counts:
        key = (each.disposition.value, each.outcome.value)
        by_words[key] = by_words.get(key, 0) + each.calls
    for words, calls in sorted(by_words.items()):
        settled.add_metric(words, calls)
    yield settled
    answered = sum(each.calls for each in counts if each.answered)
    confirmed = sum(each.calls for each in counts if each.outcome is Outcome.CONFIRMED)
    calls = sum(each.calls for each in counts)
    yield CounterMetricFamily("menling_calls_answered", "Calls that were answered.", answered)
    yield CounterMetricFamily("menling_calls_confirmed", "Calls that confirmed.", confirmed)
    yield CounterMetricFamily(
        "menling_talk_seconds", "Seconds talked.", sum(each.talk_seconds for each in counts)
    )
    if calls:
        yield GaugeMetricFamily("menling_answer_ratio", "Answered of all calls.", answered / calls)
    if answered:
        yield GaugeMetricFamily(
            "menling_confirm_ratio", "Confirmed of all answered calls.", confirmed / answered
        )


def _of_now(things: Standing, now: datetime) -> Iterator[Metric]:
    known = {each.value for each in CallStage}
    stages = {stage: things.stages.get(stage, 0) for stage in sorted(known)}
    stages["other"] = sum(count for stage, count in things.stages.items() if stage not in known)
    calls = GaugeMetricFamily("menling_calls_in_progress", "By stage.", labels=("stage",))
    for stage, count in stages.items():
        calls.add_metric((stage,), count)
    yield calls
    yield _by_word("menling_agents", "Agents.", "state", AgentState, things.agents)
    yield _by_word("menling_transfers", "Wishes for a person.", "status", TransferStatus,
                   things.transfers)  # fmt: skip
    yield _by_word("menling_campaigns", "Campaigns.", "status", CampaignStatus, things.campaigns)
    unsettled = [each for each in TicketStatus if not each.is_settled]
    yield _by_word("menling_tickets", "Tickets not settled.", "status", unsettled, things.tickets)
    yield GaugeMetricFamily(
        "menling_write_backs_pending", "Outcomes that dispatch doesn't know.", things.write_backs
    )
    yield GaugeMetricFamily(
        "menling_write_back_oldest_seconds",
        "Age of the oldest of them.",
        _age(things.oldest_write_back, now),
    )
    yield from _of_engines(things, now)


def _of_engines(things: Standing, now: datetime) -> Iterator[Metric]:
    look = things.engines
    yield GaugeMetricFamily("menling_engines", "Engines that serve.", look.engines)
    if look.seen_at is not None:
        yield GaugeMetricFamily(
            "menling_engine_seen_seconds",
            "Since the newest sign of an engine.",
            _age(look.seen_at, now),
        )
    yield GaugeMetricFamily("menling_engine_slots", "Calls that can be held.", look.slots)
    yield GaugeMetricFamily("menling_engine_slots_in_use", "Calls that are held.", look.in_use)
    yield GaugeMetricFamily("menling_workers", "Worker processes.", look.workers)
    trunk = GaugeMetricFamily(
        "menling_trunk", "What engines tell of the trunk, together.", labels=("figure",)
    )
    for figure in TRUNK_FIGURES:
        values = [each.get(figure) for each in look.trunks]
        trunk.add_metric((figure,), sum(each for each in values if isinstance(each, int | float)))
    yield trunk


def _by_word(
    name: str, what: str, label: str, words: Iterable[Word], counts: Mapping[Word, int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=(label,))
    for word in words:
        family.add_metric((word.value,), counts.get(word, 0))
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
