"""The SIP stack of pjsua2: one endpoint with its trunks, lines and audio bridge."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pjsua2 as pj

from audio.pcm import SAMPLE_RATE
from dialer.bridge import Bridge
from dialer.capture import CaptureError
from dialer.line_news import SipError
from dialer.pjsip import Line, immortal
from dialer.pjsip_accounts import TrunkAccounts, TrunkEndpoint
from dialer.settings import SipSettings

LIBRARY_LEGS = 4
"""The wheel of pjsua2 is built for four calls; it clamps larger wishes without a word."""
_CODECS = {"PCMA/8000/1": 255, "PCMU/8000/1": 254}
# T1, T2, T4 and the transaction timeout in ms (RFC 3261 17.1.1.1): a trunk that does not answer
# an INVITE, or a BYE, frees its line after 8 s instead of 32 s.
_TIMERS_MS = (500, 4000, 5000, 8000)
_EVENTS_PER_POLL = 16
"""So many packets may wait for one look; a flood of them must not hold up the sound."""


class PjsipStack:
    """One SIP endpoint with its trunks and audio bridge; one per process."""

    def __init__(self, settings: SipSettings) -> None:
        """Start pjsip in the calling thread, which must be the one that polls it ever after."""
        self._native = native_library()
        self._native.pj_log_set_level(0)  # until libInit it would print to our terminal
        self._endpoint = TrunkEndpoint()
        immortal(self._endpoint)
        try:
            self._start(settings)
            self.accounts = TrunkAccounts(self._endpoint, settings)
        except pj.Error as error:
            raise SipError(
                f"SIP can't start on {settings.bound_address}:{settings.sip_port}: {error.reason}. "
                "Is the port taken, and is the address one of this machine?"
            ) from error
        self.sip_port = self.accounts.sip_port
        try:
            bridge = Bridge(self._native)
            legs = range(min(settings.legs, LIBRARY_LEGS))
            self.lines = tuple(Line(self.accounts, bridge) for _ in legs)
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

    def _start(self, settings: SipSettings) -> None:
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
        for codec in self._endpoint.codecEnum2():
            self._endpoint.codecSetPriority(codec.codecId, _CODECS.get(codec.codecId, 0))
        self._endpoint.libStart()


def native_library() -> ctypes.CDLL:
    """Return the library behind pjsua2, for what its Python side leaves out."""
    folder = Path(pj.__file__).parent
    (library,) = [*folder.glob("_pjsua2*.so"), *folder.parent.glob("_pjsua2*.so")][:1]
    native = ctypes.CDLL(str(library))
    native.pjsua_call_get_count.restype = ctypes.c_uint
    return native
