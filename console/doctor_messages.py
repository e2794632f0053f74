"""What messages need: texts that are sound, ways out that are configured, nothing that is stuck."""

from __future__ import annotations

import asyncio

from campaigns.messages.rules import message_rules_of
from campaigns.messages.sender import check_messages
from campaigns.settings import Settings, SettingsError
from console.finding import Finding, Health
from console.running import open_store
from store.errors import StoreError
from store.message_queries import message_counts, targets_pending
from store.message_types import MessageStatus

NAME = "messages"


async def messages_finding(settings: Settings) -> Finding:
    """Find whether messages can go out, and whether any did not."""
    try:
        check_messages(settings)
        rules = message_rules_of(settings)
    except SettingsError as error:
        return Finding(NAME, Health.MISSING, str(error), "put it right; nothing starts before")
    if not rules.says_anything:
        return Finding(
            NAME,
            Health.WELL,
            "nothing goes out beside calls: no webhooks, sms.gateway, email.host, write_back",
        )
    ways = [*rules.webhooks, *rules.channels, *(["database"] if rules.database else [])]
    try:
        dead, astray = await asyncio.to_thread(_stuck, settings, frozenset(ways))
    except StoreError as error:
        return Finding(NAME, Health.DOUBTFUL, str(error), "look at the database")
    what = f"go out by {', '.join(ways)}"
    if dead:
        return Finding(
            NAME,
            Health.DOUBTFUL,
            f"{what}; {dead} are dead",
            "`menling messages list --status dead` says why; then replay or cancel them",
        )
    if astray:
        return Finding(
            NAME,
            Health.DOUBTFUL,
            f"{what}; some wait for {', '.join(astray)}, which the settings don't know",
            "bring it back into the settings, or `menling messages cancel` them",
        )
    return Finding(NAME, Health.WELL, what)


def _stuck(settings: Settings, ways: frozenset[str]) -> tuple[int, tuple[str, ...]]:
    database = open_store(settings)
    try:
        with database.reading() as session:
            counts = message_counts(session)
            waiting = targets_pending(session)
    finally:
        database.close()
    dead = sum(each.messages for each in counts if each.status is MessageStatus.DEAD)
    return dead, tuple(sorted(set(waiting) - ways))
