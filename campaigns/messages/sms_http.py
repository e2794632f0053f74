"""SMS gateways that are spoken to by HTTP: request and answer are described by the settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, quote_plus

from campaigns.messages.fates import Again, Fate, Sent, refused, unknown
from campaigns.messages.http_exchange import Answer, NoAnswerError, NotSentError, exchange
from campaigns.settings import SettingsError
from campaigns.settings_messages import SmsSettings
from store.message_values import OutgoingMessage

_PLACEHOLDER: Final = re.compile(r"\{(phone|national|text|id|secret:[a-z0-9_]+)\}")
_CHINA: Final = "+86"


class HttpGateway:
    """A gateway as the settings describe it."""

    parallel = 4

    def __init__(self, settings: SmsSettings) -> None:
        """Raises SettingsError when a secret is spoken of that there is none of."""
        self._settings = settings
        self._secrets = {key: each.get_secret_value() for key, each in settings.secrets.items()}
        http = settings.http
        spoken = " ".join((http.url, http.body, *http.headers.values()))
        for name in _PLACEHOLDER.findall(spoken):
            if name.startswith("secret:") and name.removeprefix("secret:") not in self._secrets:
                key = name.removeprefix("secret:")
                raise SettingsError(
                    f"sms.http speaks of {{{name}}}, and there is no such secret; "
                    f"set MENLING_SMS__SECRETS__{key.upper()}"
                )

    @property
    def once_only(self) -> bool:
        """It would send a second time."""
        return not self._settings.http.repeats_safely

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        """Hand an SMS over; the answer says what came of it."""
        http = self._settings.http
        values = {
            "phone": message.address,
            "national": message.address.removeprefix(_CHINA).removeprefix("+"),
            "text": message.body,
            "id": message.idempotency_key,
            **{f"secret:{key}": value for key, value in self._secrets.items()},
        }
        kind = next((v for k, v in http.headers.items() if k.lower() == "content-type"), "")
        body = None if http.method == "GET" else _filled(http.body, values, _quoting(kind))
        headers = {name: _filled(text, values, _one_line) for name, text in http.headers.items()}
        try:
            answer = exchange(
                http.method,
                _filled(http.url, values, lambda text: quote(text, safe="")),
                headers,
                None if body is None else body.encode(),
                self._settings.timeout_seconds,
            )
        except NotSentError as error:
            return Again(str(error))
        except NoAnswerError as error:
            return Again(str(error)) if http.repeats_safely else unknown(str(error))
        return self._fate_of(answer, now)

    def _fate_of(self, answer: Answer, now: datetime) -> Fate:
        http, status = self._settings.http, answer.status
        told = f"HTTP {status}"
        if status in (502, 504) and not http.repeats_safely:
            # Whoever stands before the gateway had no answer from it.
            return unknown(told)
        if status in (401, 403, 408, 425, 429) or status >= 500:
            return Again(told, answer.retry_after(now))
        if not 200 <= status < 300:
            return refused(told)
        if not http.ok_values:
            return Sent(_field(answer, http.id_field))
        said = _field(answer, http.ok_field)
        if said in http.ok_values:
            return Sent(_field(answer, http.id_field))
        if said in http.retry_values:
            return Again(f"the gateway says {said}")
        return refused(f"the gateway says {said or 'nothing'} in {http.ok_field or 'its answer'}")


def _filled(template: str, values: Mapping[str, str], quoted: Callable[[str], str]) -> str:
    return _PLACEHOLDER.sub(lambda found: quoted(values[found.group(1)]), template)


def _quoting(content_type: str) -> Callable[[str], str]:
    if "json" in content_type:
        return lambda text: json.dumps(text, ensure_ascii=False)[1:-1]
    if "form-urlencoded" in content_type:
        return quote_plus
    if "xml" in content_type:
        return _for_xml
    return str


def _for_xml(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;")


def _one_line(text: str) -> str:
    return quote(text, safe=" -_.~+/=:@") if not text.isprintable() or not text.isascii() else text


def _field(answer: Answer, path: str) -> str:
    """Return a field of a JSON answer as text, `data.0.id`; the whole text for an empty path."""
    if not path:
        return answer.body.decode("utf-8", "replace").strip()[:100]
    found: Any = answer.json()
    for name in path.split("."):
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict):
            found = found.get(name)
        else:
            return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None or isinstance(found, dict | list) else str(found)[:100]
