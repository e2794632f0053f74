"""The words of what messages are about."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase


class SystemEvent(StrEnum):
    """What other systems are told; a word of the write-back contract."""

    OUTCOME_RECORDED = "outcome.recorded"
    OUTCOME_CORRECTED = "outcome.corrected"
    """An agent, or the settling of an interrupted call, changed what it came to."""
    STATUS_PUSH = "status.push"
    """The regular figures."""
    NODE_LATE = "node.late"
    """A parcel did not pass a point of its way in time."""
    TEST = "menling.test"
    """An operator tries the target."""


class PersonEvent(StrEnum):
    """What recipients are told; each has texts in `campaigns/messages/templates`."""

    MESSAGE_LEFT = "message_left"
    NOT_REACHED = "not_reached"
    TOO_LATE = "too_late"
    """No call was possible before the courier comes."""
    RESCHEDULED = "rescheduled"
    ADDRESS_CHANGED = "address_changed"
    HAND_OVER_CHANGED = "hand_over_changed"
    PICKUP_AGREED = "pickup_agreed"
    SOLUTION_CHOSEN = "solution_chosen"
    CALLBACK_PROMISED = "callback_promised"
    EXCEPTION = "exception"
    """Something went wrong with the parcel."""
    STATUS_PUSH = "status_push"
    """The parcel moved on."""
    NODE_LATE = "node_late"
    BEFORE_CALL = "before_call"
    TEST = "test"


def is_wanted(event: str, filters: Iterable[str]) -> bool:
    """Say whether an event is among those asked for: names, or `outcome.*` for all of a kind."""
    return any(fnmatchcase(event, each) for each in filters)
