"""The tables of the settings file about what goes out: webhooks, database, SMS, e-mail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from campaigns.settings_sections import Section

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"write an address such as https://tms.example.com/menling, not {text!r}")
    if parts.username or parts.password:
        raise ValueError("keep user and password out of the address; it is shown in lists")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"write a short name such as tms, in lower case, not {text!r}")
    return text


Address = Annotated[str, AfterValidator(_address)]
PerSecond = Annotated[float, Field(gt=0, le=1000)]


class WebhookSettings(Section):
    """A system that learns by a signed request what came of calls; one table per system."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        description="Short name of the system, shown in lists: tms."
    )
    url: Address = Field(description="Where requests go; https, or http on this machine.")
    secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        description="whsec_ and Base64, or 24 characters or more; several while one is renewed.",
    )
    events: tuple[str, ...] = Field(
        default=("*",), description="Which events: names, or outcome.* for all of a kind."
    )
    per_second: PerSecond = Field(default=20.0, description="Requests in a second at most.")
    allow_plain_http: bool = Field(
        default=False, description="Send unencrypted to another machine, inside your own network."
    )

    @model_validator(mode="after")
    def _nobody_reads_along(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme == "http" and not self.allow_plain_http and parts.hostname not in _LOOPBACK:
            raise ValueError("use https, or set allow_plain_http inside your own network")
        if any(len(each.get_secret_value()) < 24 for each in self.secrets):
            raise ValueError("a secret has at least 24 characters: openssl rand -base64 32")
        return self


class WriteBackDatabaseSettings(Section):
    """A table of another database into which outcomes are written."""

    url: SecretStr = Field(
        default=SecretStr(""),
        description="SQLAlchemy address of the other database; empty: none.",
    )
    table: str = Field(
        default="menling_outcomes", min_length=1, description="Its table, with schema if need be."
    )


class WriteBackSettings(Section):
    """How outcomes get into other systems, beside completed manifests and webhooks."""

    database: WriteBackDatabaseSettings = WriteBackDatabaseSettings()


class SmsHttpSettings(Section):
    """An SMS gateway that is spoken to by HTTP; texts hold {phone}, {text}, {id}, {secret:…}."""

    url: str = Field(default="", description="Address of the gateway; empty: none.")
    method: Literal["POST", "GET"] = Field(default="POST", description="POST or GET.")
    headers: dict[str, str] = Field(
        default={"Content-Type": "application/json"}, description="Headers of the request."
    )
    body: str = Field(
        default='{"phone": "{national}", "content": "{text}", "id": "{id}"}',
        description="Body; what is filled in is quoted as its Content-Type asks.",
    )
    ok_field: str = Field(
        default="code", description="Field of the answer that says whether it was taken; a.b.c."
    )
    ok_values: tuple[str, ...] = Field(
        default=("0", "OK", "success"), description="What it says then; empty: any 2xx will do."
    )
    id_field: str = Field(default="msgId", description="Field that holds the provider's number.")
    retry_values: tuple[str, ...] = Field(
        default=(), description="What ok_field says when it is to be tried again."
    )
    repeats_safely: bool = Field(
        default=False,
        description="The gateway sends one {id} once only; else nothing unanswered is repeated.",
    )


class SmppSettings(Section):
    """An SMS centre that is spoken to by SMPP 3.4."""

    host: str = Field(default="", description="Name or address of the centre; empty: none.")
    port: int = Field(default=2775, ge=1, le=65535, description="Its port.")
    tls: bool = Field(default=False, description="Speak TLS, with a certificate that is good.")
    system_id: str = Field(default="", max_length=15, description="Our account.")
    password: SecretStr = Field(default=SecretStr(""), description="At most 8 characters.")
    system_type: str = Field(default="", max_length=12, description="As the provider says.")
    bind: Literal["transceiver", "transmitter"] = Field(
        default="transceiver", description="transmitter: no receipts and no answers come back."
    )
    source: str = Field(default="", max_length=20, description="Number that recipients see.")
    long_messages: Literal["udh", "payload"] = Field(
        default="udh", description="Long texts in parts (udh), or whole, for the centre to cut."
    )
    number_form: Literal["e164", "national"] = Field(
        default="e164", description="8613800138000, or 13800138000 as some Chinese centres want."
    )
    window: int = Field(default=10, ge=1, le=100, description="Unanswered messages at most.")
    enquire_seconds: float = Field(
        default=30.0, ge=1, le=600, description="A sign of life after so long a silence."
    )


class SmsSettings(Section):
    """How SMS go out; with no gateway none do."""

    gateway: Literal["none", "http", "smpp"] = Field(
        default="none", description="none, http or smpp."
    )
    per_second: PerSecond = Field(default=10.0, description="SMS in a second at most.")
    timeout_seconds: float = Field(default=10.0, gt=0, le=120, description="Patience for answers.")
    secrets: dict[str, SecretStr] = Field(
        default={}, description="What {secret:key} stands for; MENLING_SMS__SECRETS__KEY."
    )
    http: SmsHttpSettings = SmsHttpSettings()
    smpp: SmppSettings = SmppSettings()

    @model_validator(mode="after")
    def _gateway_is_described(self) -> Self:
        if self.gateway == "http" and not self.http.url:
            raise ValueError("gateway http needs http.url")
        if self.gateway == "http":
            _address(self.http.url.split("?", 1)[0])
        if self.gateway == "smpp" and not (self.smpp.host and self.smpp.system_id):
            raise ValueError("gateway smpp needs smpp.host and smpp.system_id")
        return self


class EmailSettings(Section):
    """How e-mail goes out; without a host none does."""

    host: str = Field(default="", description="Mail server that takes our mail; empty: none.")
    port: int = Field(default=587, ge=1, le=65535, description="587 with starttls, 465 with tls.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="starttls, tls, or none on this machine."
    )
    user: str = Field(default="", description="Account; empty: the server asks for none.")
    password: SecretStr = Field(default=SecretStr(""), description="Password of the account.")
    sender: str = Field(default="", description="Address that recipients see: 顺达 <a@b.cn>.")
    unsubscribe: str = Field(
        default="", description="Address for List-Unsubscribe, mailto: or https; empty: sender."
    )
    ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) to trust; unset: the system's."
    )
    per_second: PerSecond = Field(default=5.0, description="E-mails in a second at most.")
    timeout_seconds: float = Field(default=20.0, gt=0, le=120, description="Patience for answers.")

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        if self.host and "@" not in self.sender:
            raise ValueError("e-mail needs sender, an address")
        if (
            self.security == "none"
            and self.password.get_secret_value()
            and (self.host not in _LOOPBACK)
        ):
            raise ValueError("security none would send the password readable; use starttls")
        return self


class MessageSettings(Section):
    """What goes out beside calls, and how often it is tried."""

    max_tries: int = Field(default=12, ge=1, le=50, description="After that a message is dead.")
    first_retry_seconds: float = Field(
        default=5.0, gt=0, le=3600, description="First wait; each further one is twice as long."
    )
    longest_retry_minutes: float = Field(
        default=60.0, gt=0, le=1440, description="No wait is longer."
    )
    circuit_after: int = Field(
        default=5, ge=1, le=100, description="Failures in a row after which a target is left alone."
    )
    circuit_seconds: float = Field(
        default=30.0, gt=0, le=3600, description="So long; then one message tries it out."
    )
    useful_hours: float = Field(
        default=12.0, gt=0, le=168, description="An SMS or e-mail older than that is not sent."
    )
    templates_file: Path | None = Field(
        default=None, description="Your own texts (YAML); unset: those that ship with Menling."
    )
    companions_file: Path | None = Field(
        default=None, description="Your own table of what follows a call; unset: the one shipped."
    )
    learn_channel: bool = Field(
        default=True, description="Prefer the way that worked with this recipient before."
    )
