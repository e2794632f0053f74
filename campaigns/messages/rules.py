"""MessageRules: what the settings make of messages, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from campaigns.messages.circuit import CircuitRules
from campaigns.messages.companions import Companions, companions_of
from campaigns.messages.events import PersonEvent
from campaigns.messages.fates import Patience
from campaigns.messages.templates import Texts, texts_of
from campaigns.settings import Settings, SettingsError
from store.message_types import Channel, MessageKind

SMS: Final = "sms"
EMAIL: Final = "email"
DATABASE: Final = "database"
"""The targets that there is at most one of; webhooks have names."""


@dataclass(frozen=True, slots=True)
class MessageRules:
    """How messages are written and sent."""

    texts: Mapping[str, Texts]
    """By language."""
    companions: Companions
    webhooks: Mapping[str, tuple[str, ...]]
    """The events that each one wants, by its name."""
    channels: tuple[Channel, ...]
    """Ways to a recipient that are configured."""
    database: bool
    """Outcomes are written into another database, too."""
    patience: Patience
    circuits: Mapping[str, CircuitRules]
    """By target."""
    useful: timedelta
    learns: bool

    @property
    def says_anything(self) -> bool:
        """Anything goes out at all."""
        return bool(self.webhooks or self.channels or self.database)


def message_rules_of(settings: Settings) -> MessageRules:
    """Return the rules of messages. Raises SettingsError when texts or tables are wrong."""
    chosen = settings.messages
    names = [each.name for each in settings.webhooks]
    for name in names:
        if name in (SMS, EMAIL, DATABASE) or names.count(name) > 1:
            raise SettingsError(f"webhooks: the name {name} is taken; give each another one")
    channels = []
    if settings.sms.gateway != "none":
        channels.append(Channel.SMS)
    if settings.email.host:
        channels.append(Channel.EMAIL)
    per_second = {each.name: each.per_second for each in settings.webhooks}
    per_second |= {SMS: settings.sms.per_second, EMAIL: settings.email.per_second, DATABASE: 200.0}
    rest = timedelta(seconds=chosen.circuit_seconds)
    rules = MessageRules(
        texts=texts_of(chosen.templates_file),
        companions=companions_of(chosen.companions_file),
        webhooks={each.name: each.events for each in settings.webhooks},
        channels=tuple(channels),
        database=bool(settings.write_back.database.url.get_secret_value()),
        patience=Patience(
            chosen.max_tries,
            timedelta(seconds=chosen.first_retry_seconds),
            timedelta(minutes=chosen.longest_retry_minutes),
        ),
        circuits={
            name: CircuitRules(chosen.circuit_after, rest, rate)
            for name, rate in per_second.items()
        },
        useful=timedelta(hours=chosen.useful_hours),
        learns=chosen.learn_channel,
    )
    _every_companion_has_its_texts(rules)
    return rules


def _every_companion_has_its_texts(rules: MessageRules) -> None:
    kinds = {Channel.SMS: MessageKind.SMS, Channel.EMAIL: MessageKind.EMAIL}
    wanted = {
        (row.companion.event, channel)
        for row in rules.companions.rows
        if row.companion is not None
        for channel in row.companion.channels
    }
    wanted |= {(PersonEvent.TEST, channel) for channel in kinds}
    for language, texts in rules.texts.items():
        for event, channel in sorted(wanted):
            if event not in texts.events(kinds[channel]):
                raise SettingsError(
                    f"There is no {channel} text for {event} in {language}; write one into "
                    "messages.templates_file, or take the channel out of the table of companions"
                )
