"""What a registrar answers to us (RFC 3261 section 10), without pjsua2."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace

from dialer.settings import TrunkAccount


@dataclass(frozen=True, slots=True)
class RegistrationNews:
    """A registrar took us, refused us, or lost us."""

    trunk: str
    is_registered: bool
    sip_status: int
    """0: nothing came back at all."""
    reason: str
    expires_seconds: int = 0
    """How long it holds; it is renewed before."""


def with_address(trunk: TrunkAccount) -> TrunkAccount:
    """Return a trunk whose registrar is known by its address, which may take a while to look up.

    One whose name can't be resolved stays as it is: pjsip says so when it registers.
    """
    registrar = trunk.registrar
    if registrar is None:
        return trunk
    try:
        found = socket.getaddrinfo(
            registrar.host, registrar.port, socket.AF_INET, socket.SOCK_DGRAM
        )
    except OSError:
        return trunk
    return replace(trunk, registrar=replace(registrar, host=str(found[0][4][0])))
