"""How fast the recogniser processes are: `python -m bench.recognition [--processes 2]`.

Each stream plays sentences as calls do, and measures at the worker's end:
  partial   from handing over a chunk to the hypothesis that includes it
  final     from asking for the result to having it
  of it     processor time that the recogniser process used meanwhile: what a result takes on a
            machine that does nothing else
  load      processor time of all recogniser processes, as a part of one core
  memory    of a recogniser process, beyond the one that served nobody

In real time, other work on the machine counts as delay. With `--pace decoded` every stream hands
over its next chunk when the one before is decoded: always as much as can be decoded, never more.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asr.enquiry import load_of
from asr.model_files import bundled_model
from asr.service import Recognizers, start_recognizers
from asr.wire import (
    Kind,
    Message,
    pack,
    pack_phrases,
    read_message,
    unpack_partial,
    unpack_recognition,
)
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE, silence
from audio_fixtures.clips import catalogue, clip_sound
from bench.processor_time import seconds_of

CHUNK_SECONDS = 0.2
CLIPS = ("carrier/voicemail", "carrier/vacant_number", "carrier/switched_off", "lin/xingfu_lu")
UTTERANCE_TAIL = silence(0.2)


@dataclass
class Figures:
    """What was measured over all streams."""

    partial_seconds: list[float] = field(default_factory=list)
    final_seconds: list[float] = field(default_factory=list)
    final_processor_seconds: list[float] = field(default_factory=list)
    audio_seconds: float = 0.0
    wrong: int = 0
    utterances: int = 0
    given_up: int = 0


class Caller:
    """One leg at one recogniser process."""

    def __init__(self, socket: Path, pid: int, in_real_time: bool, figures: Figures) -> None:
        self._socket = socket
        self._pid = pid
        self._in_real_time = in_real_time
        self._figures = figures
        self._sent: dict[int, float] = {}
        self._asked = (0.0, 0.0)
        """When, and what the process had used then."""

    async def talk(self, first: int, utterances: int) -> None:
        """Say so many sentences."""
        reader, writer = await asyncio.open_unix_connection(str(self._socket))
        await read_message(reader)
        if self._in_real_time:
            await asyncio.sleep(0.13 * first % 1.0)  # calls do not speak in step
        for number in range(1, utterances + 1):
            clip = CLIPS[(first + number) % len(CLIPS)]
            text = await self._say(reader, writer, number, clip)
            wanted = "".join(filter(str.isalnum, catalogue()[clip].text))
            self._figures.utterances += 1
            self._figures.wrong += text != wanted
        writer.close()
        await writer.wait_closed()

    async def _say(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, clip: str
    ) -> str:
        pcm = clip_sound(clip) + UTTERANCE_TAIL
        self._figures.audio_seconds += len(pcm) / SAMPLE_BYTES / SAMPLE_RATE
        decoded = asyncio.Event()
        listening = asyncio.create_task(self._listen(reader, decoded))
        writer.write(pack(Message(Kind.BEGIN, number, pack_phrases(()))))
        size = round(CHUNK_SECONDS * SAMPLE_RATE) * SAMPLE_BYTES
        start = time.perf_counter()
        for at in range(0, len(pcm), size):
            piece = pcm[at : at + size]
            if self._in_real_time:
                due = start + (at + len(piece)) / SAMPLE_BYTES / SAMPLE_RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._sent[(at + len(piece)) // SAMPLE_BYTES] = time.perf_counter()
            writer.write(pack(Message(Kind.AUDIO, number, piece)))
            if not self._in_real_time and at + size < len(pcm):
                decoded.clear()
                writer.write(pack(Message(Kind.LOAD)))  # answered in its turn: after the chunk
                await decoded.wait()
        self._asked = (time.perf_counter(), processor_seconds(self._pid))
        writer.write(pack(Message(Kind.FINISH, number)))
        return await listening

    async def _listen(self, reader: asyncio.StreamReader, decoded: asyncio.Event) -> str:
        while message := await read_message(reader):
            now = time.perf_counter()
            if message.kind is Kind.PARTIAL:
                samples, _ = unpack_partial(message.payload)
                self._figures.partial_seconds.append(now - self._sent[samples])
            elif message.kind is Kind.LOAD:
                decoded.set()
            elif message.kind is Kind.TROUBLE:
                self._figures.given_up += 1
                decoded.set()
                return ""
            elif message.kind is Kind.RESULT:
                asked, used = self._asked
                self._figures.final_seconds.append(now - asked)
                took = processor_seconds(self._pid) - used
                self._figures.final_processor_seconds.append(took)
                return unpack_recognition(message.payload).text
        raise ConnectionError("the recogniser is gone")


def processor_seconds(pid: int) -> float:
    """Return what a process has used so far, exactly, while it runs too."""
    # What clock_getcpuclockid(3) makes of a process; /proc counts in hundredths of a second.
    return time.clock_gettime(~pid << 3 | 2)


def resident_megabytes(pids: Sequence[int]) -> float:
    """Return the memory these processes hold."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def milliseconds(values: Sequence[float]) -> str:
    """Return p50, p95 and p99 in milliseconds."""
    if not values:
        return "-"
    cuts = statistics.quantiles([*values, *values[-1:]], n=100, method="inclusive")
    return " / ".join(f"{1000 * cuts[at - 1]:.1f}" for at in (50, 95, 99))


async def measure(
    recognizers: Recognizers, streams: int, utterances: int, in_real_time: bool
) -> str:
    """Return one row of the table."""
    figures = Figures()
    sockets, pids = recognizers.sockets, recognizers.pids
    before = seconds_of({"all": pids})["all"]
    late_before = sum([(await load_of(socket)).late for socket in sockets])
    callers = [
        Caller(sockets[place % len(sockets)], pids[place % len(pids)], in_real_time, figures)
        for place in range(streams)
    ]
    await asyncio.gather(*(caller.talk(place, utterances) for place, caller in enumerate(callers)))
    used = seconds_of({"all": pids})["all"] - before
    late = sum([(await load_of(socket)).late for socket in sockets]) - late_before
    return (
        f"| {streams} | {used / figures.audio_seconds:.4f} "
        f"| {milliseconds(figures.partial_seconds)} | {milliseconds(figures.final_seconds)} "
        f"| {milliseconds(figures.final_processor_seconds)} "
        f"| {resident_megabytes(pids):.0f} | {late} / {figures.given_up} "
        f"| {figures.utterances - figures.wrong} of {figures.utterances} |"
    )


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--utterances", type=int, default=3)
    parser.add_argument("--pace", choices=["real", "decoded"], default="real")
    parser.add_argument("--model", type=Path, default=bundled_model())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mlr") as directory:
        async with await start_recognizers(
            options.model, options.processes, Path(directory)
        ) as recognizers:
            idle = resident_megabytes(recognizers.pids)
            print(f"{options.processes} processes, idle: {idle:.0f} MB together")
            print(
                "| streams | RTF | partial p50 / p95 / p99 ms | final p50 / p95 / p99 ms "
                "| of it processor ms | MB | late / given up | right |"
            )
            print("|---|---|---|---|---|---|---|---|")
            for streams in options.streams:
                row = measure(recognizers, streams, options.utterances, options.pace == "real")
                print(await row, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
