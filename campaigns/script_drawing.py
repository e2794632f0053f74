"""Drawing which script somebody hears, at the claim of the first call, and keeping it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.script_versions import ScriptVersion, script_for
from store.models import Contact
from store.values import ClaimedCall


def with_scripts(
    session: Session, calls: Sequence[ClaimedCall], scripts: Sequence[ScriptVersion]
) -> tuple[ClaimedCall, ...]:
    """Return claimed calls with what they hear; who has a script keeps it."""
    if not scripts:
        return tuple(calls)
    drawn = {
        call.contact_id: script_for(scripts, call.campaign.id, call.phone)
        for call in calls
        if not call.script
    }
    if drawn:
        rows = [{"id": contact, "script": name} for contact, name in drawn.items()]
        session.execute(sa.update(Contact), rows)
    return tuple(replace(call, script=drawn.get(call.contact_id, call.script)) for call in calls)
