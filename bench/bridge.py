"""What people lose when their words go through Python: `python -m bench.bridge`.

A customer and an agent are called by one worker and talk through it, every frame naming its number.
Three ways in the same run: the two calls side by side with nothing between them, joined inside
pjsip, and joined as Menling joins them, frame by frame through the event loop. The telephones run
in another process than the worker.

Takes about three minutes. Processor time is the better measured the quieter the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from audio.g711 import decode
from audio.pcm import FRAME_SECONDS, Frame
from bench.processor_time import seconds_of
from bench.telephone import Sounds, Telephone, telephone
from dialer.leg import Answered, DialRequest, Ended, Sound
from dialer.pjsip_leg import PjsipLeg
from dialer.room import Party, Role, Room
from dialer.settings import SipSettings
from dialer.sip_thread import SipThread

BEGIN, END = "<!-- figures of bench.bridge -->", "<!-- end of the figures of bench.bridge -->"
SETTLING_SECONDS = 4.0
CODES = 60
"""So many frames in a row are told apart: 1.2 s, more than any delay."""
_LOUD = 40
_WORDS = tuple(decode(bytes([(0x80 | (_LOUD + code)) ^ 0x55]) * 160) for code in range(CODES))
_CODE_OF = {int.from_bytes(word[:2], "little"): code for code, word in enumerate(_WORDS)}
_ENOUGH_SAMPLES = 32
"""pjsip shifts what it hears by a part of a frame, so that a packet may hold two of ours."""


class Way(StrEnum):
    """How two calls are joined."""

    APART = "apart"
    PJSIP = "pjsip"
    FRAMES = "frames"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way came to."""

    way: Way
    pairs: int
    delays: tuple[float, ...]
    """Seconds from a frame's leaving one telephone to its arrival at the other."""
    missing: int
    """Frames said while both talked that never arrived."""
    spacings: tuple[float, ...]
    """Seconds between packets as they arrived."""
    processor_share: float
    """Of one core, per pair of calls."""

    @property
    def said(self) -> int:
        """Return how many frames were said."""
        return len(self.delays) + self.missing


def word(slot: int) -> Frame:
    """Return the frame that names its number."""
    return _WORDS[slot % CODES]


def codes_in(frame: Frame) -> list[int]:
    """Return the numbers of the frames that a packet holds enough of."""
    values, counts = np.unique(np.frombuffer(frame, dtype="<u2"), return_counts=True)
    enough = values[counts >= _ENOUGH_SAMPLES].tolist()
    return [_CODE_OF[value] for value in enough if value in _CODE_OF]


def delays_of(mouth: Sounds, ear: Sounds, since: float, until: float) -> list[float | None]:
    """Return how long each frame took that was said between two moments; None: never heard."""
    arrivals: dict[int, list[float]] = {}
    for heard in ear.heard:
        for code in codes_in(heard.frame):
            arrivals.setdefault(code, []).append(heard.at)
    delays: list[float | None] = []
    for slot, said in enumerate(mouth.said):
        if since <= said < until:
            latest = said + (CODES - 1) * FRAME_SECONDS
            times = [at for at in arrivals.get(slot % CODES, ()) if said <= at < latest]
            delays.append(times[0] - said if times else None)
    return delays


async def measure(way: Way, pairs: int, seconds: float) -> Figures:
    """Let so many pairs talk and return what was heard."""
    async with AsyncExitStack() as stack:
        phones = [
            (await stack.enter_async_context(telephone(word)), await _open(stack))
            for _ in range(pairs)
        ]
        uris = [phone.uri for pair in phones for phone in pair]
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.bridge", "--join", way, *uris),
            stdin=asyncio.subprocess.PIPE,
        )
        for pair in phones:
            for phone in pair:
                await phone.answered.wait()
        await asyncio.sleep(SETTLING_SECONDS)
        loop = asyncio.get_running_loop()
        since, used = loop.time(), seconds_of({"worker": [worker.pid]})["worker"]
        await asyncio.sleep(seconds)
        until, used = loop.time(), seconds_of({"worker": [worker.pid]})["worker"] - used
        await asyncio.sleep(1.0)
        assert worker.stdin is not None
        worker.stdin.close()
        await worker.wait()
    ways = [(a.sounds, b.sounds) for pair in phones for a, b in (pair, pair[::-1])]
    delays = [each for a, b in ways for each in delays_of(a, b, since, until)]
    return Figures(
        way,
        pairs,
        tuple(each for each in delays if each is not None),
        sum(each is None for each in delays),
        tuple(
            after.at - before.at
            for _, ear in ways
            for before, after in pairwise(ear.heard)
            if since <= before.at < until
        ),
        used / (until - since) / pairs,
    )


async def _open(stack: AsyncExitStack) -> Telephone:
    return await stack.enter_async_context(telephone(word))


async def join(way: Way, uris: Sequence[str]) -> None:
    """Call these telephones and join them two by two, until stdin is closed."""
    sip = SipThread(SipSettings())
    sip.start()
    legs = [await sip.next_leg() for _ in uris]
    rooms = [Room() for _ in uris[::2]]

    async def attend(number: int, leg: PjsipLeg, room: Room) -> None:
        leg.dial(DialRequest(uris[number]))
        while True:
            match await leg.receive():
                case Answered() if way is Way.FRAMES:
                    room.enter(Party(number, (Role.CALLEE, Role.AGENT)[number % 2]))
                case Answered():
                    answered.append(number)
                    if way is Way.PJSIP and len(answered) == len(legs):
                        sip.submit(lambda: _join_inside(legs))
                case Sound(frame, said):
                    for listener, heard in room.hear(number, frame, said):
                        legs[listener].speak(heard)
                case Ended():
                    room.leave(number)
                    return

    answered: list[int] = []
    async with asyncio.TaskGroup() as readers:
        for number, leg in enumerate(legs):
            readers.create_task(attend(number, leg, rooms[number // 2]))
        await asyncio.to_thread(sys.stdin.read)
        for leg in legs:
            leg.hang_up()
    sip.stop()


def _join_inside(legs: Sequence[PjsipLeg]) -> None:
    # What no leg offers, because nobody could listen in: a measurement may reach for it.
    lines = [leg._call._line for leg in legs]
    for one, other in zip(lines[::2], lines[1::2], strict=True):
        slots = [line._sound.getPortId() for line in (one, other) if line._sound is not None]
        one._bridge.join(*slots)
        one._bridge.join(*slots[::-1])


def table(all_figures: Sequence[Figures]) -> str:
    """Return the figures as a Markdown table, one column per way and number of pairs."""
    joined = [figures for figures in all_figures if figures.way is not Way.APART]
    apart = {each.pairs: each.processor_share for each in all_figures if each.way is Way.APART}
    rows = {
        "**mouth to ear**, ms, p50 / p95 / max": [_milliseconds(each.delays) for each in joined],
        "frames said": [str(each.said) for each in joined],
        "frames lost": [str(each.missing) for each in joined],
        "packet spacing, ms, p50 / p99 / max": [
            _milliseconds(each.spacings, 99) for each in joined
        ],
        "**worker, % of a core per conversation**": [
            f"**{100 * each.processor_share:.1f}**" for each in joined
        ],
        "of this for joining the two calls": [
            f"{100 * (each.processor_share - apart[each.pairs]):.1f}" for each in joined
        ],
    }
    head = "".join(f" {each.way}, {each.pairs} conversation(s) |" for each in joined)
    lines = [f"| |{head}", "|---" * (len(joined) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join(lines)


def _milliseconds(seconds: Sequence[float], high: int = 95) -> str:
    if not seconds:
        return "-"
    middle, late, most = np.percentile(seconds, (50, high, 100)) * 1000
    return f"{middle:.0f} / {late:.0f} / {most:.0f}"


def main(argv: Sequence[str] | None = None) -> None:
    """Measure every way and print the table, or be the worker of a measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.bridge --seconds 20 --write",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="measured in each way")
    parser.add_argument("--pairs", type=int, nargs="+", default=[1, 2], help="conversations")
    parser.add_argument("--write", action="store_true", help="put the table into docs/")
    parser.add_argument("--join", type=Way, help=argparse.SUPPRESS)
    parser.add_argument("uris", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.join is not None:
        asyncio.run(join(options.join, options.uris))
        return
    # Here, because it loads all of Menling, and the worker of a measurement needs little of it.
    from bench.latency import PAGE, machine, put_between

    load = os.getloadavg()[0]
    figures = [
        asyncio.run(measure(way, pairs, options.seconds)) for pairs in options.pairs for way in Way
    ]
    text = f"{machine()} The load of the machine was {load:.1f} before the run.\n\n{table(figures)}"
    print(text)
    if options.write:
        put_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
