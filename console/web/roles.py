"""Who may do what: one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from store.people_types import Role, Theme


class Permission(StrEnum):
    """What a page or a request needs."""

    PUBLIC = "public"
    """Nothing: signing in, and what is shown before."""
    OWN_ACCOUNT = "own_account"
    """One's own name, language and password."""
    SEE_BOARD = "see_board"
    SEE_FLOW_MAP = "see_flow_map"
    SEE_CAMPAIGNS = "see_campaigns"
    SEE_CONTACTS = "see_contacts"
    SEE_CALLS = "see_calls"
    """Lists and transcripts; `console.web.masking` says how much of them."""
    SEE_TICKETS = "see_tickets"
    SEE_METRICS = "see_metrics"
    WORK_AT_DESK = "work_at_desk"
    """Take calls over, and write down what they came to."""
    WORK_ON_TICKETS = "work_on_tickets"
    SUPERVISE = "supervise"
    """Listen, whisper, barge, take over, end, give back."""
    HEAR_RECORDINGS = "hear_recordings"
    REVIEW_CALLS = "review_calls"
    RUN_CAMPAIGNS = "run_campaigns"
    """Create, import, start, pause, cancel."""
    ADD_EVENTS = "add_events"
    """Tell what happened to a parcel."""
    SEE_SUPPRESSION = "see_suppression"
    ADD_SUPPRESSION = "add_suppression"
    EXPORT = "export"
    """Take completed manifests, ledgers and calls away as files."""
    OWN_TOKENS = "own_tokens"
    """Make keys of the API in one's own name."""
    LIFT_SUPPRESSION = "lift_suppression"
    ERASE_RECORDINGS = "erase_recordings"
    FORGET_PEOPLE = "forget_people"
    """Erase all that is kept of a person, for ever."""
    MANAGE_USERS = "manage_users"
    SEE_AUDIT = "see_audit"


_VIEWER: Final = frozenset(
    {
        Permission.PUBLIC,
        Permission.OWN_ACCOUNT,
        Permission.SEE_BOARD,
        Permission.SEE_FLOW_MAP,
        Permission.SEE_CAMPAIGNS,
        Permission.SEE_CONTACTS,
        Permission.SEE_CALLS,
        Permission.SEE_TICKETS,
        Permission.SEE_METRICS,
    }
)
_AGENT: Final = frozenset(
    {
        Permission.PUBLIC,
        Permission.OWN_ACCOUNT,
        Permission.SEE_BOARD,
        Permission.SEE_FLOW_MAP,
        Permission.SEE_TICKETS,
        Permission.WORK_AT_DESK,
        Permission.WORK_ON_TICKETS,
    }
)
_SUPERVISOR: Final = (
    _VIEWER
    | _AGENT
    | {
        Permission.SUPERVISE,
        Permission.HEAR_RECORDINGS,
        Permission.REVIEW_CALLS,
        Permission.RUN_CAMPAIGNS,
        Permission.ADD_EVENTS,
        Permission.SEE_SUPPRESSION,
        Permission.ADD_SUPPRESSION,
        Permission.EXPORT,
        Permission.OWN_TOKENS,
    }
)

GRANTS: Final = {
    Role.VIEWER: _VIEWER,
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: frozenset(Permission),
}
"""What each role may do."""


def includes(role: Role, other: Role) -> bool:
    """Tell whether whoever has `role` may do all that `other` may."""
    return GRANTS[role] >= GRANTS[other]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: a user in a browser, or a program with that user's key."""

    user_id: int
    name: str
    role: Role
    language: str
    csrf: str
    """What a form of this session must bring along; empty for a key."""
    theme: Theme = Theme.SYSTEM
    token_id: int | None = None
    """The key that was used; None: a browser."""

    def can(self, permission: Permission) -> bool:
        """Tell whether this viewer may do that."""
        return permission in GRANTS[self.role]
