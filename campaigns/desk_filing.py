"""Filing: forms that waited for the end of their call are taken in once it is settled."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.desk_apart import apart
from campaigns.desk_effects import Effect
from campaigns.desk_form import apply_form, forms_to_apply
from store.desk_transfers import mark_form_applied
from store.errors import DeskError

log = logging.getLogger(__name__)


def file_forms(session: Session, now: datetime) -> Iterator[Effect]:
    """Take in every form whose call is settled; a faulty one holds up no other."""
    for transfer_id in forms_to_apply(session):
        if not _filed(session, transfer_id, now):
            mark_form_applied(session, transfer_id)
    yield from ()


def _filed(session: Session, transfer_id: int, now: datetime) -> bool:
    """Take a form in; False: it can't be, and never will."""
    try:
        with apart(session, f"the form of transfer {transfer_id}"):
            apply_form(session, transfer_id, now)
            return True
    except DeskError as error:
        # It was checked when it came; what is wrong with it now is wrong for ever.
        log.warning("the form of transfer %d is left alone: %s", transfer_id, error)
    return False
