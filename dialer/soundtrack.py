"""The sound of one leg: what is heard, played and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable

from audio.pcm import SILENCE, Frame
from dialer.leg import PlaybackEnded, Sound
from dialer.line_news import SipError
from dialer.mailbox import Mailbox
from dialer.media import Playback, Playlist, Recording
from dialer.pjsip import Line

log = logging.getLogger(__name__)


class Soundtrack:
    """What is heard, played and recorded on one leg.

    `heard` and `said` run on the media thread and only copy; the rest on the SIP thread.
    """

    def __init__(self, line: Line, mailbox: Mailbox) -> None:
        self._line = line
        self._mailbox = mailbox
        self._playlist = Playlist()
        self._recording: Recording | None = None
        self._is_open = False

    def open(self) -> None:
        """Let sound through in both directions from now on."""
        self._is_open = True

    def heard(self, frame: Frame) -> None:
        """Take the callee's frame of this tick."""
        if not self._is_open:
            return
        if self._recording is not None:
            self._recording.hear(frame)
        self._mailbox.post(Sound(frame))

    def said(self, frame: Frame | None) -> None:
        """Take our frame of this tick; None when no WAV plays."""
        if frame is not None:
            self._playlist.frame_played()
        if self._recording is not None and self._is_open:
            self._recording.say(frame or SILENCE)

    def play(self, playback: Playback) -> None:
        """Queue a WAV; it starts when sound flows and those before it are over."""
        self._playlist.add(playback)
        self.pump()

    def stop(self) -> None:
        """Fall silent and forget the queue."""
        self._playlist.clear()
        self._line.silence()

    def record(self, recording: Recording) -> None:
        """Record from now on; a second recording of the same call is refused by the leg."""
        self._recording = recording

    def pump(self) -> None:
        """End the playback that is over and start the next one."""
        over = self._playlist.finish()
        if over is not None:
            self._line.silence()
            self._mailbox.post(PlaybackEnded(over.number))
        following = self._playlist.start_next() if self._is_open else None
        if following is None or not following.frames:
            return
        try:
            self._line.play(following.wav)
        except SipError as error:
            log.error("%s", error)  # noqa: TRY400  the message says it all
            self._playlist.abandon()

    def flush(self) -> None:
        """Hand recorded sound to the disk."""
        if self._recording is not None:
            self._recording.flush()

    def close(self, then: Callable[[], None]) -> None:
        """Stop everything; `then` is called once the recording is complete."""
        self._is_open = False
        self._playlist.clear()
        recording, self._recording = self._recording, None
        if recording is None:
            then()
        else:
            recording.close(then)
