"""SystemWay: a webhook whose messages are written anew where the person was forgotten meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from campaigns.messages.events import SystemEvent
from campaigns.messages.fates import Fate
from campaigns.messages.webhook import Webhook
from campaigns.messages.write_back_body import outcome_body
from store.database import Database
from store.message_queries import outcome_told
from store.message_values import OutgoingMessage


class SystemWay:
    """Tells another system; what was erased of an outcome stays out of it."""

    once_only = False

    def __init__(self, webhook: Webhook, database: Database) -> None:
        self._webhook = webhook
        self._database = database
        self.parallel = webhook.parallel

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Send a message as it is, or, where it was emptied, the outcome as it stands now."""
        if not message.body and message.outcome_id is not None:
            with self._database.reading() as session:
                told = outcome_told(session, message.outcome_id)
            revision = message.idempotency_key.rpartition("-")[2]
            body = outcome_body(SystemEvent(message.event), told, int(revision))
            message = replace(message, body=body)
        return self._webhook.send(message, now)
