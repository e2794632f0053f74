"""The audit trail: who did what to what, by ids alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from console.web.roles import Viewer
from store import erasure_types
from store.audit_queries import add_audit_entry, audit_entries
from store.people_values import AuditFilter

ONE_LOOK: Final = timedelta(hours=12)
"""Longer than any call: who follows one looks at it once, however often the page asks."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:+\- ]{0,64}")
_LIKE_A_NUMBER: Final = re.compile(r"\d{7,}")

Details = Mapping[str, str | int | bool]
"""Ids, words of vocabularies, counts."""


class Action(StrEnum):
    """What is written down; each has its words in `words/audit.yaml`."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    PASSWORD_REFUSED = "password_refused"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_CHOSEN = "password_chosen"
    LINK_MADE = "link_made"
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    TOKEN_MADE = "token_made"
    TOKEN_REVOKED = "token_revoked"
    CALL_SEEN = "call_seen"
    CONTACT_SEEN = "contact_seen"
    TICKET_SEEN = "ticket_seen"
    RECORDING_HEARD = "recording_heard"
    RECORDING_ERASED = "recording_erased"
    CALL_EXPORTED = "call_exported"
    MANIFEST_TAKEN = "manifest_taken"
    OUTCOMES_TAKEN = "outcomes_taken"
    CAMPAIGN_CREATED = "campaign_created"
    CAMPAIGN_CHANGED = "campaign_changed"
    CAMPAIGN_STARTED = "campaign_started"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    MANIFEST_IMPORTED = "manifest_imported"
    CONTACT_CANCELLED = "contact_cancelled"
    EVENT_ADDED = "event_added"
    SUPPRESSION_ADDED = "suppression_added"
    SUPPRESSION_LIFTED = "suppression_lifted"
    SUPPRESSION_SEARCHED = "suppression_searched"
    SUPPRESSION_IMPORTED = "suppression_imported"
    SUPPRESSION_EXPORTED = "suppression_exported"
    DESK_ENTERED = "desk_entered"
    DESK_LEFT = "desk_left"
    DESK_STATE_SET = "desk_state_set"
    TRANSFER_ACCEPTED = "transfer_accepted"
    TRANSFER_DECLINED = "transfer_declined"
    FORM_SENT = "form_sent"
    CALL_LISTENED_TO = "call_listened_to"
    CALL_WHISPERED_INTO = "call_whispered_into"
    CALL_BARGED_INTO = "call_barged_into"
    CALL_TAKEN_OVER = "call_taken_over"
    CALL_GIVEN_BACK = "call_given_back"
    CALL_ENDED = "call_ended"
    CALL_PASSED_ON = "call_passed_on"
    CALLBACK_TAKEN = "callback_taken"
    CALLBACK_RELEASED = "callback_released"
    CALLBACK_MADE = "callback_made"
    CALL_REVIEWED = "call_reviewed"
    COMMENT_ADDED = "comment_added"
    CASE_SAVED = "case_saved"
    PERSON_FORGOTTEN = "person_forgotten"
    FATE_TOLD = "fate_told"
    CDR_COMPARED = "cdr_compared"
    MESSAGE_SEEN = "message_seen"
    MESSAGE_REPLAYED = "message_replayed"
    MESSAGE_CANCELLED = "message_cancelled"
    DATA_EXPIRED = erasure_types.DATA_EXPIRED


def record(
    session: Session,
    viewer: Viewer | None,
    action: Action,
    kind: str,
    subject: int | str = "",
    details: Details | None = None,
    now: datetime | None = None,
) -> None:
    """Write down what `viewer` does, in the transaction in which it is done.

    `subject`: the id of what it is done to.
    Raises ValueError when a text among them could be a name, a number or an address; ids and
    counts, which are whole numbers, are as large as they are.
    """
    told = {name: str(value) for name, value in (details or {}).items()}
    for value in (subject, *(details or {}).values()):
        if isinstance(value, str) and (not _PLAIN.fullmatch(value) or _LIKE_A_NUMBER.search(value)):
            raise ValueError(f"the audit trail holds ids and words of ours only, not {value!r}")
    add_audit_entry(
        session,
        at=now or datetime.now(UTC),
        user_id=None if viewer is None else viewer.user_id,
        token_id=None if viewer is None else viewer.token_id,
        action=action.value,
        kind=kind,
        subject=str(subject),
        details=told,
    )


def is_recorded(
    session: Session,
    viewer: Viewer,
    action: Action,
    kind: str,
    subject: int | str,
    since: datetime,
) -> bool:
    """Tell whether it is written down already that `viewer` did that since then."""
    before = AuditFilter(
        action=action.value, kind=kind, subject=str(subject), user_id=viewer.user_id, since=since
    )
    return bool(audit_entries(session, before, limit=1))
