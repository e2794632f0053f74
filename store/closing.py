"""Closing a contact that is not to be called (any more)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StaleClaimError
from store.models import Contact
from store.outcomes import record_outcome
from store.types import ContactStatus, Disposition, Outcome
from store.values import Settled

NO_NEXT_CALL: Final = "withdrawn"
"""As `contacts.next_script` of somebody in a call: when it is over, nobody calls again."""


def close(
    session: Session,
    contact_id: int,
    disposition: Disposition,
    outcome: Outcome,
    at: datetime,
) -> int:
    """Close a waiting contact that is not to be called, with its reason; return the outcome.

    Raises StaleClaimError when it does not wait any more.
    """
    contact = session.scalar(sa.select(Contact).where(Contact.id == contact_id).with_for_update())
    if contact is None or contact.status is not ContactStatus.WAITING:
        raise StaleClaimError(f"Contact {contact_id} does not wait; it can't be closed")
    if contact.next_script == NO_NEXT_CALL and disposition is Disposition.EXPIRED:
        disposition, outcome = Disposition.WITHDRAWN, Outcome.WITHDRAWN
    contact.status = ContactStatus.CLOSED
    contact.next_call_at = None
    return record_outcome(session, contact, None, (disposition, outcome), at, True, Settled())
