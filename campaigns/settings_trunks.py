"""The tables of the settings file about trunks: who carries our calls, and what campaigns show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from campaigns.settings_section import Section
from campaigns.trunks.breaker import BreakerPolicy
from campaigns.trunks.caller_ids import CallerIdRule
from campaigns.trunks.choice import CampaignTrunks

FIRST: Final = "main"
"""Name of the trunk in `[trunk]`."""
MOST_TRUNKS: Final = 5
"""pjsip has eight accounts; three are for telephones of the house."""

Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z+*#._-]{1,64}$")]
"""A caller-id as it stands in front of the @."""
Prefix = Annotated[str, Field(pattern=r"^\+[0-9]{1,14}$")]
TrunkName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class TrunkSettings(Section):
    """A SIP trunk that carries our calls."""

    host: str = Field(default="", description="Name or address of the SIP provider.")
    port: int = Field(default=5060, ge=1, le=65535, description="SIP port of the provider.")
    transport: Literal["udp", "tcp", "tls"] = Field(default="udp", description="udp, tcp or tls.")
    tls_ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) of the authorities to trust; unset: the system's.",
    )
    tls_verify: bool = Field(
        default=True, description="Refuse a trunk whose certificate is not good."
    )
    srtp: Literal["off", "optional", "mandatory"] = Field(
        default="off", description="Encrypted sound, over tls only: off, optional or mandatory."
    )
    user: str = Field(default="", description="User name; empty: the provider knows us by address.")
    password: SecretStr = Field(default=SecretStr(""), description="Password of the user.")
    realm: str = Field(
        default="", description="Realm that the provider names when it asks for it; empty: any."
    )
    domain: str = Field(default="", description="SIP domain of the user, where it is not the host.")
    registers: bool = Field(
        default=False,
        description="Register with the provider; calls wait until we are registered.",
    )
    register_seconds: int = Field(
        default=300, ge=30, le=86400, description="For how long a registration is asked for."
    )
    caller_id: str = Field(
        default="", description="Number the recipient sees; empty: the user name."
    )
    caller_ids: tuple[Number, ...] = Field(
        default=(), description="Further numbers that campaigns may show over this trunk."
    )
    prefixes: tuple[Prefix, ...] = Field(
        default=(), description="First digits of the numbers it carries; none: all numbers."
    )
    priority: int = Field(
        default=0, ge=-100, le=100, description="The highest that can take a call carries it."
    )
    weight: int = Field(
        default=1, ge=1, le=1000, description="Share among trunks of the same priority."
    )
    max_channels: int = Field(
        default=30, ge=1, description="Calls the provider lets us hold at once."
    )
    calls_per_second: float = Field(
        default=5.0, gt=0, le=25, description="New calls the provider allows per second."
    )
    options_ping_seconds: float = Field(
        default=15.0,
        ge=0,
        le=3600,
        description="How often an idle trunk is asked whether it is there; 0: never.",
    )

    @model_validator(mode="after")
    def _keys_of_srtp_are_secret(self) -> Self:
        if self.srtp != "off" and self.transport != "tls":
            raise ValueError("srtp sends its keys by SIP; set transport to tls, or srtp to off")
        return self

    @model_validator(mode="after")
    def _whoever_registers_has_a_name(self) -> Self:
        if self.registers and not self.user:
            raise ValueError("registers needs user: in whose name are we to register?")
        return self

    @property
    def shown(self) -> str:
        """The number it shows by itself."""
        return self.caller_id or self.user or "menling"


class BreakerSettings(Section):
    """When a trunk that fails is left alone, and for how long."""

    failures: int = Field(
        default=4, ge=1, le=100, description="Refused calls in a row after which a trunk rests."
    )
    first_rest_seconds: float = Field(
        default=10.0, ge=1, le=3600, description="Its first rest; doubled each time it fails again."
    )
    longest_rest_seconds: float = Field(
        default=120.0, ge=1, le=3600, description="Its longest rest."
    )
    pause_after_minutes: float = Field(
        default=30.0,
        gt=0,
        le=24 * 60,
        description="Campaigns are paused when no trunk worked for so long; until then they wait.",
    )

    @property
    def policy(self) -> BreakerPolicy:
        """How patient we are with a trunk."""
        return BreakerPolicy(
            self.failures,
            timedelta(seconds=self.first_rest_seconds),
            timedelta(seconds=self.longest_rest_seconds),
        )


class CampaignTrunkSettings(Section):
    """Over which trunks a campaign calls, and which number it shows."""

    use: tuple[TrunkName, ...] = Field(
        default=(), description="Trunks the campaign may use, by name; none: all."
    )
    caller_ids: tuple[Number, ...] = Field(
        default=(),
        description="What recipients see, each always the same of them; none: the trunk's own.",
    )
    caller_id_by_prefix: Mapping[Prefix, Number] = Field(
        default_factory=dict,
        description="What recipients see by the first digits of their number.",
    )
    caller_id_by_region: Mapping[str, Number] = Field(
        default_factory=dict,
        description="What recipients see by the region of the manifest, where no prefix fits.",
    )

    @property
    def wanted(self) -> CampaignTrunks:
        """What the campaign says of trunks and numbers."""
        rule = CallerIdRule(
            self.caller_ids,
            MappingProxyType(dict(self.caller_id_by_prefix)),
            MappingProxyType(dict(self.caller_id_by_region)),
        )
        return CampaignTrunks(self.use, rule)


def _enough_room(trunks: Mapping[str, TrunkSettings]) -> Mapping[str, TrunkSettings]:
    if FIRST in trunks:
        raise ValueError(f"{FIRST} is the trunk in [trunk]; give this one another name")
    if len(trunks) >= MOST_TRUNKS:
        raise ValueError(f"{MOST_TRUNKS} trunks are the most, the one in [trunk] included")
    if unset := [name for name, trunk in trunks.items() if not trunk.host]:
        raise ValueError(f"{unset[0]}.host is not set: write the provider's address")
    return trunks


FurtherTrunks = Annotated[Mapping[TrunkName, TrunkSettings], AfterValidator(_enough_room)]
