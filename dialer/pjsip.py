"""The lines of pjsua2: pooled call objects with the two ears beside each.

Everything here is called on the SIP thread, except `LineObserver.key_pressed`, which native threads
call while they hold locks of pjsip: it must copy and return.
No call or account is ever garbage-collected while the bridge runs, because pjsua2 then aborts
or hangs up a stranger's call; lines are made once and reused for ever.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Protocol

import pjsua2 as pj

from dialer.addressing import stated_transport
from dialer.bridge import Bridge
from dialer.capture import CaptureError
from dialer.leg import DialRequest, MediaStatistics
from dialer.line_news import CallNews, CallStage, LineObserver, SipError, header
from dialer.silence import SilentTail
from dialer.voice import Voice

_TAIL = SilentTail()
_STAGES = {
    pj.PJSIP_INV_STATE_EARLY: CallStage.EARLY,
    pj.PJSIP_INV_STATE_CONFIRMED: CallStage.CONFIRMED,
    pj.PJSIP_INV_STATE_DISCONNECTED: CallStage.DISCONNECTED,
}


class Accounts(Protocol):
    """The accounts of the endpoint, by trunk and by what carries SIP."""

    def of(self, trunk: str, uri: str) -> pj.Account:
        """Return the account to call through; raises SipError when there is none."""

    def caller(self, trunk: str, caller_id: str) -> str:
        """Return the From URI of a call; empty: the account's own."""


class Line:
    """A call object and the two ears beside it: `_ear` hears the callee, `_tap` hears us."""

    def __init__(self, accounts: Accounts, bridge: Bridge) -> None:
        self.observer: LineObserver | None = None
        self._bridge = bridge
        self._sound: pj.AudioMedia | None = None
        self._player: pj.AudioMediaPlayer | None = None
        self._voice: Voice | None = None
        """Lent from the first word that people say until the call ends."""
        self._accounts = accounts
        self._phones = _Phones(accounts, self)
        # The bridge serves its places in the order of their creation: in each tick the ear first.
        self._ear = bridge.ear()
        self._tap = bridge.ear()

    def dial(self, request: DialRequest) -> None:
        """Send an INVITE; raises SipError when pjsip can't even try."""
        self._sound = None
        parameters = pj.CallOpParam(True)
        # The one of an INVITE that is sent again with a password, too (RFC 3261 section 22.2).
        parameters.opt.customCallId = request.call_id
        for name, value in request.headers:
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            parameters.txOption.headers.push_back(header)
        try:
            parameters.txOption.localUri = self._accounts.caller(request.trunk, request.caller_id)
            self._phones.take(request.trunk, request.uri).makeCall(request.uri, parameters)
        except pj.Error as error:
            raise SipError(f"{request.uri} can't be dialled: {error.reason}") from error
        except ValueError as error:
            raise SipError(f"{request.uri} can't be dialled: {error}") from error

    def hang_up(self) -> None:
        """End or cancel the call; only between `dial` and the news of its end."""
        try:
            self._phones.taken.hangup(pj.CallOpParam())
        except pj.Error as error:
            raise SipError(f"the call can't be hung up: {error.reason}") from error

    def statistics(self) -> MediaStatistics | None:
        """Return what RTP carried so far, or None when there is no stream."""
        if self._sound is None:
            return None
        try:
            stat = self._phones.taken.getStreamStat(0)
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
            self._bridge.join(player.getPortId(), self._tap.slot)
        except pj.Error as error:
            raise SipError(f"{wav} can't be played: {error.reason}") from error
        except CaptureError as error:
            raise SipError(f"{wav} can't be played: {error}") from error
        self._player = player

    def silence(self) -> None:
        """Stop what plays; the next tick is silent."""
        # Dropping the last reference destroys the player, here on the SIP thread.
        self._player = None

    def voice(self) -> Voice:
        """Return what people speak with to the callee and to the tap; raises SipError."""
        try:
            if self._voice is None:
                self._voice = self._bridge.voice()
                self._bridge.join(self._voice.port.slot, self._tap.slot)
                if self._sound is not None:
                    self._bridge.join(self._voice.port.slot, self._sound.getPortId())
        except CaptureError as error:
            raise SipError(f"nobody can speak to the callee: {error}") from error
        return self._voice

    def listen(self) -> None:
        """Forget what was heard and said so far; the next `collect` begins here."""
        # A tick that is under way has served the ear and not yet the tap: the tap first, so that
        # at worst the ear has a frame less, which is then fetched with the next one.
        self._tap.skip()
        self._ear.skip()

    def pending(self) -> int:
        """Return how many ticks `collect` would return."""
        return min(self._tap.pending(), self._ear.pending())

    def collect(self) -> tuple[bytes, bytes]:
        """Return what the callee and we have said since the last time, equally long."""
        frames = self.pending()
        if self._voice is not None:
            self._voice.follow()
        return self._ear.take(frames), self._tap.take(frames)

    def release(self) -> None:
        """Forget the call that has ended."""
        self.observer = None
        self.silence()
        if self._voice is not None:
            # The call's own place on the bridge, and what was joined to it, goes with the call.
            self._bridge.part(self._voice.port.slot, self._tap.slot)
            self._bridge.take_back(self._voice)
            self._voice = None
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
        self._bridge.join(sound.getPortId(), self._ear.slot)
        if self._player is not None:
            self._player.startTransmit(sound)
        if self._voice is not None:
            self._bridge.join(self._voice.port.slot, sound.getPortId())
        self.observer.media_flows()


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


class _Phones:
    """The call objects of one line, one for each account it has called through."""

    def __init__(self, accounts: Accounts, line: Line) -> None:
        self._accounts = accounts
        self._line = line
        self._made: dict[tuple[str, str], _Phone] = {}
        self._taken: _Phone | None = None

    @property
    def taken(self) -> _Phone:
        """The one that was dialled last; raises SipError before the first."""
        if self._taken is None:
            raise SipError("nothing was dialled on this line yet")
        return self._taken

    def take(self, trunk: str, uri: str) -> _Phone:
        """Return the call object to dial with; raises SipError when no account takes it."""
        account = self._accounts.of(trunk, uri)
        key = trunk, "" if trunk else stated_transport(uri)
        if key not in self._made:
            phone = _Phone(account, self._line)
            immortal(phone)
            self._made[key] = phone
        self._taken = self._made[key]
        return self._taken


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
