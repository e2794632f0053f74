"""The published contract: calls, outcomes, people at the desk, and tickets."""

from __future__ import annotations

from pydantic import BaseModel, Field

from console.api.contact_schemas import Settled
from console.api.paging import USUAL, Limit, MomentCursor, PageQuery, Query
from console.api.words import Id, Instant, SentInstant, Waybill
from store.desk_types import AgentState, DeskLine, DeviceKind, TransferStatus
from store.types import AttemptStatus, Disposition, Outcome, TicketStatus, TurnSpeaker


class CallSummary(BaseModel):
    """A call in a list: names and numbers are masked."""

    id: int
    number: int = Field(description="Which call to the contact, from 1.")
    campaign_id: int
    contact_id: int
    recipient: str
    phone: str
    waybills: list[str]
    dialed_at: Instant
    answered: bool
    talk_seconds: float
    has_recording: bool
    disposition: Disposition | None = Field(description="Null: it is not over.")
    outcome: Outcome | None
    needs_person: str


class Turn(BaseModel):
    """What one side said; times are seconds of the call."""

    speaker: TurnSpeaker
    text: str
    began_seconds: float
    ended_seconds: float
    prompt: str
    intent: str
    confidence: float
    key: str
    interrupted: bool
    latency_seconds: float | None = Field(description="From their last word to our first sound.")


class CallFlag(BaseModel):
    """Why a call deserved a person's eye."""

    rule: str
    priority: int
    line: DeskLine
    label: dict[str, str]


class CallVisit(BaseModel):
    """The part of one of us in a call."""

    role: str
    began_seconds: float
    ended_seconds: float


class Call(BaseModel):
    """Everything that is kept of a call; whole for supervisors, masked for others."""

    id: int
    number: int
    status: AttemptStatus
    campaign_id: int
    contact_id: int
    recipient: str
    phone: str
    extension: str
    waybills: list[str]
    language: str
    dialed_at: Instant
    answered: bool
    ring_seconds: float
    talk_seconds: float
    cause: str
    sip_status: int
    announcement: str
    machine: str
    flow_version: str
    has_recording: bool
    error: str
    settled: Settled | None
    turns: list[Turn]
    flags: list[CallFlag]
    visits: list[CallVisit]
    tickets: list[str]
    other_calls: list[int]


class CallQuery(Query):
    """Which calls are wanted; the newest come first."""

    limit: Limit = USUAL
    cursor: MomentCursor = ""
    campaign_id: Id | None = None
    waybill: Waybill | None = None
    disposition: Disposition | None = None
    outcome: Outcome | None = None
    dialed_from: SentInstant | None = None
    dialed_before: SentInstant | None = None
    needs_person: bool = False


class ToldOutcome(BaseModel):
    """What dispatch is to know of one parcel."""

    id: int
    idempotency_key: str = Field(description="The same however often it is told.")
    campaign_id: int
    contact_id: int
    call_id: int | None = Field(description="Null: nobody was called.")
    waybill: str
    settled: Settled


class OutcomePage(BaseModel):
    """A part of the feed of outcomes."""

    items: list[ToldOutcome]
    next: str = Field(description="Go on from here next time, also when there is no more now.")
    more: bool = Field(description="There is more already.")


class OutcomeQuery(PageQuery):
    """Which outcomes are wanted, and from where on."""

    campaign_id: Id | None = None
    waybill: Waybill | None = None


class Agent(BaseModel):
    """A person at the desk."""

    user_id: int
    name: str
    device_kind: DeviceKind
    languages: list[str]
    lines: list[DeskLine]
    state: AgentState
    state_since: Instant
    seen_at: Instant
    transfer_id: int | None


class AgentList(BaseModel):
    """Everybody at the desk."""

    items: list[Agent]


class AgentQuery(Query):
    """Which of them are wanted."""

    state: AgentState | None = None


class Transfer(BaseModel):
    """A customer's wish for a person, and what came of it."""

    id: int
    call_id: int
    rule: str
    label: dict[str, str]
    priority: int
    line: DeskLine
    language: str
    status: TransferStatus
    agent_id: int | None
    requested_at: Instant
    offered_at: Instant | None
    accepted_at: Instant | None
    joined_at: Instant | None
    ended_at: Instant | None
    ended_how: str


class TransferQuery(PageQuery):
    """Which transfers are wanted; the newest come first."""

    status: TransferStatus | None = None


class TicketSummary(BaseModel):
    """A ticket in a list."""

    number: str
    kind: str
    cause: str
    department: str
    status: TicketStatus
    level: int
    urgent: bool
    waybill: str
    contact_id: int | None
    call_id: int | None
    opened_at: Instant
    respond_by: Instant
    resolve_by: Instant
    resolved_at: Instant | None
    closed_at: Instant | None


class Ticket(TicketSummary):
    """All of a ticket; whole for supervisors, without the customer's words for others."""

    record: dict[str, str] = Field(description="5W1H; empty for who may not see it.")
    words: str
    proposal: str
    compensation_fen: int
    resolution: str


class TicketQuery(PageQuery):
    """Which tickets are wanted."""

    status: TicketStatus | None = None
    waybill: Waybill | None = None
