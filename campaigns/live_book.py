"""LiveBook: the calls in progress as they are told, for those who watch.

It is written into the store in batches; what the store can't take now comes with the next batch,
and nothing that matters to a call or to its settlement is kept here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from campaigns.attempt import flag_record
from campaigns.desk_asking import CallNow
from campaigns.events import CallMoved, CallPlaced, CallSettled, EngineEvent
from campaigns.order import CallProgress, CallStage
from ivr.people import CallFlagged, CallTurn, VoiceMissing
from store.desk_live import LiveBatch, LiveRow
from store.desk_values import FlagRecord, LiveTurnRecord, PersonInCall

TURNS_WAITING: Final = 5000
"""So many turns wait for a store that doesn't take them; then the oldest are forgotten."""


@dataclass(slots=True)
class _Call:
    campaign_id: int
    language: str
    began_at: datetime
    answered_at: datetime | None = None
    stage: CallStage = CallStage.DIALING
    state: str = ""
    speaker: str = ""
    words: str = ""
    flags: tuple[FlagRecord, ...] = ()
    people: tuple[PersonInCall, ...] = ()
    positions: dict[tuple[str, float], int] = field(default_factory=dict)
    """Of the turns told so far, by who began when."""


class LiveBook:
    """What goes on in every call, and what of it the store doesn't know yet."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._changed: set[int] = set()
        self._turns: dict[tuple[int, int], LiveTurnRecord] = {}
        self._over: set[int] = set()
        self.dropped = 0
        """Turns that were forgotten because the store took nothing for too long."""

    def take(self, event: EngineEvent, campaign_id: int, now: datetime) -> None:
        """Note what an event of a campaign changes."""
        match event:
            case CallPlaced():
                self._calls[event.attempt] = _Call(campaign_id, event.language, now)
                self._changed.add(event.attempt)
            case CallMoved(progress):
                self._move(progress, now)
            case CallSettled():
                self._let_go(event.attempt)
            case _:
                pass

    def said(self, news: CallTurn) -> None:
        """Note a turn; told again, it takes the place of what was told before."""
        call = self._calls.get(news.attempt)
        if call is None:
            return
        turn = news.turn
        key = (turn.speaker.value, turn.began_seconds)
        position = call.positions.setdefault(key, len(call.positions))
        words = turn.text or (f"[{turn.key}]" if turn.key else "")
        while len(self._turns) >= TURNS_WAITING:
            del self._turns[next(iter(self._turns))]
            self.dropped += 1
        self._turns[news.attempt, position] = LiveTurnRecord(
            position,
            turn.speaker.value,
            words,
            turn.began_seconds,
            turn.ended_seconds,
            turn.intent,
            news.state,
        )
        call.state, call.speaker, call.words = news.state, turn.speaker.value, words
        self._changed.add(news.attempt)

    def flagged(self, news: CallFlagged) -> None:
        """Note why a call deserves a person's eye."""
        call = self._calls.get(news.attempt)
        if call is not None:
            call.flags = (*call.flags, flag_record(news.flag))
            self._changed.add(news.attempt)

    def state(self, attempt: int, state: str) -> None:
        """Note where a call stands while nobody says anything."""
        call = self._calls.get(attempt)
        if call is not None:
            call.state = state
            self._changed.add(attempt)

    def set_people(self, attempt: int, people: tuple[PersonInCall, ...]) -> None:
        """Note who of us is in a call."""
        call = self._calls.get(attempt)
        if call is not None:
            call.people = people
            self._changed.add(attempt)

    def voice_missing(self, news: VoiceMissing) -> None:
        """Note whether anything is heard from whoever has the call."""
        people = self.people(news.attempt)
        self.set_people(
            news.attempt,
            tuple(
                replace(each, unheard=news.missing) if each.join == news.join else each
                for each in people
            ),
        )

    def people(self, attempt: int) -> tuple[PersonInCall, ...]:
        """Return who of us is in a call."""
        call = self._calls.get(attempt)
        return () if call is None else call.people

    def calls_now(self) -> Mapping[int, CallNow]:
        """Return the calls in progress, as far as orders depend on them."""
        return {
            attempt: CallNow(call.language, call.people) for attempt, call in self._calls.items()
        }

    def forget_all_but(self, held: Collection[int]) -> tuple[int, ...]:
        """Let go of calls that nobody holds any more; return them.

        Somebody else may have settled one, so that its end is told to nobody.
        """
        lost = tuple(attempt for attempt in self._calls if attempt not in held)
        for attempt in lost:
            self._let_go(attempt)
        return lost

    def batch(self) -> LiveBatch:
        """Return what the store doesn't know yet; from now on it is taken to know."""
        rows = [self._row(attempt) for attempt in sorted(self._changed)]
        turns = [(attempt, turn) for (attempt, _), turn in self._turns.items()]
        over = frozenset(self._over)
        self._changed, self._turns, self._over = set(), {}, set()
        return LiveBatch(rows, turns, over)

    def give_back(self, batch: LiveBatch) -> None:
        """Keep for later what the store did not take."""
        self._over |= set(batch.over)
        self._changed |= {row.attempt_id for row in batch.calls if row.attempt_id in self._calls}
        older = {
            (attempt, turn.position): turn
            for attempt, turn in batch.turns
            if attempt in self._calls
        }
        self._turns = older | self._turns

    def _let_go(self, attempt: int) -> None:
        self._calls.pop(attempt, None)
        self._changed.discard(attempt)
        self._over.add(attempt)
        # A turn that is written together with the end of its call would stay in the store for ever.
        for key in [key for key in self._turns if key[0] == attempt]:
            del self._turns[key]

    def _move(self, progress: CallProgress, now: datetime) -> None:
        call = self._calls.get(progress.attempt)
        if call is None:
            return
        call.stage = progress.stage
        if progress.stage is CallStage.TALKING and call.answered_at is None:
            call.answered_at = now
        if progress.text:
            call.speaker, call.words = progress.speaker, progress.text
        self._changed.add(progress.attempt)

    def _row(self, attempt: int) -> LiveRow:
        call = self._calls[attempt]
        return LiveRow(
            attempt,
            call.campaign_id,
            call.stage.value,
            call.began_at,
            call.answered_at,
            call.state,
            call.speaker,
            call.words,
            call.flags,
            call.people,
        )
