from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from asr.decoding import DecodeQueue, Urgency


def test_work_for_an_utterance_that_is_over_goes_first() -> None:
    order: list[str] = []

    async def decode() -> None:
        queue = DecodeQueue(1)
        gate = threading.Event()
        held = asyncio.create_task(queue.run(gate.wait))
        await asyncio.sleep(0)
        later = [
            asyncio.create_task(queue.run(partial(order.append, "sound"))),
            asyncio.create_task(queue.run(partial(order.append, "more sound"))),
            asyncio.create_task(queue.run(partial(order.append, "result"), Urgency.OVER)),
        ]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(held, *later)
        queue.close()

    asyncio.run(decode())
    assert order == ["result", "sound", "more sound"]


def test_what_the_work_returns_or_raises_reaches_whom_it_was_done_for() -> None:
    def fail() -> None:
        raise ValueError("broken sound")

    async def decode() -> int:
        queue = DecodeQueue(2)
        with pytest.raises(ValueError, match="broken sound"):
            await queue.run(fail)
        answer = await queue.run(lambda: 6 * 7)
        queue.close()
        return answer

    assert asyncio.run(decode()) == 42


def test_work_that_nobody_waits_for_any_more_stops_nothing() -> None:
    async def decode() -> str:
        queue = DecodeQueue(1)
        gate = threading.Event()
        given_up = asyncio.create_task(queue.run(gate.wait))
        await asyncio.sleep(0)
        given_up.cancel()
        gate.set()
        answer = await queue.run(lambda: "next")
        queue.close()
        return answer

    assert asyncio.run(decode()) == "next"


def test_without_threads_the_end_of_an_utterance_goes_first_too() -> None:
    order: list[str] = []

    async def decode() -> None:
        queue = DecodeQueue()
        await asyncio.gather(
            queue.run(partial(order.append, "sound")),
            queue.run(partial(order.append, "more sound")),
            queue.run(partial(order.append, "result"), Urgency.OVER),
        )
        queue.close()

    asyncio.run(decode())
    assert order == ["result", "sound", "more sound"]


def test_without_threads_the_sockets_are_read_between_two_pieces() -> None:
    order: list[str] = []

    async def decode() -> None:
        queue = DecodeQueue()
        loop = asyncio.get_running_loop()

        def first() -> None:
            order.append("first")
            loop.call_soon(order.append, "socket")

        await asyncio.gather(queue.run(first), queue.run(partial(order.append, "second")))

    asyncio.run(decode())
    assert order == ["first", "socket", "second"]


def test_without_threads_an_error_reaches_its_caller_and_the_next_piece_is_done() -> None:
    def fail() -> None:
        raise ValueError("broken sound")

    async def decode() -> list[object]:
        queue = DecodeQueue()
        return list(
            await asyncio.gather(queue.run(fail), queue.run(lambda: 6 * 7), return_exceptions=True)
        )

    failed, answer = asyncio.run(decode())
    assert isinstance(failed, ValueError)
    assert answer == 42
