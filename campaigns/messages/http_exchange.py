"""One HTTP request and its answer, without redirects, and knowing whether it left."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

MOST_BYTES: Final = 64 * 1024
"""More of an answer is not read."""


class NotSentError(Exception):
    """The receiver was not reached; nothing left."""


class NoAnswerError(Exception):
    """The request left, or part of it, and no answer came; the receiver may have it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def retry_after(self, now: datetime) -> timedelta | None:
        """Return how long it asks to be left alone (RFC 9110, 10.2.3); None: it says nothing."""
        written = self.headers.get("retry-after", "").strip()
        if written.isdecimal():
            return timedelta(seconds=min(int(written), 86400))
        try:
            until = parsedate_to_datetime(written)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(timedelta(0), until - now)


def exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
) -> Answer:
    """Send a request and return the answer, whatever its status; redirects are not followed.

    `timeout`: seconds for each step, and for the whole answer. Raises NotSentError and
    NoAnswerError.
    """
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.hostname or ""
    connection: HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    else:
        connection = HTTPConnection(host, parts.port, timeout=timeout)
    try:
        try:
            connection.connect()
        except OSError as error:
            raise NotSentError(f"{host} can't be reached: {error.strerror or error}") from error
        try:
            connection.request(method, path, body, dict(headers))
            return _read(connection, monotonic() + timeout)
        except (OSError, HTTPException) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else type(error).__name__
            raise NoAnswerError(f"{host} did not answer: {why}") from error
    finally:
        connection.close()


def _read(connection: HTTPConnection, deadline: float) -> Answer:
    response = connection.getresponse()
    body = b""
    while len(body) < MOST_BYTES and (piece := response.read1(MOST_BYTES - len(body))):
        body += piece
        if monotonic() > deadline:
            raise TimeoutError
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body)
