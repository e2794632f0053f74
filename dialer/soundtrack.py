"""The sound of one leg: what is heard, played and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable

from audio.pcm import Frame, frames
from dialer.leg import PlaybackEnded, Sound
from dialer.line_news import SipError
from dialer.mailbox import Mailbox
from dialer.media import Playback, Playlist, Recording, frames_of
from dialer.pjsip import Line
from dialer.voice import Voice

log = logging.getLogger(__name__)


class Soundtrack:
    """What is heard, played and recorded on one leg; only on the SIP thread, but for `speak`."""

    def __init__(self, line: Line, mailbox: Mailbox) -> None:
        self._line = line
        self._mailbox = mailbox
        self._playlist = Playlist()
        self._recording: Recording | None = None
        self._voice: Voice | None = None
        self._is_mute = False
        """No voice could be made."""
        self._is_open = False

    def open(self) -> None:
        """Let sound through in both directions from now on."""
        if not self._is_open:
            self._is_open = True
            self._line.listen()

    def collect(self) -> bool:
        """Fetch what was heard and said since the last time; answer whether there was any."""
        if not self._is_open:
            return False
        heard, said = self._line.collect()
        if not heard:
            return False
        self._playlist.ticks_passed(frames_of(len(heard)))
        if self._recording is not None:
            self._recording.add(heard, said)
        for theirs, ours in zip(frames(heard), frames(said), strict=True):
            self._mailbox.put(Sound(theirs, ours))
        return True

    def play(self, playback: Playback) -> None:
        """Queue a WAV; it starts when sound flows and those before it are over."""
        self._playlist.add(playback)
        self.pump()

    def stop(self) -> None:
        """Fall silent and forget the queue."""
        self._playlist.clear()
        self._line.silence()

    def speak(self, frame: Frame) -> bool:
        """Say a frame, from any thread; False: `begin_to_speak` must be asked first."""
        if self._voice is None:
            return self._is_mute
        self._voice.speak(frame)
        return True

    def begin_to_speak(self, frame: Frame) -> None:
        """Say a frame, and let the next ones be said by `speak`; nothing before sound flows."""
        if not self._is_open or self.speak(frame):
            return
        try:
            self._voice = self._line.voice()
        except SipError as error:
            self._is_mute = True
            log.error("%s", error)  # noqa: TRY400  the message says it all
        else:
            self._voice.speak(frame)

    def record(self, recording: Recording) -> None:
        """Record from now on; a second recording of the same call is refused by the leg."""
        self._recording = recording

    def pump(self) -> None:
        """End the playback that is over and start the next one."""
        over = self._playlist.finish()
        if over is not None:
            self._line.silence()
            self._mailbox.post(PlaybackEnded(over.number))
        if not (self._is_open and self._playlist.may_start):
            return
        following = self._playlist.start_next(self._line.pending())
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
        self.collect()
        self._is_open = False
        self._playlist.clear()
        recording, self._recording = self._recording, None
        if recording is None:
            then()
        else:
            recording.close(then)
