"""Settings of one worker's SIP stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


class Transport(StrEnum):
    """What carries SIP to the trunk."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Srtp(StrEnum):
    """Whether sound is encrypted; the keys travel in SIP (RFC 4568), so it needs TLS."""

    OFF = "off"
    OPTIONAL = "optional"
    """Offered; a trunk that doesn't know it gets plain RTP."""
    MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Whom we take the far end of a TLS connection for."""

    host: str = ""
    """The trunk's name as its certificate bears it."""
    ca_file: Path | None = None
    """Certificates (PEM) of the authorities we trust; None: those the system trusts."""
    verify: bool = True
    """False: anybody who answers is believed to be the trunk."""


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password for one registrar or exchange."""

    realm: str
    """In whose name the password is asked for, as the exchange says it; often its domain."""
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registrar:
    """Where a trunk wants to know us before it carries our calls (RFC 3261 section 10)."""

    host: str
    """An address, once the worker has resolved the name."""
    port: int
    domain: str
    user: str
    """In whose name we register: `user@domain`."""
    expires: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TrunkAccount:
    """One trunk as SIP knows it: who we are there, and what carries calls and sound."""

    name: str = "main"
    identity: str = "sip:menling@127.0.0.1"
    """Caller-id of calls that name none: the From and P-Asserted-Identity URI."""
    user: str = ""
    password: str = field(default="", repr=False)
    realm: str = "*"
    """Whose questions for a password these answer; *: everybody's but the desk's."""
    transport: Transport = Transport.UDP
    tls: TlsSettings = TlsSettings()
    """Only for TLS."""
    srtp: Srtp = Srtp.OFF
    registrar: Registrar | None = None
    """None: it carries calls of those who are not registered."""


@dataclass(frozen=True, slots=True)
class SipSettings:
    """Addresses, ports, trunks and limits of one SipThread."""

    bound_address: str = "127.0.0.1"
    sip_port: int = 0
    """0: any free port."""
    rtp_port: int = 0
    """First port for RTP and RTCP; 0: any free ones."""
    rtp_ports: int = 64
    """How many ports from `rtp_port` on may be used; a call takes two."""
    legs: int = 4
    """Calls at a time; the pjsua2 wheel allows 4."""
    trunks: tuple[TrunkAccount, ...] = (TrunkAccount(),)
    """The first one carries calls that name none; pjsip has room for five."""
    desk: Login | None = None
    """What agents' extensions are called with, where that is not what the trunk asks for."""
    user_agent: str = "Menling"
    log_file: Path | None = None
    """Where pjsip writes its log and every SIP message; None: nowhere."""
    media_timeout: timedelta = timedelta(seconds=20)
    """An answered call without any RTP for so long is ended as MEDIA_LOST."""

    def trunk(self, name: str) -> TrunkAccount:
        """Return the trunk of that name, or the first one; raises KeyError for an unknown name."""
        if not name:
            return self.trunks[0]
        return {each.name: each for each in self.trunks}[name]
