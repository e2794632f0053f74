"""The tables of the settings file about people: the desk and the console in the browser."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from campaigns.settings_sections import Port, Section


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ValueError(f"write an address such as 10.0.0.5, not {text!r}") from error


class DeskSettings(Section):
    """How agents take calls over."""

    enabled: bool = Field(
        default=True,
        description="Let agents take calls over; off: customers are promised a callback, as "
        "without agents.",
    )
    offer_seconds: float = Field(
        default=15.0, ge=3, le=120, description="How long a call is held out to one agent."
    )
    patience_seconds: float = Field(
        default=30.0, ge=5, le=40, description="How long a customer waits for an agent at most."
    )
    wrap_up_seconds: float = Field(
        default=120.0,
        ge=0,
        le=3600,
        description="After that an agent who writes is ready again; 0: only when they say so.",
    )
    legs_kept: int = Field(
        default=2,
        ge=1,
        le=32,
        description="Of the calls of a worker, so many are kept for people who join.",
    )
    sip_domain: str = Field(
        default="", description="Host that knows agents by their extension, a registrar or PBX."
    )
    realm: str = Field(
        default="", description="Realm that host names when it asks who we are; empty: sip_domain."
    )
    user: str = Field(default="", description="User name for that host, if it asks for one.")
    password: SecretStr = Field(default=SecretStr(""), description="Password of that user.")


class ConsoleSettings(Section):
    """The console in the browser."""

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that the console listens on; 0.0.0.0: every address of this machine.",
    )
    port: Port = Field(default=8088, description="Port that the console listens on.")
    host_names: tuple[str, ...] = Field(
        default=(),
        description="Names under which browsers reach it, beside localhost and host.",
    )
    secure_cookies: bool = Field(
        default=False,
        description="Sign people in over HTTPS only; set it where a proxy speaks HTTPS.",
    )
    session_hours: float = Field(
        default=12.0, gt=0, le=24 * 31, description="How long somebody stays signed in."
    )
    upload_mib: float = Field(
        default=20.0, gt=0, le=1024, description="The largest manifest that is taken, in MiB."
    )
    metrics_from: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(
        default=(),
        description="Addresses that may read /metrics without a key.",
    )
