"""What passes in and out of a transaction: frozen values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from store.candidates import Parcel
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    TurnSpeaker,
)


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """One campaign as it stands."""

    id: int
    name: str
    flow: str
    language: str
    time_zone: str
    company: str
    callback_number: str
    status: CampaignStatus
    policy: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """One parcel, as far as a call may speak of it."""

    id: int
    waybill: str
    address: str
    window_start: datetime | None
    """None, as the end: no window was promised."""
    window_end: datetime | None
    item: str
    merchant: str
    cod_fen: int
    remarks: str
    facts: Mapping[str, str] = field(default_factory=_nothing)
    """Facts of `ivr/facts.yaml` by name, as texts."""


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """What an earlier attempt of the same contact came to."""

    number: int
    disposition: Disposition
    outcome: Outcome
    settled_at: datetime
    call_again_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimedCall:
    """A contact that the caller, and nobody else, may dial now."""

    attempt_id: int
    number: int
    """Which attempt of the contact this is, from 1."""
    contact_id: int
    campaign: CampaignFacts
    recipient: str
    phone: str
    extension: str
    language: str
    time_zone: str
    useful_until: datetime | None
    deliveries: tuple[DeliveryFacts, ...]
    history: tuple[PastAttempt, ...]
    """Settled attempts, oldest first."""
    claimed_by: str = ""
    """The engine that holds the claim."""
    fence: int = 1
    """Under which it holds it: once somebody else took it over, this one counts no more."""
    parcels: tuple[Parcel, ...] = ()
    """The deliveries with what dispatch told of them."""
    merchant: str = ""
    script: str = ""
    """Which of the campaign's script versions they hear."""
    next_script: str = ""
    """How this call differs from the one before, see `contacts.next_script`."""
    region: str = ""
    """As the manifest names it."""


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that nobody has settled."""

    attempt_id: int
    number: int
    contact_id: int
    campaign_id: int
    status: AttemptStatus
    claimed_by: str
    claimed_at: datetime
    dialed_at: datetime | None
    fence: int = 1
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn of a call, as it is kept."""

    speaker: TurnSpeaker
    text: str
    began_seconds: float
    ended_seconds: float
    prompt: str = ""
    intent: str = ""
    confidence: float = 0.0
    key: str = ""
    interrupted: bool = False
    latency_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a conversation settled, beside its outcome."""

    new_window_start: datetime | None = None
    new_window_end: datetime | None = None
    new_address: str = ""
    hand_over: str = ""
    consent_choice: str = ""
    consent_words: str = ""
    consent_at_seconds: float | None = None
    needs_person: str = ""
    call_again_at: datetime | None = None
    notes: Mapping[str, str] = field(default_factory=_nothing)
    answers: Mapping[str, str] = field(default_factory=_nothing)
    """Slots that the flow declares, as far as they count."""
    callback_by: datetime | None = None
    """Until when a person calls back, as read; `store.callbacks.promise_callback` writes it."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything that is kept of an attempt once it is over."""

    disposition: Disposition
    outcome: Outcome
    at: datetime
    settled: Settled = Settled()
    cause: str = ""
    sip_status: int = 0
    answered: bool = False
    ring_seconds: float = 0.0
    talk_seconds: float = 0.0
    announcement: str = ""
    machine: str = ""
    flow_version: str = ""
    recording: str = ""
    error: str = ""
    media: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    turns: tuple[TurnRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class LatestOutcome:
    """The newest word on a contact."""

    id: int
    disposition: Disposition
    outcome: Outcome
    at: datetime
    final: bool
    settled: Settled


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One contact of a campaign, for lists and reports."""

    contact_id: int
    recipient: str
    phone: str
    time_zone: str
    waybills: tuple[str, ...]
    status: ContactStatus
    attempts: int
    next_call_at: datetime | None
    last_called_at: datetime | None
    last_attempt_id: int | None
    """The newest attempt that was dialled and is settled."""
    recording: str
    latest: LatestOutcome | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign has come."""

    campaign: CampaignFacts
    contacts: Mapping[ContactStatus, int]
    """Contacts by status; a status without contacts is 0."""
    dispositions: Mapping[Disposition, int]
    """Contacts by the disposition of their newest outcome."""
    outcomes: Mapping[Outcome, int]
    attempts: int
    next_call_at: datetime | None
    """When the earliest waiting contact may be called; None: nobody waits, or somebody may now."""

    @property
    def is_complete(self) -> bool:
        """No contact waits and no call is open."""
        return not (self.contacts[ContactStatus.WAITING] or self.contacts[ContactStatus.IN_CALL])


@dataclass(frozen=True, slots=True)
class PendingWriteBack:
    """An outcome that dispatch does not know yet."""

    id: int
    idempotency_key: str
    campaign_id: int
    delivery_id: int
    waybill: str
    attempt_id: int | None
    """None: nobody dialled."""
    tries: int
    last_error: str
    latest: LatestOutcome


@dataclass(frozen=True, slots=True)
class Call:
    """One settled attempt with everything that was said, for its transcript."""

    attempt_id: int
    number: int
    waybills: tuple[str, ...]
    language: str
    time_zone: str
    dialed_at: datetime | None
    talk_seconds: float
    recording: str
    disposition: Disposition
    outcome: Outcome
    turns: tuple[TurnRecord, ...]
    flow_version: str = ""
    """Id, version and digest of the flow that was spoken."""
