"""One leg as the SIP thread sees it: a line, a state, a watch and a soundtrack."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from audio.pcm import Frame
from dialer.causes import Ender, cause_of
from dialer.leg import (
    Answered,
    DialRequest,
    EarlyMedia,
    Ended,
    HangupCause,
    KeyPressed,
    LegEvent,
    LegState,
    MediaStatistics,
    Ringing,
)
from dialer.line_news import CallNews, CallStage, SipError
from dialer.mailbox import Mailbox
from dialer.media import Playback, Recorder, Recording
from dialer.pjsip import Line
from dialer.soundtrack import Soundtrack
from dialer.transitions import LegStep, next_state
from dialer.watch import CallWatch

log = logging.getLogger(__name__)

KEYS = frozenset("0123456789*#ABCD")
_RINGING_STATUSES = (180, 181, 182)


@dataclass(slots=True)
class _Seen:
    """What the line has told so far."""

    early_sound: bool = False
    """A provisional answer described media; that of the 200 does not count."""
    media_flows: bool = False
    early_media_is_wanted: bool = True
    redirected_to: str = ""
    statistics: MediaStatistics | None = None


class LiveCall:
    """Turns news from a line into a leg's inputs, and a leg's commands into work on the line."""

    def __init__(self, line: Line, mailbox: Mailbox) -> None:
        self.state = LegState.IDLE
        self._line = line
        self.mailbox = mailbox
        self._soundtrack = Soundtrack(line, mailbox)
        self._watch: CallWatch | None = None
        self._ender: Ender | None = None
        self._seen = _Seen()
        line.observer = self

    # Commands

    def dial(self, request: DialRequest, media_seconds: float) -> None:
        """Send the INVITE."""
        if self.state is LegState.ENDED:
            return
        self.state = next_state(self.state, LegStep.DIAL)
        self._watch = CallWatch(request.ring_timeout.total_seconds(), media_seconds)
        self._seen.early_media_is_wanted = request.early_media
        try:
            self._line.dial(request)
        except SipError as error:
            # pjsip may have told the end of the call before it refused it.
            self.refuse(str(error))

    def refuse(self, reason: str) -> None:
        """End the leg before it was dialled."""
        if self.state is not LegState.ENDED:
            self._finish(HangupCause.FAILED, 0, reason)

    def play(self, playback: Playback) -> None:
        """Queue a WAV."""
        if self.state is not LegState.ENDED:
            self._soundtrack.play(playback)

    def stop(self) -> None:
        """Fall silent and forget the queue."""
        if self.state is not LegState.ENDED:
            self._soundtrack.stop()

    def speak(self, frame: Frame) -> bool:
        """Say a frame of what people say, from any thread; False: `begin_to_speak` first."""
        return self.state is LegState.ENDED or self._soundtrack.speak(frame)

    def begin_to_speak(self, frame: Frame) -> None:
        """Say a frame and make way for the next ones."""
        if self.state is not LegState.ENDED:
            self._soundtrack.begin_to_speak(frame)

    def record(self, recorder: Recorder, wav: Path) -> None:
        """Record both sides from now on."""
        if self.state is not LegState.ENDED:
            self._soundtrack.record(Recording(recorder, wav))

    def end(self, ender: Ender) -> None:
        """Hang up or cancel; the second wish does nothing."""
        if self._ender is not None or self.state is LegState.ENDED:
            return
        if self.state is LegState.IDLE:
            self._finish(HangupCause.CANCELLED, 0, "never dialled")
            return
        self._ender = ender
        self._remember_statistics()
        self._hang_up()

    def collect(self) -> bool:
        """Fetch the sound since the last time; the reader of the mailbox is still to be woken."""
        return self._soundtrack.collect()

    def tick(self, now: float) -> None:
        """Do what is due: the next WAV, the ring timeout, the watch over RTP."""
        if self._watch is None or self.state is LegState.ENDED:
            return
        self._soundtrack.pump()
        if self._ender is None:
            alarm = self._watch.alarm(now, self.state, self._packets_received)
            if alarm is not None:
                self.end(alarm)

    def flush(self) -> None:
        """Hand recorded sound to the disk."""
        self._soundtrack.flush()

    # News from the line

    def changed(self, news: CallNews) -> None:
        """The call came further, or ended."""
        if self.state is LegState.ENDED:
            return
        if news.stage is CallStage.DISCONNECTED:
            self._disconnected(news)
        elif self._ender is not None:
            # The answer crossed our CANCEL: the call is up and must be ended again (RFC 3261 9.1).
            if news.stage is CallStage.CONFIRMED:
                self._hang_up()
        elif news.stage is CallStage.CONFIRMED:
            self._step(LegStep.ANSWER, Answered())
            self._soundtrack.open()
        elif news.stage is CallStage.EARLY:
            self._seen.early_sound = self._seen.early_sound or news.has_sound
            if news.sip_status in _RINGING_STATUSES:
                self._step(LegStep.RING, Ringing())
            self._begin_early_media()

    def media_flows(self) -> None:
        """Sound can pass from now on."""
        self._seen.media_flows = True
        if self._ender is None:
            self._begin_early_media()

    def redirected(self, target: str) -> None:
        """A 3xx asked us to call `target` instead."""
        self._seen.redirected_to = target

    def key_pressed(self, digit: str) -> None:
        """A key arrived, in any thread."""
        if digit.upper() in KEYS:
            self.mailbox.post(KeyPressed(digit.upper()))

    def _begin_early_media(self) -> None:
        seen = self._seen
        if not (seen.early_sound and seen.media_flows and seen.early_media_is_wanted):
            return
        if self.state in (LegState.DIALING, LegState.RINGING):
            self._step(LegStep.EARLY_MEDIA, EarlyMedia())
            self._soundtrack.open()

    def _step(self, step: LegStep, event: LegEvent) -> None:
        before, self.state = self.state, next_state(self.state, step)
        if self.state is not before:
            self.mailbox.post(event)

    def _hang_up(self) -> None:
        try:
            self._line.hang_up()
        except SipError as error:
            # The end is on its way already, or the SIP timers bring it.
            log.warning("%s", error)

    def _packets_received(self) -> int:
        self._remember_statistics()
        statistics = self._seen.statistics
        return statistics.packets_received if statistics else 0

    def _remember_statistics(self) -> None:
        self._seen.statistics = self._line.statistics() or self._seen.statistics

    def _disconnected(self, news: CallNews) -> None:
        self._remember_statistics()
        if self._seen.redirected_to:
            target = self._seen.redirected_to
            self._finish(HangupCause.FAILED, 302, f"redirected to {target}; not followed")
            return
        ender = self._ender or (Ender.THEY if news.from_network else Ender.NOBODY)
        cause = cause_of(
            news.sip_status,
            news.reason_header,
            ender,
            self.state is LegState.ANSWERED,
            self.state,
            news.phrase,
        )
        self._finish(
            cause, news.sip_status, "; ".join(filter(None, (news.phrase, news.reason_header)))
        )

    def _finish(self, cause: HangupCause, sip_status: int, reason: str) -> None:
        self.state = next_state(self.state, LegStep.END)
        self._line.release()
        statistics = self._seen.statistics
        if statistics is not None:
            statistics = replace(statistics, frames_dropped=self.mailbox.dropped)
        ended = Ended(cause, sip_status, reason, statistics)
        self._soundtrack.close(lambda: self.mailbox.post(ended))
