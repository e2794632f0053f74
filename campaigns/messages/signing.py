"""Signatures of requests: HMAC-SHA256 over id, time and body, as Standard Webhooks 1.0 writes them.

The receiver computes the same and compares; several secrets are good at once while one is renewed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

PREFIX: Final = "whsec_"
TOLERANCE_SECONDS: Final = 300
"""A request that is older, or from the future, is a repeated one."""


def signed_headers(
    secrets: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers that prove who sent a body at a moment (Unix seconds)."""
    signatures = (f"v1,{_digest(each, message_id, timestamp, body)}" for each in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def is_genuine(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Say whether a request was signed with one of the secrets, and lately. Names in lower case."""
    message_id = headers.get("webhook-id", "")
    written = headers.get("webhook-timestamp", "")
    if not message_id or not written.isdecimal() or abs(now - int(written)) > TOLERANCE_SECONDS:
        return False
    given = [
        each.removeprefix("v1,").encode()
        for each in headers.get("webhook-signature", "").split()
        if each.startswith("v1,")
    ]
    return any(
        hmac.compare_digest(_digest(secret, message_id, int(written), body).encode(), each)
        for secret in secrets
        for each in given
    )


def _digest(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    """Return the bytes of a secret: Base64 after `whsec_`, else its own letters."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
