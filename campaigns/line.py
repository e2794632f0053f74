"""OutgoingLine: the trunk as the calls of a campaign see it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from campaigns.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class OutgoingLine:
    """The way out of the house: the trunk and what is done on every call over it."""

    host: str
    """An address; names are resolved beforehand."""
    port: int
    transport: str
    ring_timeout: timedelta
    recordings: Path
    max_channels: int
    calls_per_second: float

    def uri(self, phone: str) -> str:
        """Return the SIP URI of a number on this trunk (RFC 3261 section 19.1)."""
        host = f"[{self.host}]" if _is_ipv6(self.host) else self.host
        return f"sip:{phone}@{host}:{self.port};transport={self.transport}"


async def outgoing_line(settings: Settings, name: str = "") -> OutgoingLine:
    """Return the way out over the trunk of that name, or the first one, with its name resolved.

    Raises SettingsError when no such trunk is set or its name can't be resolved.
    """
    trunks = settings.all_trunks
    if name and name not in trunks:
        raise SettingsError(f"No trunk is called {name}; the settings have {', '.join(trunks)}.")
    trunk = trunks[name] if name else next(iter(trunks.values()))
    if not trunk.host:
        raise SettingsError(unset())
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            trunk.host, trunk.port, type=socket.SOCK_DGRAM
        )
    except OSError as error:
        raise SettingsError(
            f"trunk.host: the name {trunk.host} can't be resolved ({error}); check the name and "
            "the name server, or write the address."
        ) from error
    return OutgoingLine(
        host=str(found[0][4][0]),
        port=trunk.port,
        transport=trunk.transport,
        ring_timeout=settings.ring_timeout,
        recordings=settings.recordings_dir,
        max_channels=trunk.max_channels,
        calls_per_second=trunk.calls_per_second,
    )


def unset() -> str:
    """Return what an operator reads who has set no trunk."""
    return (
        "trunk.host is not set: write the address of your SIP provider into the settings file, "
        "or try everything without one by `menling demo`."
    )


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
