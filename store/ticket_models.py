"""The tables of tickets and wishes; their objects never leave a transaction either."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.columns import word
from store.schema import Base
from store.types import TicketStatus, TicketStep

NAME_LENGTH = 32
"""Room for an id of the taxonomy: a kind, a cause, a department, a proposal."""


class Ticket(Base):
    """Something that went wrong for a customer, until it is made good."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.CheckConstraint("level BETWEEN 0 AND 2", name="level_is_a_line"),
        sa.CheckConstraint("compensation_fen >= 0", name="compensation_not_negative"),
        sa.Index(None, "status", "escalate_at"),
        sa.Index(None, "opened_at"),
        sa.Index(
            "uq_tickets_unclosed_waybill_kind",
            "waybill",
            "kind",
            unique=True,
            sqlite_where=sa.text("status <> 'closed' AND waybill <> ''"),
            postgresql_where=sa.text("status <> 'closed' AND waybill <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(NAME_LENGTH), unique=True)
    """As it is read out on the telephone: T20261122-0001."""
    kind: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    """Of the taxonomy: timeliness, damage…"""
    cause: Mapped[str] = mapped_column(sa.String(NAME_LENGTH), default="")
    """Of the taxonomy, within the kind: late, soiled…"""
    department: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    """Who must make it good."""
    status: Mapped[TicketStatus] = mapped_column(
        word(TicketStatus, "status"), default=TicketStatus.OPEN
    )
    level: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    """0: first line, 1: second line, 2: supervisor."""
    urgent: Mapped[bool] = mapped_column(default=False)
    waybill: Mapped[str] = mapped_column(sa.String(64), default="")
    """The parcel, whatever the campaign: at most one unclosed ticket of a kind is about it."""
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    """Whom it went wrong for; None: an operator opened it without a contact."""
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attempts.id"), index=True)
    """The call that opened it."""
    language: Mapped[str] = mapped_column(sa.String(16), default="zh-CN")
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    """`call 12`, or who sat at the desk."""
    respond_by: Mapped[datetime]
    propose_by: Mapped[datetime]
    resolve_by: Mapped[datetime]
    escalate_at: Mapped[datetime | None]
    """When the next line learns of it unless it moves; None: never again."""
    acknowledged_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime | None]
    """Of the newest proposal."""
    answered_at: Mapped[datetime | None]
    """When the customer agreed or declined, for the last time."""
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    customer_told_at: Mapped[datetime | None]
    callback_by: Mapped[datetime | None]
    """When a person promised to ring back; None: nobody did."""
    record: Mapped[dict[str, str]] = mapped_column(default=dict)
    """5W1H: who, what, when, where, why, how."""
    words: Mapped[str] = mapped_column(default="")
    """What the customer said."""
    proposal: Mapped[str] = mapped_column(sa.String(NAME_LENGTH), default="")
    compensation_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    resolution: Mapped[str] = mapped_column(default="")
    """What the customer is told that was done."""
    follow_up_contact_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("contacts.id"), index=True
    )
    """The contact whose call tells the customer the result."""
    events: Mapped[list[TicketEvent]] = relationship(
        back_populates="ticket", order_by="TicketEvent.id", cascade="all, delete-orphan"
    )


class TicketEvent(Base):
    """One line in the ledger of a ticket; lines are added, never changed."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(
        sa.ForeignKey("tickets.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    who: Mapped[str]
    """`call 12`, `timer`, or who sat at the desk."""
    step: Mapped[TicketStep] = mapped_column(word(TicketStep, "step"))
    from_status: Mapped[TicketStatus | None] = mapped_column(word(TicketStatus, "from_status"))
    """None: it was opened."""
    to_status: Mapped[TicketStatus] = mapped_column(word(TicketStatus, "to_status"))
    note: Mapped[str] = mapped_column(default="")
    ticket: Mapped[Ticket] = relationship(back_populates="events")


class Wish(Base):
    """Something a recipient would like, said in a call and counted: in the evening, at weekends."""

    __tablename__ = "wishes"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "tag"), sa.Index(None, "tag", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(sa.String(64))
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attempts.id"))
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
