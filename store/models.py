"""The tables. Their objects never leave a transaction; `store.queries` returns frozen values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from store import desk_models as desk_models  # their tables are part of the schema
from store import erasure_models as erasure_models
from store import event_models as event_models
from store import flow_models as flow_models
from store import leadership_models as leadership_models
from store import live_event_models as live_event_models
from store import message_models as message_models
from store import node_models as node_models
from store import people_models as people_models
from store import reconciliation_models as reconciliation_models
from store import review_models as review_models
from store import ticket_models as ticket_models
from store.callback_models import still_due
from store.columns import PHONE_LENGTH, word
from store.manifest_models import Manifest as Manifest
from store.manifest_models import ManifestRow as ManifestRow
from store.schema import Base as Base
from store.suppression_models import Suppression as Suppression
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    TurnSpeaker,
    WriteBackStatus,
)


class Campaign(Base):
    """A purpose for which a set of contacts is called."""

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    flow: Mapped[str]
    """Flow id, for example `pre-delivery`."""
    language: Mapped[str] = mapped_column(default="zh-CN")
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    company: Mapped[str]
    """Whom we call for, as it is spoken."""
    callback_number: Mapped[str] = mapped_column(default="")
    status: Mapped[CampaignStatus] = mapped_column(
        word(CampaignStatus, "status"), default=CampaignStatus.DRAFT
    )
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Pacing, calling window and retry rules; `campaigns` reads them, the store does not."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Recipient(Base):
    """A person whom parcels are sent to."""

    __tablename__ = "recipients"
    __table_args__ = (sa.UniqueConstraint("phone", "extension", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    phone: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH))
    """E.164, with its plus sign."""
    extension: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH), default="")
    email: Mapped[str] = mapped_column(default="", server_default="")


class Contact(Base):
    """A person and number in a campaign: the thing that is called, once or several times."""

    __tablename__ = "contacts"
    __table_args__ = (
        sa.Index(None, "campaign_id", "status", "next_call_at"),
        sa.Index(None, "campaign_id", "status", "id"),
        # Who is to be called next among a million who were never called, where it is day.
        sa.Index(
            "ix_contacts_fresh",
            "campaign_id",
            "status",
            "time_zone",
            "priority",
            "id",
            sqlite_where=sa.text("next_call_at IS NULL"),
            postgresql_where=sa.text("next_call_at IS NULL"),
        ),
        # Whose time has come among a million who were put off.
        sa.Index(
            "ix_contacts_due",
            "campaign_id",
            "status",
            "time_zone",
            "priority",
            "next_call_at",
            "id",
            sqlite_where=sa.text("next_call_at IS NOT NULL"),
            postgresql_where=sa.text("next_call_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipients.id"), index=True)
    phone: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH), index=True)
    """The number we ring, E.164."""
    extension: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH), default="")
    language: Mapped[str] = mapped_column(sa.String(16))
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[ContactStatus] = mapped_column(
        word(ContactStatus, "status"), default=ContactStatus.WAITING
    )
    priority: Mapped[int] = mapped_column(default=0)
    """Higher is called earlier."""
    next_call_at: Mapped[datetime | None]
    """Not before; None: as soon as the calling window allows."""
    useful_until: Mapped[datetime | None]
    """A call after this instant helps nobody; the contact expires."""
    merchant: Mapped[str] = mapped_column(default="", server_default="")
    """Whose parcels they are; empty: of several, or of nobody we know."""
    region: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    product_line: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    script: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """Which of the campaign's script versions they hear, always the same one."""
    next_script: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """How the next call differs: `short` after one that was cut; empty: not at all."""
    held: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """Why `next_call_at` was put off without a call, a word of `campaigns.verdict`."""
    recipient: Mapped[Recipient] = relationship()
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="contact", order_by="Delivery.id"
    )
    attempts: Mapped[list[Attempt]] = relationship(
        back_populates="contact", order_by="Attempt.number"
    )


class Delivery(Base):
    """One parcel on its way to one recipient."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "waybill"),
        sa.CheckConstraint("cod_fen >= 0", name="cod_not_negative"),
        sa.CheckConstraint("window_end > window_start", name="window_has_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    waybill: Mapped[str] = mapped_column(sa.String(64), index=True)
    address: Mapped[str]
    window_start: Mapped[datetime | None]
    """None, as the end: no window was promised."""
    window_end: Mapped[datetime | None]
    item: Mapped[str] = mapped_column(default="")
    merchant: Mapped[str] = mapped_column(default="")
    cod_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Cash on delivery, in fen."""
    remarks: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, str]] = mapped_column(default=dict, server_default="{}")
    """Facts of `ivr/facts.yaml` by name, as texts of a manifest."""
    contact: Mapped[Contact] = relationship(back_populates="deliveries")


class Attempt(Base):
    """One dialling of a contact."""

    __tablename__ = "attempts"
    __table_args__ = (
        sa.UniqueConstraint("contact_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
        sa.Index(None, "dialed_at", "id"),
        sa.Index(None, "phone", "dialed_at"),
        sa.Index(
            "uq_attempts_call_id",
            "call_id",
            unique=True,
            sqlite_where=sa.text("call_id <> ''"),
            postgresql_where=sa.text("call_id <> ''"),
        ),
        sa.CheckConstraint(
            "(status = 'settled') = (settled_at IS NOT NULL)", name="settled_has_time"
        ),
        sa.Index(
            "uq_attempts_open_contact",
            "contact_id",
            unique=True,
            sqlite_where=sa.text("status <> 'settled'"),
            postgresql_where=sa.text("status <> 'settled'"),
        ),
        sa.Index(
            "uq_attempts_open_phone",
            "phone",
            unique=True,
            sqlite_where=sa.text("status <> 'settled'"),
            postgresql_where=sa.text("status <> 'settled'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contacts.id"))
    number: Mapped[int]
    """1 for the first dialling of the contact."""
    phone: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH))
    """The number as it was dialled; at most one open attempt rings it, whatever the campaign."""
    status: Mapped[AttemptStatus] = mapped_column(
        word(AttemptStatus, "status"), default=AttemptStatus.CLAIMED
    )
    claimed_by: Mapped[str] = mapped_column(default="")
    """Which engine holds the claim."""
    claimed_at: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=1, server_default="1")
    """Rises when somebody else takes the attempt over; who holds an older one may do nothing."""
    lease_until: Mapped[datetime | None]
    """Until then its engine gives a sign; after that others may take it over."""
    call_id: Mapped[str] = mapped_column(sa.String(128), default="", server_default="")
    """The SIP Call-ID, bound before the INVITE; empty: nothing was dialled yet."""
    trunk: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    caller_id: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """The number that the recipient saw."""
    dialed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(sa.String(32), default="")
    """The leg's HangupCause; empty when no leg reported."""
    sip_status: Mapped[int] = mapped_column(default=0)
    answered: Mapped[bool] = mapped_column(default=False)
    ring_seconds: Mapped[float] = mapped_column(default=0.0)
    talk_seconds: Mapped[float] = mapped_column(default=0.0)
    announcement: Mapped[str] = mapped_column(sa.String(32), default="")
    machine: Mapped[str] = mapped_column(sa.String(32), default="")
    flow_version: Mapped[str] = mapped_column(default="")
    recording: Mapped[str] = mapped_column(default="")
    """Path of the stereo WAV, or empty."""
    error: Mapped[str] = mapped_column(default="")
    media: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """RTP figures of the call."""
    contact: Mapped[Contact] = relationship(back_populates="attempts")
    turns: Mapped[list[Turn]] = relationship(
        back_populates="attempt", order_by="Turn.position", cascade="all, delete-orphan"
    )
    outcome: Mapped[OutcomeRecord | None] = relationship(back_populates="attempt")


class Turn(Base):
    """What one side said at one point of a call."""

    __tablename__ = "turns"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempts.id", ondelete="CASCADE"))
    position: Mapped[int]
    """From 0."""
    speaker: Mapped[TurnSpeaker] = mapped_column(word(TurnSpeaker, "speaker"))
    text: Mapped[str]
    began_seconds: Mapped[float]
    ended_seconds: Mapped[float]
    prompt: Mapped[str] = mapped_column(default="")
    intent: Mapped[str] = mapped_column(default="")
    confidence: Mapped[float] = mapped_column(default=0.0)
    key: Mapped[str] = mapped_column(sa.String(1), default="")
    interrupted: Mapped[bool] = mapped_column(default=False)
    latency_seconds: Mapped[float | None]
    attempt: Mapped[Attempt] = relationship(back_populates="turns")


class OutcomeRecord(Base):
    """What came of an attempt, or why a contact is not called; the newest of a contact counts."""

    __tablename__ = "outcomes"
    __table_args__ = (
        sa.Index(
            "ix_outcomes_untold",
            "id",
            sqlite_where=sa.text("told = 0"),
            postgresql_where=sa.text("NOT told"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attempts.id"), unique=True)
    """None: nobody dialled (suppressed, expired)."""
    disposition: Mapped[Disposition] = mapped_column(word(Disposition, "disposition"))
    outcome: Mapped[Outcome] = mapped_column(word(Outcome, "outcome"))
    at: Mapped[datetime]
    final: Mapped[bool]
    """No further attempt follows."""
    new_window_start: Mapped[datetime | None]
    new_window_end: Mapped[datetime | None]
    new_address: Mapped[str] = mapped_column(default="")
    hand_over: Mapped[str] = mapped_column(sa.String(32), default="")
    consent_choice: Mapped[str] = mapped_column(sa.String(32), default="")
    consent_words: Mapped[str] = mapped_column(default="")
    consent_at_seconds: Mapped[float | None]
    needs_person: Mapped[str] = mapped_column(default="")
    """Why a person must look at it; empty when nobody must."""
    call_again_at: Mapped[datetime | None]
    notes: Mapped[dict[str, str]] = mapped_column(default=dict)
    answers: Mapped[dict[str, str]] = mapped_column(default=dict, server_default="{}")
    """What the conversation collected beside all that, by the name of its slot."""
    told: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The messages that follow from it were written; a corrected outcome is untold again."""
    callback_by: Mapped[datetime | None] = column_property(still_due(attempt_id))
    """Until when the recipient was promised a callback that is still to be made."""
    attempt: Mapped[Attempt | None] = relationship(back_populates="outcome")
    write_backs: Mapped[list[WriteBack]] = relationship(back_populates="outcome")


class WriteBack(Base):
    """The outbox: an outcome that dispatch must learn for one delivery."""

    __tablename__ = "write_backs"
    __table_args__ = (sa.Index(None, "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome_id: Mapped[int] = mapped_column(sa.ForeignKey("outcomes.id"), index=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    idempotency_key: Mapped[str] = mapped_column(sa.String(128), unique=True)
    """The same for every try; a receiver drops what it has seen."""
    status: Mapped[WriteBackStatus] = mapped_column(
        word(WriteBackStatus, "status"), default=WriteBackStatus.PENDING
    )
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    outcome: Mapped[OutcomeRecord] = relationship(back_populates="write_backs")
    delivery: Mapped[Delivery] = relationship()
