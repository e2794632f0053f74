from __future__ import annotations

import asyncio
import os

import pytest

from processes.waiting import readable, readable_within


def test_it_waits_until_there_is_something_to_read() -> None:
    ours, theirs = os.pipe()

    async def wait() -> None:
        waiting = asyncio.create_task(readable(ours))
        await asyncio.sleep(0)
        assert not waiting.done()
        os.write(theirs, b"!")
        async with asyncio.timeout(60):
            await waiting

    asyncio.run(wait())
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(("said", "seconds"), [(b"", 0.05), (b"!", 60.0)])
def test_it_waits_so_long_and_no_longer(said: bytes, seconds: float) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, said)
    assert asyncio.run(readable_within(seconds, ours)) is bool(said)
    os.close(ours)
    os.close(theirs)
