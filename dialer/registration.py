"""What a registrar answers to us (RFC 3261 section 10), without pjsua2."""

from __future__ import annotations

from dataclasses import dataclass


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
