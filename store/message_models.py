"""The tables of what goes out, and of what worked with whom."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import PHONE_LENGTH, word
from store.message_types import Channel, DeliveryState, MessageKind, MessageStatus, MessageWhy
from store.schema import Base

_PENDING = sa.text("status = 'pending'")


class Message(Base):
    """One thing that goes out: to another system, or to a recipient."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.Index(
            "ix_messages_due",
            "target",
            "next_try_at",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        sa.Index(None, "status", "id"),
        sa.Index(None, "provider_id"),
        sa.Index(
            "ix_messages_conflicts",
            "id",
            sqlite_where=sa.text("conflict_open = 1"),
            postgresql_where=sa.text("conflict_open"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(word(MessageKind, "kind"))
    event: Mapped[str] = mapped_column(sa.String(64))
    """What it is about, a word of `campaigns.messages.events`."""
    target: Mapped[str] = mapped_column(sa.String(64))
    """Which webhook or gateway of the settings it goes to."""
    idempotency_key: Mapped[str] = mapped_column(sa.String(128), unique=True)
    """The same for every try; a receiver drops what it has seen."""
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attempts.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    outcome_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outcomes.id"), index=True)
    waybill: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    merchant: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(
        sa.String(PHONE_LENGTH), default="", server_default="", index=True
    )
    """Whose message it is, E.164, also where it goes by e-mail; empty: to no person."""
    address: Mapped[str] = mapped_column(default="", server_default="")
    """Number or e-mail address that it goes to; empty: the target knows."""
    subject: Mapped[str] = mapped_column(default="", server_default="")
    body: Mapped[str] = mapped_column(default="", server_default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    time_zone: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """Where the recipient lives, for their quiet hours."""
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    useful_until: Mapped[datetime | None]
    """After that it helps nobody, and is not sent."""
    claimed_by: Mapped[str] = mapped_column(default="", server_default="")
    lease_until: Mapped[datetime | None]
    handed_over: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It is being handed to a gateway that would send it twice; who finds that may not repeat."""
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[MessageStatus] = mapped_column(
        word(MessageStatus, "status"), default=MessageStatus.PENDING
    )
    why: Mapped[MessageWhy] = mapped_column(
        word(MessageWhy, "why"), default=MessageWhy.NONE, server_default=""
    )
    last_error: Mapped[str] = mapped_column(default="", server_default="")
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str] = mapped_column(sa.String(128), default="", server_default="")
    delivery: Mapped[DeliveryState] = mapped_column(
        word(DeliveryState, "delivery"), default=DeliveryState.NONE, server_default=""
    )
    delivered_at: Mapped[datetime | None]
    conflict: Mapped[str] = mapped_column(default="", server_default="")
    """JSON: what the receiver objected to an outcome, for example `truck_left`."""
    conflict_open: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Nobody has acted on the conflict yet."""


class ChannelResult(Base):
    """How often a way to a person worked, with what is long ago counting less."""

    __tablename__ = "channel_results"
    __table_args__ = (sa.UniqueConstraint("phone", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH))
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    worked: Mapped[float] = mapped_column(default=0.0)
    failed: Mapped[float] = mapped_column(default=0.0)
    at: Mapped[datetime]
    """Until when the counts have faded."""
