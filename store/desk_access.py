"""Who may still take part in calls: users who are switched on, signed in, and of the right role."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.people_models import User, WebSession
from store.people_types import Role


class Access(StrEnum):
    """As what somebody may take part in a call."""

    NONE = "none"
    AGENT = "agent"
    """They may talk to customers who are held out to them."""
    ANY = "any"


_OF_ROLE: Mapping[Role, Access] = {
    Role.VIEWER: Access.NONE,
    Role.AGENT: Access.AGENT,
    Role.SUPERVISOR: Access.ANY,
    Role.ADMIN: Access.ANY,
}


def access_of(session: Session, user_ids: Collection[int]) -> Mapping[int, Access]:
    """Return as what each of these users may take part now; whom nobody knows is left out.

    Who signed out everywhere, or was signed out, may not; a session that is merely too old is no
    reason to end a talk.
    """
    if not user_ids:
        return {}
    signed_in = sa.select(WebSession.id).where(WebSession.user_id == User.id).exists()
    rows = session.execute(
        sa.select(User.id, User.role, sa.and_(User.active, signed_in)).where(User.id.in_(user_ids))
    ).all()
    return {
        user_id: _OF_ROLE.get(role, Access.NONE) if is_here else Access.NONE
        for user_id, role, is_here in rows
    }
