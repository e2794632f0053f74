"""The SIP stack of a softphone: it is rung, one call at a time; only one in a process.

Everything here happens on the thread that made it, but the two ends of the sound, which pjsip's
media thread serves: they take and give frames and never wait.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pjsua2 as pj

from audio.pcm import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE, SILENCE
from dialer.line_news import SipError
from dialer.pjsip import immortal
from dialer.pjsip_stack import native_library
from dialer.webrtc_sound import Reserve

log = logging.getLogger(__name__)

RINGING, OK, BUSY, DECLINED = 180, 200, 486, 603
_CODECS = {"PCMA/8000/1": 255, "PCMU/8000/1": 254}
_FRAME_MICROSECONDS = 20_000
_CALLS = 4
"""The wheel's own limit: one call, and three to tell that there is one."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """What goes between the telephone and the sound device."""

    heard: Reserve
    said: Reserve


class PhoneObserver(Protocol):
    """Whom the stack tells what happens; on its thread."""

    def offered(self, caller: str, address: str) -> int:
        """Somebody rings; return what he is told: 180, 200, or a refusal (RFC 3261 21)."""

    def up(self) -> None:
        """The call that was offered stands."""

    def over(self, reason: str) -> None:
        """The call that was offered is over."""


class PhoneStack:
    """One SIP endpoint that is rung."""

    def __init__(self, address: str, port: int, sounds: Sounds, observer: PhoneObserver) -> None:
        """Start pjsip in the calling thread, which polls it ever after; raises SipError."""
        native_library().pj_log_set_level(0)  # until libInit it would print to the terminal
        self._endpoint = pj.Endpoint()
        immortal(self._endpoint)
        try:
            self.sip_port = self._start(address, port)
            self._account = _Account(address, _Ends(sounds), observer)
        except pj.Error as error:
            raise SipError(
                f"the telephone can't listen on {address}:{port}: {error.reason}. Is the port "
                "taken, and is the address one of this computer? Choose others with --listen."
            ) from error

    def poll(self) -> None:
        """Let pjsip do what there is to do."""
        while self._endpoint.libHandleEvents(0) > 0:
            pass

    def answer(self) -> None:
        """Take the call that rings; nothing without one."""
        if self._account.call is not None:
            _try(self._account.call.answer, OK)

    def hang_up(self) -> None:
        """Refuse the call that rings, or end the one that stands; nothing without one."""
        if self._account.call is not None:
            _try(self._account.call.hangup, DECLINED)

    def close(self) -> None:
        """Stop the bridge's clock: no callback comes any more. The rest ends with the process."""
        self._endpoint.audDevManager().setNoDev()

    def _start(self, address: str, port: int) -> int:
        self._endpoint.libCreate()
        config = pj.EpConfig()
        config.logConfig.level = config.logConfig.consoleLevel = 0
        config.uaConfig.maxCalls = _CALLS
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "Menling phone"
        media = config.medConfig
        media.clockRate = media.sndClockRate = SAMPLE_RATE
        media.audioFramePtime = 20
        media.ecTailLen = 0
        media.noVad = True
        media.threadCnt = 1
        media.hasIoqueue = True
        media.sndAutoCloseTime = -1
        self._endpoint.libInit(config)
        self._endpoint.audDevManager().setNullDev()
        transport = pj.TransportConfig()
        transport.port, transport.boundAddress = port, address
        number = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        for codec in self._endpoint.codecEnum2():
            self._endpoint.codecSetPriority(codec.codecId, _CODECS.get(codec.codecId, 0))
        self._endpoint.libStart()
        return int(self._endpoint.transportGetInfo(number).localName.rpartition(":")[2])


# The methods pjsua2 calls bear its names.
class _Account(pj.Account):
    """Is rung, and knows the one call that was not refused."""

    def __init__(self, address: str, ends: _Ends, observer: PhoneObserver) -> None:
        super().__init__()
        self.call: _Call | None = None
        self.observer = observer
        self.ends = ends
        immortal(self)
        config = pj.AccountConfig()
        config.idUri = f"sip:phone@{address}"
        config.regConfig.registerOnAdd = False
        config.mediaConfig.transportConfig.boundAddress = address
        self.create(config)

    def onIncomingCall(self, parameters: pj.OnIncomingCallParam) -> None:  # noqa: N802
        call = _Call(self, parameters.callId)
        immortal(call)
        caller = call.getInfo().remoteUri
        address = parameters.rdata.srcAddress.rpartition(":")[0].strip("[]")
        status = self.observer.offered(caller, address)
        if status in (RINGING, OK):
            self.call = call
        _try(call.answer, status)


class _Call(pj.Call):
    """One who rang; forwards what happens to him if he was not refused."""

    def __init__(self, account: _Account, number: int) -> None:
        super().__init__(account, number)
        self._account = account

    def onCallState(self, parameters: pj.OnCallStateParam) -> None:  # noqa: N802
        if self._account.call is not self:
            return
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._account.observer.up()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._account.call = None
            self._account.observer.over(info.lastReason)

    def onCallMediaState(self, parameters: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        info = self.getInfo()  # its media point into it: it must outlive them
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in (
                pj.PJSUA_CALL_MEDIA_ACTIVE,
                pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            ):
                self._account.ends.join(self.getAudioMedia(media.index))
                return


class _Ends(pj.AudioMediaPort):
    """Microphone and speaker as pjsip sees them; Python on the media thread, for one call."""

    def __init__(self, sounds: Sounds) -> None:
        super().__init__()
        self._sounds = sounds
        immortal(self)
        telephone = pj.MediaFormatAudio()
        telephone.init(pj.PJMEDIA_FORMAT_PCM, SAMPLE_RATE, 1, _FRAME_MICROSECONDS, 8 * SAMPLE_BYTES)
        self.createPort("device", telephone)  # last, because frames are asked for at once

    def join(self, call: pj.AudioMedia) -> None:
        """Let a call be heard and spoken to."""
        call.startTransmit(self)
        self.startTransmit(call)

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:  # noqa: N802
        sound = bytes(frame.buf)
        if len(sound) == FRAME_BYTES:
            self._sounds.heard.add(sound)

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:  # noqa: N802
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = pj.ByteVector(self._sounds.said.take() or SILENCE)
        frame.size = FRAME_BYTES


def _try(deed: Callable[[pj.CallOpParam], None], status: int) -> None:
    """Answer or hang up with a status; who rang may have gone meanwhile."""
    parameters = pj.CallOpParam(True)
    parameters.statusCode = status
    try:
        deed(parameters)
    except pj.Error as error:
        log.info("the call could not be told %d: %s", status, error.reason)
