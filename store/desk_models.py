"""The tables of the desk: who sits there, who waits, what is asked of the engine, what goes on now.

Rows of `live_calls` and `live_turns` are there while a call goes on and are lost with its engine;
the truth about a call is its attempt. They point to nothing, so that a batch of them never fails.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import WORD_LENGTH, word
from store.desk_types import AgentState, DeskLine, DeviceKind, OrderKind, TransferStatus
from store.schema import Base

ENGINE_LENGTH = 128
"""Room for the name of a machine, a process and some luck."""


class Agent(Base):
    """A user who takes calls over, and what they do now."""

    __tablename__ = "agents"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    """As colleagues read it."""
    device_kind: Mapped[DeviceKind] = mapped_column(word(DeviceKind, "device_kind"))
    device_address: Mapped[str] = mapped_column(default="")
    """SIP address or extension; empty for a browser."""
    languages: Mapped[list[str]] = mapped_column(default=list)
    lines: Mapped[list[str]] = mapped_column(default=list)
    """Of `DeskLine`."""
    state: Mapped[AgentState] = mapped_column(word(AgentState, "state"), default=AgentState.OFF)
    state_since: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Last sign of life of their page."""
    transfer_id: Mapped[int | None]
    """What is offered to them, or what they talk or write about."""
    passes: Mapped[int] = mapped_column(default=0)
    """Calls in a row that they let pass."""
    news: Mapped[str] = mapped_column(sa.String(WORD_LENGTH), default="", server_default="")
    """Of `AgentNews`: why what was in front of them is gone; empty: nothing to say."""
    auto_answer: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Their browser takes calls of campaigns by itself while they are ready."""


class LiveCall(Base):
    """A call in progress, as far as those who watch see it."""

    __tablename__ = "live_calls"

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    engine: Mapped[str] = mapped_column(sa.String(ENGINE_LENGTH), index=True)
    stage: Mapped[str] = mapped_column(sa.String(32))
    """`dialing`, `ringing` or `talking`."""
    began_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(64), default="")
    """State of the flow, or `waiting`, `agent`, `consulting`, `third`."""
    speaker: Mapped[str] = mapped_column(sa.String(32), default="")
    words: Mapped[str] = mapped_column(default="")
    """Last said."""
    flags: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    people: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    """Who of us is in it: join, user, name, role and mode."""
    updated_at: Mapped[datetime]


class LiveTurn(Base):
    """What was said in a call in progress."""

    __tablename__ = "live_turns"
    __table_args__ = (sa.Index(None, "attempt_id", "position", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int]
    position: Mapped[int]
    """From 0; a turn that is told again keeps its position."""
    speaker: Mapped[str] = mapped_column(sa.String(32))
    text: Mapped[str]
    began_seconds: Mapped[float]
    ended_seconds: Mapped[float]
    intent: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.String(64), default="")


class Transfer(Base):
    """A customer's wish for a person, and what came of it."""

    __tablename__ = "transfers"
    __table_args__ = (
        sa.Index(None, "status", "requested_at"),
        sa.Index(None, "agent_id"),
        sa.Index(
            "ix_transfers_forms_to_apply",
            "form_at",
            "id",
            sqlite_where=sa.text("form_at IS NOT NULL AND form_applied IS 0"),
            postgresql_where=sa.text("form_at IS NOT NULL AND form_applied IS FALSE"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempts.id"), index=True)
    engine: Mapped[str] = mapped_column(sa.String(ENGINE_LENGTH))
    rule: Mapped[str] = mapped_column(sa.String(64))
    """Of `ivr/flagging.yaml`, or `take_over`."""
    label: Mapped[dict[str, str]] = mapped_column(default=dict)
    """What an operator reads, by language: zh, en."""
    priority: Mapped[int]
    line: Mapped[DeskLine] = mapped_column(word(DeskLine, "line"))
    language: Mapped[str] = mapped_column(sa.String(16))
    brief: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[TransferStatus] = mapped_column(
        word(TransferStatus, "status"), default=TransferStatus.WAITING
    )
    requested_at: Mapped[datetime]
    agent_id: Mapped[int | None]
    """User whom it is offered to, or who has it."""
    passed_by: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Users who let it pass, or whose device failed."""
    visit: Mapped[int | None]
    """Join of whoever has it, or is about to: the order that let them in."""
    offered_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When the customer's wait, or the talk with the agent, was over."""
    ended_how: Mapped[str] = mapped_column(sa.String(32), default="")
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    form_at: Mapped[datetime | None]
    form_applied: Mapped[bool] = mapped_column(default=False)
    """The outcome of the call says what the form says."""


class DeskOrder(Base):
    """What a person asked of the engine that holds a call, and the answer."""

    __tablename__ = "desk_orders"
    __table_args__ = (sa.Index(None, "engine", "taken_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int]
    user_name: Mapped[str]
    engine: Mapped[str] = mapped_column(sa.String(ENGINE_LENGTH), default="")
    """Who holds the call; empty: any engine may see to it."""
    kind: Mapped[OrderKind] = mapped_column(word(OrderKind, "kind"))
    attempt_id: Mapped[int | None]
    transfer_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    taken_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    refused: Mapped[dict[str, str]] = mapped_column(default=dict)
    """Why it can't be, as a sentence by language: zh, en; empty: it was done."""


class EngineSign(Base):
    """An engine that serves, and how it fares."""

    __tablename__ = "engines"

    name: Mapped[str] = mapped_column(sa.String(ENGINE_LENGTH), primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    slots: Mapped[int]
    """Customers who can be called at once."""
    in_use: Mapped[int]
    workers: Mapped[int]
    """Worker processes that can take work."""
    trunk: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Host, channels, calls on it, failures in a row."""


class CallFlag(Base):
    """Why a call deserved a person's eye; kept with the attempt."""

    __tablename__ = "call_flags"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "rule"), sa.Index(None, "rule", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempts.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(sa.String(64))
    priority: Mapped[int]
    line: Mapped[DeskLine] = mapped_column(word(DeskLine, "line"))
    label: Mapped[dict[str, str]] = mapped_column(default=dict)
    words: Mapped[str] = mapped_column(default="")


class CallVisit(Base):
    """A person's part in a call that is over."""

    __tablename__ = "call_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attempts.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None]
    """None: a third whom the customer was passed on to, or nobody knows any more."""
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(sa.String(32))
    """`agent`, `supervisor` or `third`."""
    began_seconds: Mapped[float]
    ended_seconds: Mapped[float]
    spoke: Mapped[bool] = mapped_column(default=False)
