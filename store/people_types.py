"""The words that the columns about our own people hold."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do at the console; `console.web.roles` says what that is."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    VIEWER = "viewer"


class Theme(StrEnum):
    """Whether somebody's pages are light or dark."""

    SYSTEM = "system"
    """As the computer is set."""
    LIGHT = "light"
    DARK = "dark"
