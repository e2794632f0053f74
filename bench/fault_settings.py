"""The settings of engines at which faults are tried: any hour, loopback only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from campaigns.settings import Settings
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import (
    CampaignSettings,
    DialingSettings,
    PathSettings,
    StoreSettings,
    TrunkSettings,
)
from campaigns.settings_trunks import BreakerSettings

WORKERS: Final = 2
LEGS: Final = 4
ENGINES: Final = 12
"""At most at once, those of which processes are just dying included."""
RTP_PORTS: Final = 16
"""Of each leg."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What engines have in common."""

    data: Path
    """Where sentences and signs of life lie."""
    trunk: int
    """Port of who is called."""
    sip: int
    """First port of the first engine."""
    rtp: int

    def settings(self, url: str, slot: int) -> Settings:
        """Return the settings of an engine on that store, with the ports of that slot."""
        first = slot * WORKERS
        return Settings(
            store=StoreSettings(url=url),
            trunk=TrunkSettings(
                host="127.0.0.1",
                port=self.trunk,
                max_channels=ENGINES * WORKERS * LEGS,
                calls_per_second=25,
                options_ping_seconds=0,
            ),
            breaker=BreakerSettings(failures=100, first_rest_seconds=1),
            dialing=DialingSettings(
                workers=WORKERS,
                legs_per_worker=LEGS,
                bound_address="127.0.0.1",
                sip_port_base=self.sip + first,
                rtp_port_base=self.rtp + first * LEGS * RTP_PORTS,
                ring_timeout_seconds=3,
            ),
            calling=CallingSettings(
                jurisdiction="none",
                calls_per_hour=0,
                calls_per_day=0,
                calls_per_week=0,
                minimum_gap_minutes=0,
            ),
            campaign=CampaignSettings(
                calling_window="00:00-24:00",
                max_concurrent_calls=WORKERS * LEGS,
                record_calls=False,
                pause_after_trunk_failures=100_000,
            ),
            paths=PathSettings(data_dir=self.data),
        )
