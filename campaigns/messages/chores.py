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
from campaigns.settings_retention import span
from store.database import Database
from store.message_erasing import empty_messages, old_messages

ROUNDS: Final = 200
"""So many times a few outcomes in one go; the next beat takes the rest."""


AT_ONCE: Final = 200
"""Old messages that are emptied in one transaction."""


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


def empty_old_messages(duty: Duty) -> int:
    """Erase what messages said that are as old as words of calls that are erased; return how many.

    `retention.transcripts_days` says after how long.
    """
    kept = span(duty.settings.retention.transcripts_days)
    emptied = 0
    while kept is not None and duty.go_on():
        with duty.database.reading() as session:
            old = old_messages(session, duty.now - kept, AT_ONCE)
        if not old:
            break
        with duty.database.transaction() as session:
            empty_messages(session, old)
        emptied += len(old)
    return emptied


_MESSAGES: Final = Messages()

MESSAGING: Final = (
    Chore("telling outcomes", timedelta(seconds=1), _MESSAGES.tell),
    Chore("sending messages", timedelta(seconds=1), _MESSAGES.send),
    Chore("emptying old messages", timedelta(hours=6), empty_old_messages),
)
