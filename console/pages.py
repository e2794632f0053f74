"""Pages beside other work: starts the console as a process, and says where it is."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns.settings import Settings
from console.console_process import run_console
from console.screen import say
from console.web.signing_in import first_link
from console.web.site import address_of
from processes.child import Child, start_child
from store.database import Database


def start_console(settings: Settings) -> Child:
    """Start the console as a process of its own; its store must be up to date."""
    return start_child(run_console, settings, name="console")


def tell_where(settings: Settings, database: Database) -> None:
    """Say where the console is and, at its first start, by which link the administrator enters."""
    say(f"Console: {address_of(settings, '/')}")
    link = first_link(database, datetime.now(UTC))
    if link is not None:
        say(
            f"First sign-in, good for one use within 24 hours: {address_of(settings, link)}",
            "green",
        )
