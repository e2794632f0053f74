"""What a leg plays and records, without knowing who plays it and whence it is heard."""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio.pcm import FRAME_BYTES
from audio.wav import StereoRecording

log = logging.getLogger(__name__)

START_FRAMES = 1
"""A WAV is heard from the tick after it was joined to the bridge."""
BATCHES_WAITING = 256
"""Batches of all recordings the disk may lag behind before recording loses sound."""


@dataclass(frozen=True, slots=True)
class Playback:
    """One WAV to be played."""

    number: int
    wav: Path
    frames: int


def frames_of(pcm_bytes: int) -> int:
    """Return how many frames that many bytes of sound fill; a begun frame counts."""
    return -(-pcm_bytes // FRAME_BYTES)


class Playlist:
    """WAVs in the order they are played, and when each is over, in ticks of the bridge."""

    def __init__(self) -> None:
        self._queued: deque[Playback] = deque()
        self._current: Playback | None = None
        self._left = 0
        """Ticks until the current one has been heard."""

    def add(self, playback: Playback) -> None:
        """Queue one more."""
        self._queued.append(playback)

    def clear(self) -> None:
        """Forget what plays and what is queued."""
        self._queued.clear()
        self._current = None

    @property
    def may_start(self) -> bool:
        """One is queued and none plays."""
        return self._current is None and bool(self._queued)

    def start_next(self, ticks_pending: int = 0) -> Playback | None:
        """Return the playback to start now, or None while one plays or none is queued.

        `ticks_pending` are over already, but not yet told by `ticks_passed`.
        """
        if not self.may_start:
            return None
        self._current = self._queued.popleft()
        self._left = ticks_pending + START_FRAMES + self._current.frames
        return self._current

    def abandon(self) -> None:
        """Take the current playback as played: it can't be."""
        self._left = 0

    def ticks_passed(self, ticks: int) -> None:
        """Let so many ticks pass."""
        self._left -= ticks

    def finish(self) -> Playback | None:
        """Return the playback that has come to its end since the last call, or None."""
        if self._current is None or self._left > 0:
            return None
        over, self._current = self._current, None
        return over


class Recording:
    """Both sides of one call on their way to a Recorder."""

    def __init__(self, recorder: Recorder, wav: Path) -> None:
        self._recorder = recorder
        self._wav = wav
        self._heard = bytearray()
        self._said = bytearray()

    def add(self, heard: bytes, said: bytes) -> None:
        """Take the same stretch of time from both sides: the callee's sound and ours."""
        self._heard += heard
        self._said += said

    def flush(self) -> None:
        """Hand what has gathered to the recorder."""
        if self._heard:
            self._recorder.write(self._wav, bytes(self._heard), bytes(self._said))
            self._heard.clear()
            self._said.clear()

    def close(self, then: Callable[[], None]) -> None:
        """Write the rest, finish the file, and call `then` from the recorder's thread."""
        self.flush()
        self._recorder.close(self._wav, then)


@dataclass(frozen=True, slots=True)
class _Batch:
    wav: Path
    callee: bytes
    menling: bytes


@dataclass(frozen=True, slots=True)
class _Finish:
    wav: Path
    then: Callable[[], None]


class Recorder:
    """The thread that writes recordings, so that a slow disk never holds up sound."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Batch | _Finish | None] = queue.SimpleQueue()
        self._open: dict[Path, StereoRecording | None] = {}
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def write(self, wav: Path, callee: bytes, menling: bytes) -> None:
        """Append sound to a recording; the file is created by its first sound."""
        if self._jobs.qsize() >= BATCHES_WAITING:
            log.error(
                "%s loses %d bytes of recording: the disk is too slow. Put the recordings "
                "on a faster disk or lower the number of calls at a time",
                wav,
                len(callee),
            )
            return
        self._jobs.put(_Batch(wav, callee, menling))

    def close(self, wav: Path, then: Callable[[], None]) -> None:
        """Finish a recording and call `then`, also when it could not be written."""
        self._jobs.put(_Finish(wav, then))

    def stop(self) -> None:
        """Write what is left, finish all files and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if isinstance(job, _Batch):
                self._append(job)
            else:
                self._finish(job.wav)
                job.then()
        for wav in list(self._open):
            self._finish(wav)

    def _append(self, batch: _Batch) -> None:
        try:
            if batch.wav not in self._open:
                self._open[batch.wav] = StereoRecording(batch.wav)
            recording = self._open[batch.wav]
            if recording is not None:
                recording.write(batch.callee, batch.menling)
        except OSError as error:
            log.error(  # noqa: TRY400  the operator needs the reason, not our call stack
                "%s can't be written: %s. The call goes on without a recording; "
                "make room on the disk or correct its permissions",
                batch.wav,
                error,
            )
            self._finish(batch.wav)
            self._open[batch.wav] = None

    def _finish(self, wav: Path) -> None:
        recording = self._open.pop(wav, None)
        if recording is None:
            return
        try:
            recording.close()
        except OSError as error:
            log.error("%s is incomplete: %s", wav, error)  # noqa: TRY400
