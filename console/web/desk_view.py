"""What the desk shows one agent at this moment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from store.desk_passing import PassingFacts, passing_of
from store.desk_queries import (
    agent,
    live_call,
    live_turns,
    offer_for,
    unfiled_transfers,
    waiting_transfers,
)
from store.desk_types import AgentState
from store.desk_values import AgentFacts, LiveCallFacts, LiveTurnRecord, PersonInCall, TransferFacts
from store.queries import outcome_of_call
from store.values import LatestOutcome


@dataclass(frozen=True, slots=True)
class DeskView:
    """An agent, what is in front of them, and how many wait."""

    agent: AgentFacts | None
    """None: never signed in at the desk."""
    transfer: TransferFacts | None
    """What is offered, talked or written about."""
    call: LiveCallFacts | None
    """None: there is none, or it is over."""
    turns: tuple[LiveTurnRecord, ...]
    waiting: int
    latest: LatestOutcome | None
    """What the robot's part came to of the talk to write about; None: the call goes on."""
    unfiled: tuple[TransferFacts, ...]
    """Talks of which the form is still to come."""
    passing: PassingFacts | None
    """Whom the agent called up for the customer last."""

    @property
    def panel(self) -> str:
        """Which part of the page is shown."""
        if self.agent is None or self.agent.state is AgentState.OFF:
            return "off"
        if self.transfer is None and self.agent.state in _NEEDS_TRANSFER:
            return "ready"
        return self.agent.state.value

    @property
    def to_write(self) -> TransferFacts | None:
        """Return the talk whose form is shown: one that is just over, or one left unwritten."""
        return _to_write(self.transfer, self.unfiled)

    @property
    def company(self) -> tuple[PersonInCall, ...]:
        """Return who else the agent hears; whoever only listens is nobody's business."""
        people = () if self.call is None else self.call.people
        return tuple(each for each in people if each.mode in _HEARD_BY_AGENT)

    @property
    def own(self) -> PersonInCall | None:
        """Return the agent's own part in the call; None: they are not in one."""
        if self.call is None or self.agent is None:
            return None
        user_id = self.agent.user_id
        return next((each for each in self.call.people if each.user_id == user_id), None)

    @property
    def third(self) -> str:
        """Return where a third stands whom the agent called up: ringing, consulting, or nothing."""
        state = "" if self.call is None else self.call.state
        return state if state in _WITH_THIRD else ""

    @property
    def mark(self) -> str:
        """Return what changes when the page must be drawn anew; turns are drawn by themselves."""
        about = self.transfer
        seen = (
            self.panel,
            None if self.agent is None else self.agent.news,
            None if about is None else about.brief.get("parcel"),
            self.own is not None and self.own.unheard,
            None if about is None else (about.id, about.status, about.offered_at),
            None if self.call is None else (self.call.attempt_id, self.third),
            None if self.passing is None else (self.passing.order_id, bool(self.passing.refused)),
            tuple((each.join, each.mode) for each in self.company),
            self.latest is not None,
            tuple(each.id for each in self.unfiled),
        )
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


_NEEDS_TRANSFER = frozenset({AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP})
_HEARD_BY_AGENT = frozenset({"whisper", "barge"})
_WITH_THIRD = frozenset({"ringing", "consulting"})


def desk_view(session: Session, user_id: int) -> DeskView:
    """Return what the desk shows an agent."""
    about = offer_for(session, user_id)
    unfiled = unfiled_transfers(session, user_id)
    writing = _to_write(about, unfiled)
    call = None if about is None else live_call(session, about.attempt_id)
    return DeskView(
        agent=agent(session, user_id),
        transfer=about,
        call=call,
        turns=() if about is None else live_turns(session, about.attempt_id),
        latest=None if writing is None else outcome_of_call(session, writing.attempt_id),
        waiting=len(waiting_transfers(session)),
        unfiled=unfiled,
        passing=None if call is None else _passing(session, call, user_id),
    )


def _passing(session: Session, call: LiveCallFacts, user_id: int) -> PassingFacts | None:
    mine = next((each for each in call.people if each.user_id == user_id), None)
    return None if mine is None else passing_of(session, call.attempt_id, user_id, mine.join)


def _to_write(
    about: TransferFacts | None, unfiled: tuple[TransferFacts, ...]
) -> TransferFacts | None:
    return about if about is not None else next(iter(unfiled), None)


def offered_until(transfer: TransferFacts, offer_seconds: float, now: datetime) -> int:
    """Return how many seconds an offer still stands."""
    if transfer.offered_at is None:
        return 0
    return max(0, round(offer_seconds - (now - transfer.offered_at).total_seconds()))
