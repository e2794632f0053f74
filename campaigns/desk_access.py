"""Who may take part no more: switched off, signed out, or of another role than they came with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.desk_asking import CallNow
from campaigns.desk_effects import Effect, Send
from ivr.people import JoinRole, ShowOut
from store.desk_access import Access, access_of
from store.desk_agents import step_agent
from store.desk_states import AgentStep
from store.desk_types import AgentState
from store.desk_values import AgentFacts


@dataclass(frozen=True, slots=True)
class Barred:
    """Who has to go."""

    agents: tuple[int, ...]
    """Users at the desk who are in no call."""
    visits: tuple[tuple[int, int], ...]
    """Attempt and join of those who are in one."""

    def __bool__(self) -> bool:
        """There is somebody."""
        return bool(self.agents or self.visits)


def barred(
    session: Session,
    present: Collection[AgentFacts],
    calls: Mapping[int, CallNow],
    shown_out: Collection[int],
) -> Barred:
    """Return who has to go; `shown_out` are joins that were told so."""
    visits = [
        (attempt, person)
        for attempt, call in calls.items()
        for person in call.people
        if person.join not in shown_out
    ]
    known = {each.user_id for each in present} | {person.user_id for _, person in visits}
    access = access_of(session, known)
    return Barred(
        agents=tuple(
            each.user_id
            for each in present
            if each.state is not AgentState.TALKING and access.get(each.user_id) is Access.NONE
        ),
        visits=tuple(
            (attempt, person.join)
            for attempt, person in visits
            if not _may_stay(person.role, access.get(person.user_id, Access.ANY))
        ),
    )


def send_away(session: Session, who: Barred, now: datetime) -> Iterator[Effect]:
    """Sign them off and show them out of their calls; the customer is with the next, or waits."""
    for user_id in who.agents:
        step_agent(session, user_id, AgentStep.SIGN_OFF, now)
    for attempt, join in who.visits:
        yield Send(ShowOut(attempt, join))


def _may_stay(role: str, access: Access) -> bool:
    return access is Access.ANY or (access is Access.AGENT and role == JoinRole.AGENT)
