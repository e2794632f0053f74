"""The lines of pjsua2: pooled call objects with the two ports beside each.

Everything here is called on the SIP thread, except `LineObserver.heard`, `said` and `key_pressed`,
which native threads call while they hold locks of pjsip: they must copy and return.
No call, port or account is ever garbage-collected while the bridge runs, because pjsua2 then aborts
or hangs up a stranger's call; lines are made once and reused for ever.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import pjsua2 as pj

from audio.pcm import FRAME_BYTES, SAMPLE_RATE, SILENCE, Frame
from dialer.frame_buffer import FrameReader
from dialer.leg import MediaStatistics
from dialer.line_news import CallNews, CallStage, LineObserver, SipError, header
from dialer.silence import SilentTail

_TAIL = SilentTail()
_STAGES = {
    pj.PJSIP_INV_STATE_EARLY: CallStage.EARLY,
    pj.PJSIP_INV_STATE_CONFIRMED: CallStage.CONFIRMED,
    pj.PJSIP_INV_STATE_DISCONNECTED: CallStage.DISCONNECTED,
}


class Line:
    """A call object and the two ports beside it: `ear` hears the callee, `tap` hears us."""

    def __init__(self, account: pj.Account, number: int, read: FrameReader) -> None:
        self.observer: LineObserver | None = None
        self._sound: pj.AudioMedia | None = None
        self._player: pj.AudioMediaPlayer | None = None
        self._phone = _Phone(account, self)
        self._ear = _Port(f"ear{number}", read, self._heard)
        self._tap = _Port(f"tap{number}", read, self._said)
        for native in (self._phone, self._ear, self._tap):
            immortal(native)

    def dial(self, uri: str, headers: tuple[tuple[str, str], ...]) -> None:
        """Send an INVITE; raises SipError when pjsip can't even try."""
        self._sound = None
        parameters = pj.CallOpParam(True)
        for name, value in headers:
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            parameters.txOption.headers.push_back(header)
        try:
            self._phone.makeCall(uri, parameters)
        except pj.Error as error:
            raise SipError(f"{uri} can't be dialled: {error.reason}") from error

    def hang_up(self) -> None:
        """End or cancel the call; only between `dial` and the news of its end."""
        try:
            self._phone.hangup(pj.CallOpParam())
        except pj.Error as error:
            raise SipError(f"the call can't be hung up: {error.reason}") from error

    def statistics(self) -> MediaStatistics | None:
        """Return what RTP carried so far, or None when there is no stream."""
        if self._sound is None:
            return None
        try:
            stat = self._phone.getStreamStat(0)
        except pj.Error:
            return None
        rtcp = stat.rtcp
        return MediaStatistics(rtcp.txStat.pkt, rtcp.rxStat.pkt, rtcp.rxStat.loss)

    def play(self, wav: Path) -> None:
        """Play a WAV to the callee and to the tap; raises SipError when it can't be played."""
        self.silence()
        player = pj.AudioMediaPlayer()
        try:
            player.createPlaylist(
                pj.StringVector([str(wav), _TAIL.path]), "prompt", pj.PJMEDIA_FILE_NO_LOOP
            )
            if self._sound is not None:
                player.startTransmit(self._sound)
            player.startTransmit(self._tap)
        except pj.Error as error:
            raise SipError(f"{wav} can't be played: {error.reason}") from error
        self._player = player

    def silence(self) -> None:
        """Stop what plays; the next tick is silent."""
        # Dropping the last reference destroys the player, here on the SIP thread.
        self._player = None

    def release(self) -> None:
        """Forget the call that has ended."""
        self.observer = None
        self.silence()
        self._sound = None

    def call_changed(self, news: CallNews) -> None:
        """Pass news of the call on."""
        if self.observer is not None:
            self.observer.changed(news)

    def call_sounds(self, sound: pj.AudioMedia) -> None:
        """Join the bridge to the call's sound, which a re-INVITE may have replaced."""
        if self.observer is None:
            return
        self._sound = sound
        sound.startTransmit(self._ear)
        if self._player is not None:
            self._player.startTransmit(sound)
        self.observer.media_flows()

    def _heard(self, frame: bytes) -> None:
        observer = self.observer
        if observer is not None:
            observer.heard(_whole(frame))

    def _said(self, frame: bytes) -> None:
        observer = self.observer
        if observer is not None:
            observer.said(_whole(frame) if frame else None)


# The methods pjsua2 calls bear its names.
class _Phone(pj.Call):
    """Forwards what happens to a call; nothing is decided here."""

    def __init__(self, account: pj.Account, line: Line) -> None:
        super().__init__(account)
        self._line = line

    def onCallState(self, parameters: pj.OnCallStateParam) -> None:  # noqa: N802
        info = self.getInfo()
        message = _message_behind(parameters)
        self._line.call_changed(
            CallNews(
                stage=_STAGES.get(info.state, CallStage.TRYING),
                sip_status=info.lastStatusCode,
                phrase=info.lastReason,
                reason_header=header(message, "reason"),
                has_sound=header(message, "content-type", "c").lower() == "application/sdp",
                from_network=bool(message),
            )
        )

    def onCallMediaState(self, parameters: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        info = self.getInfo()  # its media point into it: it must outlive them
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in (
                pj.PJSUA_CALL_MEDIA_ACTIVE,
                pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            ):
                self._line.call_sounds(self.getAudioMedia(media.index))
                return

    def onCallRedirected(self, parameters: pj.OnCallRedirectedParam) -> int:  # noqa: N802
        if self._line.observer is not None:
            self._line.observer.redirected(parameters.targetUri)
        return pj.PJSIP_REDIRECT_STOP

    def onDtmfDigit(self, parameters: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        observer = self._line.observer
        if observer is not None:
            observer.key_pressed(parameters.digit)


class _Port(pj.AudioMediaPort):
    """Gives each frame the bridge has for it to `take`."""

    def __init__(self, name: str, read: FrameReader, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._read = read
        self._take = take
        telephone = pj.MediaFormatAudio()
        telephone.init(pj.PJMEDIA_FORMAT_PCM, SAMPLE_RATE, 1, 20_000, 16)
        self.createPort(name, telephone)  # last, because frames arrive at once

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:  # noqa: N802
        self._take(self._read(frame))


def _whole(frame: bytes) -> Frame:
    if len(frame) == FRAME_BYTES:
        return frame
    return frame[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0") if frame else SILENCE


def _message_behind(parameters: pj.OnCallStateParam) -> str:
    event = parameters.e
    if event.type != pj.PJSIP_EVENT_TSX_STATE:
        return ""
    change = event.body.tsxState
    return change.src.rdata.wholeMsg if change.type == pj.PJSIP_EVENT_RX_MSG else ""


def immortal(native: object) -> None:
    """Keep a pjsua2 object until the process is gone, whoever forgets it."""
    # Held by no Python reference, so that not even the end of the interpreter destroys it.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(native))
