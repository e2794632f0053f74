"""Whether the memory of a recogniser process creeps: `python -m bench.recogniser_memory`.

Several streams say one piece of a clip after another as fast as they are decoded, half of them
with open questions and half with changing grammars, every tenth dismissed as noise. The resident
memory of the process is printed every 500 utterances, and in the end how much of it came after
the first tenth, in which caches and pools fill.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from asr.enquiry import load_of, prepare
from asr.model_files import bundled_model
from asr.service import start_recognizers
from asr.stream import RecognitionError, open_stream
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE

GRAMMARS: tuple[tuple[str, ...], ...] = (
    ("可以", "可以的", "不可以", "不行", "不方便", "好的"),
    ("对", "对的", "不对", "是的", "不是"),
    ("放快递柜", "放门口", "放物业", "送货上门"),
    ("今天上午", "今天下午", "明天上午", "明天下午", "后天", "周末"),
    ("没听清", "再说一遍", "不用了", "打错了"),
)
CHUNK_BYTES = round(0.1 * SAMPLE_RATE) * SAMPLE_BYTES


@dataclass
class Progress:
    """What all streams have done together."""

    wanted: int
    begun: int = 0
    done: int = 0
    lost: int = 0
    more: asyncio.Event = field(default_factory=asyncio.Event)
    """One more is done."""


async def speak(sockets: tuple[Path, ...], number: int, clips: list[bytes], all_: Progress) -> None:
    """Say clips on one stream until all streams together have said enough."""
    stream = await open_stream(sockets)
    while all_.begun < all_.wanted:
        turn = all_.begun
        all_.begun += 1
        pcm = clips[(turn * 7 + number) % len(clips)]
        phrases = GRAMMARS[turn % len(GRAMMARS)] if number % 2 else ()
        await stream.begin(phrases, () if phrases else GRAMMARS[0])
        for at in range(0, len(pcm), CHUNK_BYTES):
            await stream.accept(pcm[at : at + CHUNK_BYTES])
        try:
            if turn % 10 == 9:
                await stream.discard()
            else:
                await stream.finish()
        except RecognitionError:
            all_.lost += 1
        all_.done += 1
        all_.more.set()
    await stream.close()


async def watch(socket: Path, all_: Progress, every: int) -> list[float]:
    """Print a row every so many utterances; return the memory of each."""
    found: list[float] = []
    start = time.monotonic()
    print("| utterances | MB | engines made | recycled | lost | seconds |")
    print("|---|---|---|---|---|---|")
    for due in range(0, all_.wanted + 1, every):
        while all_.done < due:
            all_.more.clear()
            await all_.more.wait()
        load = await load_of(socket)
        found.append(load.megabytes)
        print(
            f"| {all_.done} | {load.megabytes:.1f} | {load.engines_made} | {load.engines_recycled} "
            f"| {all_.lost} | {time.monotonic() - start:.0f} |",
            flush=True,
        )
    return found


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--utterances", type=int, default=10_000)
    parser.add_argument("--streams", type=int, default=4)
    parser.add_argument("--longest", type=float, default=0.8, help="seconds of a piece")
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--model", type=Path, default=bundled_model())
    options = parser.parse_args()
    # Not above: the recogniser process imports this file too, and is what is weighed.
    from audio_fixtures.clips import catalogue, clip_sound

    sounds = [clip_sound(name) for name in catalogue()]
    longest = round(options.longest * SAMPLE_RATE) * SAMPLE_BYTES
    clips = [sound[at : at + longest] for sound in sounds for at in range(0, len(sound), longest)]
    progress = Progress(options.utterances)
    with tempfile.TemporaryDirectory(prefix="mlr") as directory:
        async with await start_recognizers(options.model, 1, Path(directory)) as recognizers:
            await prepare(recognizers.sockets, GRAMMARS)
            watching = asyncio.create_task(watch(recognizers.sockets[0], progress, options.every))
            await asyncio.gather(
                *(
                    speak(recognizers.sockets, number, clips, progress)
                    for number in range(options.streams)
                )
            )
            found = await watching
    settled = found[max(1, len(found) // 10) :]
    print(f"from {settled[0]:.1f} to {settled[-1]:.1f} MB, at most {max(settled):.1f}")


if __name__ == "__main__":
    asyncio.run(main())
