"""Waiting for a descriptor without a thread and without polling."""

from __future__ import annotations

import asyncio


async def readable(descriptor: int) -> None:
    """Wait until a descriptor has something to say: a process's sentinel, that it has ended."""
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()
    loop.add_reader(descriptor, seen.set)
    try:
        await seen.wait()
    finally:
        loop.remove_reader(descriptor)


async def readable_within(seconds: float, descriptor: int) -> bool:
    """Wait for it that long at most; return whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await readable(descriptor)
    except TimeoutError:
        return False
    return True
