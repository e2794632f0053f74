"""The SIP stack of pjsua2: one endpoint with its transport, account, lines and audio bridge."""

from __future__ import annotations

import ctypes
import logging
from dataclasses import replace
from pathlib import Path

import pjsua2 as pj

from audio.pcm import SAMPLE_RATE
from dialer.bridge import Bridge
from dialer.capture import CaptureError
from dialer.certificate import CertificateError, authorities, require_name
from dialer.line_news import SipError
from dialer.pjsip import Line, immortal
from dialer.settings import Login, SipSettings, Srtp, TlsSettings, Transport

log = logging.getLogger(__name__)

LIBRARY_LEGS = 4
"""The wheel of pjsua2 is built for four calls; it clamps larger wishes without a word."""
_CODECS = {"PCMA/8000/1": 255, "PCMU/8000/1": 254}
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
# T1, T2, T4 and the transaction timeout in ms (RFC 3261 17.1.1.1): a trunk that does not answer
# an INVITE, or a BYE, frees its line after 8 s instead of 32 s.
_TIMERS_MS = (500, 4000, 5000, 8000)
_TLS_TIMEOUT_MS = 8000
_EVENTS_PER_POLL = 16
"""So many packets may wait for one look; a flood of them must not hold up the sound."""


class PjsipStack:
    """One SIP endpoint with its transport, account and audio bridge; one per process."""

    def __init__(self, settings: SipSettings) -> None:
        """Start pjsip in the calling thread, which must be the one that polls it ever after."""
        self._native = native_library()
        self._native.pj_log_set_level(0)  # until libInit it would print to our terminal
        self._endpoint = _Endpoint(settings.tls)
        immortal(self._endpoint)
        try:
            transport = _transport(settings)
            self.sip_port = self._start(settings, transport)
            accounts = _Accounts(self._endpoint, settings)
        except pj.Error as error:
            raise SipError(
                f"SIP can't start on {settings.bound_address}:{settings.sip_port}: {error.reason}. "
                "Is the port taken, and is the address one of this machine?"
            ) from error
        except CertificateError as error:
            raise SipError(f"SIP over TLS can't start: {error}") from error
        try:
            bridge = Bridge(self._native)
            legs = range(min(settings.legs, LIBRARY_LEGS))
            self.lines = tuple(Line(accounts, bridge) for _ in legs)
        except (CaptureError, AttributeError) as error:
            raise SipError(
                f"this build of pjsua2 can't be listened to: {error}. Install the version that "
                "Menling asks for: pip install --force-reinstall menling"
            ) from error

    def poll(self) -> None:
        """Let pjsip do what there is to do, without waiting for more."""
        for _ in range(_EVENTS_PER_POLL):
            if self._endpoint.libHandleEvents(0) <= 0:
                return

    def calls(self) -> int:
        """Return how many of the library's call slots are taken, hung-up ones included."""
        return int(self._native.pjsua_call_get_count())

    def close(self) -> None:
        """Stop the bridge's clock: no callback comes any more.

        The library itself is left to the end of the process: destroying it aborts while call
        or port objects exist, and these may not be destroyed before it.
        """
        self._endpoint.audDevManager().setNoDev()

    def _start(self, settings: SipSettings, transport: pj.TransportConfig) -> int:
        self._endpoint.libCreate()
        config = pj.EpConfig()
        config.logConfig.level = 5 if settings.log_file else 0
        config.logConfig.consoleLevel = 0
        config.logConfig.filename = str(settings.log_file or "")
        config.uaConfig.maxCalls = settings.legs
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = settings.user_agent
        media = config.medConfig
        media.clockRate = media.sndClockRate = SAMPLE_RATE
        media.audioFramePtime = 20
        media.ecTailLen = 0
        media.noVad = True
        media.threadCnt = 1
        media.hasIoqueue = True
        media.sndAutoCloseTime = -1
        self._endpoint.libInit(config)
        self._native.pjsip_tsx_set_timers(*_TIMERS_MS)
        self._endpoint.audDevManager().setNullDev()
        number = self._endpoint.transportCreate(_TRANSPORTS[settings.transport], transport)
        for codec in self._endpoint.codecEnum2():
            self._endpoint.codecSetPriority(codec.codecId, _CODECS.get(codec.codecId, 0))
        self._endpoint.libStart()
        local_name = self._endpoint.transportGetInfo(number).localName
        return int(local_name.rpartition(":")[2])


class _Endpoint(pj.Endpoint):
    """Looks at the certificate of the trunk before a word is said to it.

    pjsip would compare it with the address we dial; a trunk's certificate bears the name that
    was resolved to it.
    """

    def __init__(self, tls: TlsSettings) -> None:
        super().__init__()
        self._tls = tls

    def onTransportState(self, parameters: pj.OnTransportStateParam) -> None:  # noqa: N802
        if parameters.type != "TLS" or parameters.state != pj.PJSIP_TP_STATE_CONNECTED:
            return
        if not self._tls.verify:
            return
        try:
            _look_at(parameters.tlsInfo, self._tls.host)
        except Exception as error:
            # Whatever goes wrong here: a trunk that is not known for certain is not spoken to.
            log.error("no call over TLS: %s", error)  # noqa: TRY400  the trace adds nothing
            self.transportShutdown(parameters.hnd)


def _look_at(tls: pj.TlsInfo, host: str) -> None:
    problems = tls.verifyStatus & ~pj.PJ_SSL_CERT_EIDENTITY_NOT_MATCH
    if problems:
        raise CertificateError(
            f"the certificate of {host} can't be trusted: {', '.join(tls.verifyMsgs)}; if its "
            "authority is the provider's own, name it by trunk.tls_ca_file"
        )
    certificate = tls.remoteCertInfo  # its names point into it: it must outlive them
    require_name(host, [name.name for name in certificate.subjectAltName])


def _transport(settings: SipSettings) -> pj.TransportConfig:
    config = pj.TransportConfig()
    config.port = settings.sip_port
    config.boundAddress = settings.bound_address
    if settings.transport is Transport.TLS:
        tls = config.tlsConfig
        tls.method = pj.PJSIP_TLSV1_2_METHOD
        tls.verifyServer = False  # `_Endpoint` does
        tls.msecTimeout = _TLS_TIMEOUT_MS
        if settings.tls.verify:
            tls.CaListFile = str(authorities(settings.tls.ca_file))
    return config


class _Accounts:
    """The trunk's account, and one for each further transport that agents' telephones ask for."""

    def __init__(self, endpoint: pj.Endpoint, settings: SipSettings) -> None:
        self._endpoint = endpoint
        self._settings = settings
        trunk = _account(settings)
        self._made = {"": trunk, str(settings.transport): trunk}

    def of(self, transport: str) -> pj.Account:
        """Return the account to call through; raises pj.Error when there is no such transport."""
        if transport not in self._made:
            # Telephones of the house: in the clear, whatever the trunk asks for.
            plain = replace(self._settings, transport=Transport(transport), srtp=Srtp.OFF)
            self._endpoint.transportCreate(
                _TRANSPORTS[plain.transport], _transport(replace(plain, sip_port=0))
            )
            self._made[transport] = _account(plain)
        return self._made[transport]


def _account(settings: SipSettings) -> pj.Account:
    config = pj.AccountConfig()
    config.idUri = settings.identity
    config.regConfig.registerOnAdd = False
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    logins = [settings.desk] if settings.desk is not None else []
    if settings.user:
        logins.append(Login(settings.realm, settings.user, settings.password))
    for login in logins:
        config.sipConfig.authCreds.push_back(
            pj.AuthCredInfo("digest", login.realm, login.user, 0, login.password)
        )
    config.mediaConfig.srtpUse = _SRTP[settings.srtp]
    config.mediaConfig.srtpSecureSignaling = int(settings.srtp is Srtp.MANDATORY)
    media = config.mediaConfig.transportConfig
    media.boundAddress = settings.bound_address
    if settings.rtp_port:
        media.port = settings.rtp_port
        media.portRange = settings.rtp_ports
    account = pj.Account()
    account.create(config)
    immortal(account)
    return account


def native_library() -> ctypes.CDLL:
    """Return the library behind pjsua2, for what its Python side leaves out."""
    folder = Path(pj.__file__).parent
    (library,) = [*folder.glob("_pjsua2*.so"), *folder.parent.glob("_pjsua2*.so")][:1]
    native = ctypes.CDLL(str(library))
    native.pjsua_call_get_count.restype = ctypes.c_uint
    return native
