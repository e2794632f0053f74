"""The trunks of one worker in pjsip: a transport and an account for each, and registrations.

Everything here is called on the SIP thread, and nothing is ever taken away again. pjsip has room
for eight accounts and aborts at the ninth: three are kept for the telephones of the house.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import pjsua2 as pj

from dialer.addressing import stated_transport, target_of, with_user
from dialer.certificate import CertificateError, authorities, require_name
from dialer.line_news import SipError
from dialer.pjsip import immortal
from dialer.registration import RegistrationNews
from dialer.settings import (
    Login,
    Registrar,
    SipSettings,
    Srtp,
    TlsSettings,
    Transport,
    TrunkAccount,
)

log = logging.getLogger(__name__)

MOST_TRUNKS: Final = 5
_TRANSPORTS = {
    Transport.UDP: pj.PJSIP_TRANSPORT_UDP,
    Transport.TCP: pj.PJSIP_TRANSPORT_TCP,
    Transport.TLS: pj.PJSIP_TRANSPORT_TLS,
}
_SRTP = {
    Srtp.OFF: pj.PJMEDIA_SRTP_DISABLED,
    Srtp.OPTIONAL: pj.PJMEDIA_SRTP_OPTIONAL,
    Srtp.MANDATORY: pj.PJMEDIA_SRTP_MANDATORY,
}
_TLS_TIMEOUT_MS = 8000
_RETRY_SECONDS = 30
"""A registrar that failed us is asked again after that."""
_ANY_TRANSPORT = -1

Registered = Callable[[RegistrationNews], None]


class TrunkEndpoint(pj.Endpoint):
    """Looks at the certificate of a trunk before a word is said to it.

    pjsip would compare it with the address we dial; a trunk's certificate bears the name that
    was resolved to it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._expected: dict[str, dict[str, TlsSettings]] = {}
        """Who may answer at an address, by trunk."""

    def expect(self, target: str, trunk: str, tls: TlsSettings) -> None:
        """Take whoever answers at that address and port for this trunk, if it proves it."""
        self._expected.setdefault(target, {})[trunk] = tls

    def onTransportState(self, parameters: pj.OnTransportStateParam) -> None:  # noqa: N802
        if parameters.type != "TLS" or parameters.state != pj.PJSIP_TP_STATE_CONNECTED:
            return
        info = parameters.tlsInfo  # its parts point into it: it must outlive them
        try:
            _look_at(info, self._expected.get(info.remoteAddr, {}).values())
        except Exception as error:
            # Whatever goes wrong here: a trunk that is not known for certain is not spoken to.
            log.error("no call over TLS: %s", error)  # noqa: TRY400  the trace adds nothing
            self.transportShutdown(parameters.hnd)


def _look_at(info: pj.TlsInfo, trunks: Iterable[TlsSettings]) -> None:
    problem = CertificateError(f"nobody is expected at {info.remoteAddr}")
    for trunk in trunks:
        try:
            _prove(info, trunk)
        except CertificateError as error:
            problem = error
        else:
            return
    raise problem


def _prove(info: pj.TlsInfo, trunk: TlsSettings) -> None:
    if not trunk.verify:
        return
    if info.verifyStatus & ~pj.PJ_SSL_CERT_EIDENTITY_NOT_MATCH:
        raise CertificateError(
            f"the certificate of {trunk.host} can't be trusted: {', '.join(info.verifyMsgs)}; if "
            "its authority is the provider's own, name it by trunk.tls_ca_file"
        )
    certificate = info.remoteCertInfo  # its names point into it: it must outlive them
    require_name(trunk.host, [name.name for name in certificate.subjectAltName])


class TrunkAccounts:
    """The account of each trunk, and one for each transport that agents' telephones ask for.

    A trunk that can't be set up is not called over, and its calls say why; the others go on.
    """

    def __init__(self, endpoint: TrunkEndpoint, settings: SipSettings) -> None:
        """Set the trunks up; raises SipError when none of them can be."""
        self._endpoint = endpoint
        self._settings = settings
        self._transports: dict[tuple[Transport, TlsSettings | None], int] = {}
        self._made: dict[str, _Account] = {}
        self._faults: dict[str, str] = {}
        for trunk in settings.trunks[:MOST_TRUNKS]:
            try:
                self._made[trunk.name] = self._account(trunk)
            except CertificateError as error:
                self._faults[trunk.name] = f"SIP over TLS can't start: {error}"
                log.error("trunk %s: %s", trunk.name, error)  # noqa: TRY400  it says all there is
        if not self._made:
            raise SipError(" ".join(self._faults.values()))
        self._house: dict[str, _Account] = {}
        """By transport."""

    @property
    def sip_port(self) -> int:
        """Our port towards the first trunk that works."""
        number = next(iter(self._transports.values()))
        return int(self._endpoint.transportGetInfo(number).localName.rpartition(":")[2])

    def of(self, trunk: str, uri: str) -> pj.Account:
        """Return the account to call through; raises SipError when there is none.

        A call that names no trunk goes over the first one if it asks for the same transport; else
        it is for a telephone of the house.
        """
        if not trunk:
            first, asked = self._settings.trunks[0], stated_transport(uri)
            if asked not in ("", first.transport) or first.registrar is not None:
                return self._for_the_house(asked or Transport.UDP)
            trunk = first.name
        if trunk not in self._made:
            raise SipError(self._faults.get(trunk, f"no trunk is called {trunk}"))
        known = self._settings.trunk(trunk)
        if known.transport is Transport.TLS:
            self._endpoint.expect(target_of(uri), trunk, known.tls)
        return self._made[trunk]

    def caller(self, trunk: str, caller_id: str) -> str:
        """Return the From URI of a call; empty: the account's own."""
        known = self._settings.trunk(trunk)
        if not caller_id and known.registrar is None:
            return ""
        return with_user(known.identity, caller_id)

    def register(self, tell: Registered) -> None:
        """Register with those trunks that want it, and stay registered; `tell` what they say."""
        for trunk in self._settings.trunks:
            account = self._made.get(trunk.name)
            if trunk.registrar is None or account is None:
                continue
            if trunk.transport is Transport.TLS:
                self._endpoint.expect(_target(trunk.registrar), trunk.name, trunk.tls)
            account.tell = tell
            try:
                account.setRegistration(True)
            except pj.Error as error:
                tell(RegistrationNews(trunk.name, False, 0, error.reason))

    def unregister(self) -> None:
        """Take our registrations back, without waiting for the answers."""
        for trunk in self._settings.trunks:
            account = self._made.get(trunk.name)
            if account is not None and account.tell is not None:
                account.tell = None
                try:
                    account.setRegistration(False)
                except pj.Error as error:
                    log.info("trunk %s is not unregistered: %s", trunk.name, error.reason)

    def _for_the_house(self, transport: str) -> _Account:
        if transport not in self._house:
            # In the clear, whatever the trunk asks for.
            plain = replace(
                self._settings.trunks[0],
                transport=Transport(transport),
                srtp=Srtp.OFF,
                registrar=None,
            )
            self._house[transport] = self._account(plain)
        return self._house[transport]

    def _account(self, trunk: TrunkAccount) -> _Account:
        account = _Account(trunk.name)
        account.create(_account_config(self._settings, trunk, self._transport(trunk)))
        immortal(account)
        return account

    def _transport(self, trunk: TrunkAccount) -> int:
        """Return the transport of a trunk, made now if it is the first to need it."""
        tls = trunk.tls if trunk.transport is Transport.TLS else None
        key = trunk.transport, None if tls is None else replace(tls, host="")
        if key not in self._transports:
            config = _transport_config(self._settings, trunk, self._port_for(trunk.transport))
            self._transports[key] = self._endpoint.transportCreate(
                _TRANSPORTS[trunk.transport], config
            )
        return self._transports[key]

    def _port_for(self, transport: Transport) -> int:
        """Return our SIP port for the first transport over UDP and over TCP; then any."""
        over_udp = transport is Transport.UDP
        taken = any((made is Transport.UDP) is over_udp for made, _ in self._transports)
        return 0 if taken else self._settings.sip_port


# The method pjsua2 calls bears its name.
class _Account(pj.Account):
    """Forwards what a registrar says; nothing is decided here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.tell: Registered | None = None

    def onRegState(self, parameters: pj.OnRegStateParam) -> None:  # noqa: N802
        if self.tell is not None:
            is_registered = parameters.code // 100 == 2 and parameters.expiration > 0
            self.tell(
                RegistrationNews(
                    self._name,
                    is_registered,
                    parameters.code,
                    parameters.reason,
                    parameters.expiration if is_registered else 0,
                )
            )


def _transport_config(
    settings: SipSettings, trunk: TrunkAccount, sip_port: int
) -> pj.TransportConfig:
    config = pj.TransportConfig()
    config.port = sip_port
    config.boundAddress = settings.bound_address
    if trunk.transport is Transport.TLS:
        tls = config.tlsConfig
        tls.method = pj.PJSIP_TLSV1_2_METHOD
        tls.verifyServer = False  # `TrunkEndpoint` does
        tls.msecTimeout = _TLS_TIMEOUT_MS
        if trunk.tls.verify:
            tls.CaListFile = str(authorities(trunk.tls.ca_file))
    return config


def _account_config(settings: SipSettings, trunk: TrunkAccount, transport: int) -> pj.AccountConfig:
    config = pj.AccountConfig()
    config.idUri = trunk.identity
    config.regConfig.registerOnAdd = False
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    if trunk.transport is Transport.TLS:
        # Each trunk has its own idea of whom to trust, and so its own transport.
        config.sipConfig.transportId = transport
    if trunk.registrar is not None:
        _add_registrar(config, trunk, trunk.registrar)
    logins = [settings.desk] if settings.desk is not None else []
    if trunk.user:
        logins.append(Login(trunk.realm, trunk.user, trunk.password))
    for login in logins:
        config.sipConfig.authCreds.push_back(
            pj.AuthCredInfo("digest", login.realm, login.user, 0, login.password)
        )
    config.mediaConfig.srtpUse = _SRTP[trunk.srtp]
    config.mediaConfig.srtpSecureSignaling = int(trunk.srtp is Srtp.MANDATORY)
    media = config.mediaConfig.transportConfig
    media.boundAddress = settings.bound_address
    if settings.rtp_port:
        media.port = settings.rtp_port
        media.portRange = settings.rtp_ports
    return config


def _add_registrar(config: pj.AccountConfig, trunk: TrunkAccount, registrar: Registrar) -> None:
    carrier = f";transport={trunk.transport}"
    # Whoever is registered is the user, whatever number a call shows.
    config.idUri = f"sip:{registrar.user}@{registrar.domain}"
    config.regConfig.registrarUri = f"sip:{registrar.domain}{carrier}"
    # Where it goes, so that nobody looks the domain up on the SIP thread; not said in the message.
    config.sipConfig.proxies.push_back(f"<sip:{_target(registrar)}{carrier};lr;hide>")
    config.regConfig.timeoutSec = int(registrar.expires.total_seconds())
    config.regConfig.retryIntervalSec = _RETRY_SECONDS
    config.regConfig.firstRetryIntervalSec = 1


def _target(registrar: Registrar) -> str:
    host = f"[{registrar.host}]" if ":" in registrar.host else registrar.host
    return f"{host}:{registrar.port}"
