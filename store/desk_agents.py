"""Agents: signing in, being there, and every step of their state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import Agent
from store.desk_reading import agent_facts
from store.desk_states import IN_A_ROW, AgentStep, agent_after, passes_after
from store.desk_types import AgentNews, AgentState, DeskLine, DeviceKind
from store.desk_values import AgentFacts
from store.errors import DeskError

_WANTED: Final[Mapping[AgentState, AgentStep]] = MappingProxyType(
    {
        AgentState.READY: AgentStep.GO_READY,
        AgentState.BREAK: AgentStep.GO_ON_BREAK,
        AgentState.OFF: AgentStep.SIGN_OFF,
    }
)

_KEEPS_TRANSFER: Final = frozenset({AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP})


def sign_in(
    session: Session,
    user_id: int,
    name: str,
    now: datetime,
    *,
    device_kind: DeviceKind,
    device_address: str = "",
    languages: Collection[str] = ("zh-CN",),
    lines: Collection[DeskLine] = (DeskLine.FIRST,),
    auto_answer: bool = False,
) -> AgentFacts:
    """Bring a user to the desk with a device; they get no call before they are ready.

    `auto_answer`: their browser takes calls of campaigns by itself.
    Raises DeskError for a telephone without an address, for nobody's language or line, and while
    they talk or write.
    """
    if device_kind is DeviceKind.SIP and not device_address.strip():
        raise DeskError("A telephone needs its SIP address or its extension")
    if not languages or not lines:
        raise DeskError("An agent needs at least one language and one line")
    row = _locked(session, user_id)
    if row is None:
        row = Agent(user_id=user_id, state=AgentState.OFF, state_since=now, transfer_id=None)
        row.passes = 0
        session.add(row)
    _step(row, AgentStep.SIGN_IN, now)
    row.news = ""
    row.name = name
    row.device_kind = device_kind
    row.device_address = device_address.strip()
    row.languages = sorted(languages)
    row.lines = sorted(lines)
    row.auto_answer = auto_answer
    row.seen_at = now
    session.flush()
    return agent_facts(row)


def set_agent_state(
    session: Session, user_id: int, wanted: AgentState, now: datetime
) -> AgentFacts:
    """Let an agent be ready, take a break or go; raises DeskError where it can't be now."""
    step = _WANTED.get(wanted)
    if step is None:
        raise DeskError(f"Nobody can choose to be {wanted.value}")
    return step_agent(session, user_id, step, now)


def step_agent(
    session: Session,
    user_id: int,
    step: AgentStep,
    now: datetime,
    transfer_id: int | None = None,
    *,
    news: AgentNews | None = None,
) -> AgentFacts:
    """Take a step of an agent; whoever lets too many calls pass in a row has a break.

    `transfer_id`: what is offered; `news`: what they are told of it until their next step.
    Raises DeskError where it makes no sense.
    """
    row = _locked(session, user_id)
    if row is None:
        raise DeskError(f"User {user_id} is not at the desk")
    _step(row, step, now)
    row.news = "" if news is None else news.value
    if step is AgentStep.OFFER:
        row.transfer_id = transfer_id
    elif step is AgentStep.PASS and row.passes >= IN_A_ROW:
        _step(row, AgentStep.GO_ON_BREAK, now)
        row.news = AgentNews.TWO_PASSED.value
    session.flush()
    return agent_facts(row)


def agent_seen(session: Session, user_id: int, now: datetime) -> None:
    """Note that an agent's page is alive."""
    session.execute(sa.update(Agent).where(Agent.user_id == user_id).values(seen_at=now))


def silent_agents(session: Session, now: datetime, silence: timedelta) -> tuple[AgentFacts, ...]:
    """Return the agents who are there and not in a call, and whose page says nothing any more.

    A page that was seen in a time to come was seen before the clock was set back.
    """
    unseen = sa.or_(Agent.seen_at < now - silence, Agent.seen_at > now + silence)
    query = (
        sa.select(Agent)
        .where(Agent.state.not_in((AgentState.OFF, AgentState.TALKING)), unseen)
        .order_by(Agent.user_id)
    )
    return tuple(agent_facts(row) for row in session.scalars(query))


def put_off(session: Session, absent: AgentFacts, now: datetime) -> None:
    """Sign an agent off whose page says nothing; one seen in a time to come has its time again."""
    if absent.seen_at > now:
        agent_seen(session, absent.user_id, now)
    else:
        step_agent(session, absent.user_id, AgentStep.SIGN_OFF, now)


def _step(row: Agent, step: AgentStep, now: datetime) -> None:
    after = agent_after(row.state, step)
    row.passes = passes_after(row.passes, step)
    if after is not row.state:
        row.state, row.state_since = after, now
    if after not in _KEEPS_TRANSFER:
        row.transfer_id = None


def _locked(session: Session, user_id: int) -> Agent | None:
    return session.scalar(
        sa.select(Agent)
        .where(Agent.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
