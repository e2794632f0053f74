"""KeptSynthesizer: the synthesis process under watch; when it dies, another takes its socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from processes.waiting import readable
from tts.service import SynthesizerHandle, start_synthesizer
from tts.speech import SpeechError, Voice

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


class KeptSynthesizer:
    """Speech synthesis that is there again soon after it died."""

    def __init__(
        self,
        directory: Path,
        socket: Path,
        cache_dir: Path,
        voices: tuple[Voice, ...],
        notice: Callable[[str], None] = log.warning,
        producer: str = "",
    ) -> None:
        """Prepare; `notice` is told when it died and when it is back.

        `producer` is whom the files name as the maker of synthetic speech.
        """
        self.socket = socket
        self._launch = partial(
            start_synthesizer, directory, socket, cache_dir, voices, producer=producer
        )
        self._notice = notice
        # The kernel ends the process with the thread that starts it, so it has to be one that
        # lasts; and starting takes a second, for which the event loop must not stand still.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="synthesis")
        self._handle: SynthesizerHandle | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process now at work."""
        return self._handle.pid if self._handle else None

    async def start(self) -> None:
        """Start it and wait until it answers; raises SpeechError with the reason if it can't."""
        try:
            handle = await self._in_starter(self._replace)
        except BaseException:
            self._starter.shutdown()
            raise
        self._watch = asyncio.create_task(self._keep_alive(handle))

    async def stop(self) -> None:
        """End it; a second call does nothing."""
        watch, self._watch = self._watch, None
        if watch is None:
            return
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        # What was being started when we were told to stop is ended too: one thread does both.
        await self._in_starter(self._end)
        self._starter.shutdown()

    async def _keep_alive(self, handle: SynthesizerHandle) -> None:
        while True:
            await readable(handle.process.sentinel)
            self._notice(f"speech synthesis (process {handle.pid}) died; starting another")
            handle = await self._restarted()
            self._notice(f"speech synthesis is back (process {handle.pid})")

    async def _restarted(self) -> SynthesizerHandle:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._in_starter(self._end)
                return await self._in_starter(self._replace)
            except (SpeechError, OSError) as error:
                self._notice(f"{error}; next try in {pause:.1f} s")
                # Nothing announces that a disk or memory is there again: wait, longer each time.
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _in_starter(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._starter, work)

    # What follows runs on the starter's thread.

    def _replace(self) -> SynthesizerHandle:
        self._handle = self._launch()
        return self._handle

    def _end(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.stop()
