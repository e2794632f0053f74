"""Webhooks: signed requests to other systems."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from campaigns.messages.fates import Again, Fate, Sent, refused
from campaigns.messages.http_exchange import Answer, NoAnswerError, NotSentError, exchange
from campaigns.messages.signing import signed_headers
from campaigns.settings_messages import WebhookSettings
from store.message_values import OutgoingMessage

TIMEOUT_SECONDS: Final = 15.0
_TRIED_AGAIN: Final = frozenset({401, 403, 408, 425, 429})
"""Of the 4xx: the secret may be put right, the receiver may have time later."""
_CONFLICT_LENGTH: Final = 4000


class Webhook:
    """One system that is told by webhook; it knows the idempotency key, so trying again is safe."""

    once_only = False
    parallel = 4

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Send a message as JSON; the answer says what came of it."""
        body = message.body.encode()
        secrets = [each.get_secret_value() for each in self._settings.secrets]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Menling",
            "Idempotency-Key": message.idempotency_key,
            **signed_headers(secrets, message.idempotency_key, int(now.timestamp()), body),
        }
        try:
            answer = exchange("POST", self._settings.url, headers, body, TIMEOUT_SECONDS)
        except (NotSentError, NoAnswerError) as error:
            return Again(str(error))
        return fate_of(answer, now)


def fate_of(answer: Answer, now: datetime) -> Fate:
    """Return what an answer means: taken, taken with an objection, later, or never."""
    status = answer.status
    if 200 <= status < 300:
        return Sent()
    if status == 409 and (conflict := _conflict_in(answer)):
        return Sent(conflict=conflict)
    told = f"HTTP {status}"
    if 300 <= status < 400:
        return Again(f"{told}: redirects are not followed; write the new address into webhooks.url")
    if status in _TRIED_AGAIN or status >= 500:
        return Again(told, answer.retry_after(now))
    return refused(f"{told}: the receiver does not take it as it is")


def _conflict_in(answer: Answer) -> str:
    """Return the objection as JSON, `{"conflict": "truck_left", …}`; empty when there is none."""
    told = answer.json()
    if not isinstance(told, dict) or not isinstance(told.get("conflict"), str):
        return ""
    written = json.dumps(told, ensure_ascii=False)
    return (
        written
        if len(written) <= _CONFLICT_LENGTH
        else json.dumps({"conflict": told["conflict"][:100]}, ensure_ascii=False)
    )
