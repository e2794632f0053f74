"""The chores of messages: what follows outcomes is written down, and what is due is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from weakref import WeakKeyDictionary

from campaigns.chores import Chore, Duty
from campaigns.messages.quiet import QuietHours
from campaigns.messages.rules import MessageRules, message_rules_of
from campaigns.messages.sender import Sender, sender_of
from campaigns.messages.telling import tell_outcomes
from campaigns.settings import Settings
from store.database import Database

ROUNDS: Final = 200
"""So many times a few outcomes in one go; the next beat takes the rest."""


class Messages:
    """What this process keeps between two beats: rules that were read, and open connections."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._rules: tuple[Settings, MessageRules, QuietHours] | None = None
        self._senders: WeakKeyDictionary[Database, Sender | None] = WeakKeyDictionary()

    def tell(self, duty: Duty) -> int:
        """Write down what follows outcomes that nobody was told of; return how many there were."""
        rules, quiet = self._rules_of(duty.settings)
        told = 0
        for _ in range(ROUNDS):
            if not duty.go_on():
                break
            some = tell_outcomes(duty.database, quiet, rules, duty.now).outcomes
            told += some
            if not some:
                break
        return told

    def send(self, duty: Duty) -> None:
        """Send what is due; what comes back is kept."""
        if duty.database not in self._senders:
            self._senders[duty.database] = sender_of(duty.database, duty.settings)
        sender = self._senders[duty.database]
        if sender is not None:
            sender.beat(duty.tell, duty.go_on)

    def close(self) -> None:
        """End after what is under way."""
        for sender in self._senders.values():
            if sender is not None:
                sender.close()

    def _rules_of(self, settings: Settings) -> tuple[MessageRules, QuietHours]:
        if self._rules is None or self._rules[0] is not settings:
            self._rules = (settings, message_rules_of(settings), QuietHours(settings))
        return self._rules[1:]


_MESSAGES: Final = Messages()

MESSAGING: Final = (
    Chore("telling outcomes", timedelta(seconds=1), _MESSAGES.tell),
    Chore("sending messages", timedelta(seconds=1), _MESSAGES.send),
)
