"""What is known of the desk and of calls in progress outside a transaction: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from store.desk_types import AgentState, DeskLine, DeviceKind, OrderKind, TransferStatus


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """A person at the desk as it stands."""

    user_id: int
    name: str
    device_kind: DeviceKind
    device_address: str
    languages: tuple[str, ...]
    lines: tuple[DeskLine, ...]
    state: AgentState
    state_since: datetime
    seen_at: datetime
    transfer_id: int | None
    passes: int
    news: str = ""
    """Of `AgentNews`: why what was in front of them is gone; empty: nothing to say."""
    auto_answer: bool = False
    """Their browser takes calls of campaigns by itself while they are ready."""


@dataclass(frozen=True, slots=True)
class FlagRecord:
    """Why a call deserves a person's eye."""

    rule: str
    priority: int
    line: DeskLine
    label: Mapping[str, str] = field(default_factory=_nothing)
    """What an operator reads, by language: zh, en."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class PersonInCall:
    """One of us in a call in progress."""

    join: int
    user_id: int
    name: str
    role: str
    """`agent` or `supervisor`."""
    mode: str
    """`talk`, `listen`, `whisper`, `barge` or `take_over`."""
    unheard: bool = False
    """Nothing is heard from them though they have the customer: perhaps they are muted."""


@dataclass(frozen=True, slots=True)
class LiveCallFacts:
    """A call in progress, with whom and about what."""

    attempt_id: int
    campaign_id: int
    campaign: str
    flow: str
    language: str
    contact_id: int
    recipient: str
    phone: str
    waybills: tuple[str, ...]
    engine: str
    stage: str
    """`dialing`, `ringing` or `talking`."""
    began_at: datetime
    answered_at: datetime | None
    state: str
    """State of the flow, or `waiting`, `agent`, `consulting`, `third`; empty: not known yet."""
    speaker: str
    words: str
    """Last said."""
    flags: tuple[FlagRecord, ...]
    people: tuple[PersonInCall, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LiveTurnRecord:
    """One turn of a call in progress."""

    position: int
    speaker: str
    text: str
    began_seconds: float
    ended_seconds: float
    intent: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A customer's wish for a person as it stands."""

    id: int
    attempt_id: int
    engine: str
    rule: str
    label: Mapping[str, str]
    priority: int
    line: DeskLine
    language: str
    brief: Mapping[str, Any]
    """reason, recipient, waybill, settled, last_turns, question, points, spoken."""
    status: TransferStatus
    requested_at: datetime
    agent_id: int | None
    passed_by: frozenset[int]
    offered_at: datetime | None
    accepted_at: datetime | None
    joined_at: datetime | None
    ended_at: datetime | None
    ended_how: str
    form: Mapping[str, Any]
    form_at: datetime | None
    form_applied: bool
    visit: int | None = None
    """Join of whoever has it, or is about to."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What somebody asked of an engine."""

    id: int
    at: datetime
    user_id: int
    user_name: str
    kind: OrderKind
    attempt_id: int | None
    transfer_id: int | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What came of an order."""

    id: int
    taken: bool
    """An engine has seen it."""
    answered: bool
    answer: Mapping[str, Any]
    """`join`, and `sdp` for a browser."""
    refused: Mapping[str, str]
    """Why it can't be, by language: zh, en; empty: nothing was refused."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """An engine that serves."""

    name: str
    started_at: datetime
    seen_at: datetime
    slots: int
    in_use: int
    workers: int
    trunk: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that goes on at this moment."""

    at: datetime
    calls: tuple[LiveCallFacts, ...]
    """Oldest first."""
    transfers: tuple[TransferFacts, ...]
    """Customers who wait for a person or talk to one; the most urgent first."""
    agents: tuple[AgentFacts, ...]
    engines: tuple[EngineFacts, ...]


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A person's part in a call that is over."""

    role: str
    began_seconds: float
    ended_seconds: float
    spoke: bool
    user_id: int | None = None
    name: str = ""
