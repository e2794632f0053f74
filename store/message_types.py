"""The words that the columns of messages hold."""

from __future__ import annotations

from enum import StrEnum


class MessageKind(StrEnum):
    """How something goes out."""

    WEBHOOK = "webhook"
    DATABASE = "database"
    SMS = "sms"
    EMAIL = "email"

    @property
    def is_to_a_person(self) -> bool:
        """A recipient reads it, so what they don't want and when they sleep counts."""
        return self in (MessageKind.SMS, MessageKind.EMAIL)


class MessageStatus(StrEnum):
    """Did it go out?"""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    """It is not tried again unless an operator says so."""
    CANCELLED = "cancelled"
    """Not to be sent: not wanted, too late, or called off."""


class MessageWhy(StrEnum):
    """Why a message is dead or cancelled."""

    NONE = ""
    REFUSED = "refused"
    """The receiver will never take it as it is."""
    TRIES = "tries"
    """Tried as often as the settings allow."""
    UNKNOWN = "unknown"
    """It was handed over and no answer came; once more might be twice."""
    UNWANTED = "unwanted"
    """The recipient opted out."""
    TOO_LATE = "too_late"
    OPERATOR = "operator"
    FORGOTTEN = "forgotten"
    """The person was forgotten."""


class DeliveryState(StrEnum):
    """What the provider told after it took a message."""

    NONE = ""
    """Nothing yet, or it tells nothing."""
    DELIVERED = "delivered"
    FAILED = "failed"


class Channel(StrEnum):
    """A way to a person."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
