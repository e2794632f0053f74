"""The main pages in their order, and who sees which of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.web.roles import Permission, Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """A main page."""

    path: str
    name: str
    """Its words are `nav.NAME`."""
    permission: Permission
    key: str
    """`g` and this letter lead there."""


PLACES: Final = (
    Place("/", "board", Permission.SEE_BOARD, "b"),
    Place("/desk", "desk", Permission.WORK_AT_DESK, "d"),
    Place("/supervise", "supervise", Permission.SUPERVISE, "v"),
    Place("/callbacks", "callbacks", Permission.WORK_ON_TICKETS, "p"),
    Place("/campaigns", "campaigns", Permission.SEE_CAMPAIGNS, "c"),
    Place("/reconcile", "reconcile", Permission.RUN_CAMPAIGNS, "f"),
    Place("/messages", "messages", Permission.RUN_CAMPAIGNS, "o"),
    Place("/calls", "calls", Permission.SEE_CALLS, "l"),
    Place("/flow-map", "flow_map", Permission.SEE_FLOW_MAP, "m"),
    Place("/reviews", "reviews", Permission.REVIEW_CALLS, "r"),
    Place("/cases", "cases", Permission.REVIEW_CALLS, "k"),
    Place("/suppression", "suppression", Permission.SEE_SUPPRESSION, "s"),
    Place("/tokens", "tokens", Permission.OWN_TOKENS, "t"),
    Place("/users", "users", Permission.MANAGE_USERS, "u"),
    Place("/audit", "audit", Permission.SEE_AUDIT, "a"),
)


def places_for(viewer: Viewer | None, paths: frozenset[str]) -> tuple[Place, ...]:
    """Return the main pages that somebody may see, of those that there are."""
    if viewer is None:
        return ()
    return tuple(each for each in PLACES if each.path in paths and viewer.can(each.permission))


def is_within(place: Place, path: str) -> bool:
    """Tell whether a path belongs to a main page."""
    return path == place.path or (place.path != "/" and path.startswith(f"{place.path}/"))
