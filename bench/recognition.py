"""How fast the recogniser processes are: `python -m bench.recognition [--processes 2]`.

Each stream plays sentences in real time, as calls do, and measures at the worker's end:
  partial  from handing over a chunk to the hypothesis that includes it
  final    from asking for the result to having it
  load     processor time of all recogniser processes, as a part of one core
  memory   of a recogniser process, beyond the one that served nobody
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

CHUNK_SECONDS = 0.1
CLIPS = ("carrier/voicemail", "carrier/vacant_number", "carrier/switched_off", "lin/xingfu_lu")
UTTERANCE_TAIL = silence(0.6)


@dataclass
class Figures:
    """What was measured over all streams."""

    partial_seconds: list[float] = field(default_factory=list)
    final_seconds: list[float] = field(default_factory=list)
    audio_seconds: float = 0.0
    wrong: int = 0
    utterances: int = 0


async def stream(socket: Path, first: int, utterances: int, figures: Figures) -> None:
    """Speak to one recogniser as one leg does."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    await read_message(reader)
    await asyncio.sleep(0.13 * first % 1.0)  # calls do not speak in step
    for number in range(1, utterances + 1):
        clip = CLIPS[(first + number) % len(CLIPS)]
        text = await utterance(reader, writer, number, clip, figures)
        wanted = "".join(filter(str.isalnum, catalogue()[clip].text))
        figures.utterances += 1
        figures.wrong += text != wanted
    writer.close()
    await writer.wait_closed()


async def utterance(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    number: int,
    clip: str,
    figures: Figures,
) -> str:
    """Say one sentence in real time and return what was heard."""
    pcm = clip_sound(clip) + UTTERANCE_TAIL
    figures.audio_seconds += len(pcm) / SAMPLE_BYTES / SAMPLE_RATE
    sent: dict[int, float] = {}
    asked = 0.0

    async def listen() -> str:
        while message := await read_message(reader):
            now = time.perf_counter()
            if message.kind is Kind.PARTIAL:
                samples, _ = unpack_partial(message.payload)
                figures.partial_seconds.append(now - sent[samples])
            elif message.kind is Kind.TROUBLE:
                return ""
            elif message.kind is Kind.RESULT:
                figures.final_seconds.append(now - asked)
                return unpack_recognition(message.payload).text
        raise ConnectionError("the recogniser is gone")

    listening = asyncio.create_task(listen())
    writer.write(pack(Message(Kind.BEGIN, number, pack_phrases(()))))
    size = round(CHUNK_SECONDS * SAMPLE_RATE) * SAMPLE_BYTES
    start = time.perf_counter()
    for at in range(0, len(pcm), size):
        piece = pcm[at : at + size]
        due = start + (at + len(piece)) / SAMPLE_BYTES / SAMPLE_RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent[(at + len(piece)) // SAMPLE_BYTES] = time.perf_counter()
        writer.write(pack(Message(Kind.AUDIO, number, piece)))
    asked = time.perf_counter()
    writer.write(pack(Message(Kind.FINISH, number)))
    return await listening


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time these processes have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pids: Sequence[int]) -> float:
    """Return the memory these processes hold."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def milliseconds(values: Sequence[float]) -> str:
    """Return p50, p95 and p99 in milliseconds."""
    cuts = statistics.quantiles([*values, *values[-1:]], n=100, method="inclusive")
    return " / ".join(f"{1000 * cuts[at - 1]:.1f}" for at in (50, 95, 99))


async def measure(recognizers: Recognizers, streams: int, utterances: int) -> str:
    """Return one row of the table."""
    figures = Figures()
    pids = recognizers.pids
    cpu = cpu_seconds(pids)
    sockets = recognizers.sockets
    late_before = sum([(await load_of(socket)).late for socket in sockets])
    await asyncio.gather(
        *(
            stream(sockets[number % len(sockets)], number, utterances, figures)
            for number in range(streams)
        )
    )
    used = cpu_seconds(pids) - cpu
    late = sum([(await load_of(socket)).late for socket in sockets]) - late_before
    return (
        f"| {streams:2d} | {used / figures.audio_seconds:.3f} "
        f"| {milliseconds(figures.partial_seconds)} | {milliseconds(figures.final_seconds)} "
        f"| {resident_megabytes(pids):.0f} | {late} | {figures.utterances - figures.wrong}"
        f" of {figures.utterances} |"
    )


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--utterances", type=int, default=3)
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
                "| MB | late | right |"
            )
            print("|---|---|---|---|---|---|---|")
            for streams in options.streams:
                print(await measure(recognizers, streams, options.utterances), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
