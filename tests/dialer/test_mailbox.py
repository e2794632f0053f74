from __future__ import annotations

import asyncio
import threading

from dialer.leg import Answered, Ended, HangupCause, KeyPressed, Ringing, Sound
from dialer.mailbox import KEYS_WAITING, SOUNDS_WAITING, Mailbox, wake_readers

END = Ended(HangupCause.THEY_HUNG_UP)


def sound(number: int) -> Sound:
    return Sound(number.to_bytes(4, "big"))


def test_events_of_another_thread_arrive_in_order() -> None:
    async def whole() -> None:
        mailbox = Mailbox(asyncio.get_running_loop())
        sent = [Ringing(), Answered(), *(sound(n) for n in range(100)), KeyPressed("1"), END]

        def write() -> None:
            for event in sent:
                mailbox.post(event)

        writer = threading.Thread(target=write)
        writer.start()
        async with asyncio.timeout(60):
            received = [await mailbox.receive() for _ in sent]
        writer.join()
        assert received == sent

    asyncio.run(whole())


def test_a_reader_who_waits_is_woken() -> None:
    async def whole() -> None:
        mailbox = Mailbox(asyncio.get_running_loop())
        reader = asyncio.create_task(mailbox.receive())
        await asyncio.sleep(0)
        threading.Timer(0, mailbox.post, [Ringing()]).start()
        async with asyncio.timeout(60):
            assert await reader == Ringing()

    asyncio.run(whole())


def test_several_readers_are_woken_at_once() -> None:
    async def whole() -> None:
        mailboxes = [Mailbox(asyncio.get_running_loop()) for _ in range(3)]
        readers = [asyncio.create_task(mailbox.receive()) for mailbox in mailboxes]
        await asyncio.sleep(0)
        for number, mailbox in enumerate(mailboxes):
            mailbox.put(sound(number))
        threading.Timer(0, wake_readers, [mailboxes]).start()
        async with asyncio.timeout(60):
            assert await asyncio.gather(*readers) == [sound(0), sound(1), sound(2)]

    asyncio.run(whole())


def test_a_slow_reader_loses_the_oldest_sound_and_no_other_event() -> None:
    async def whole() -> None:
        mailbox = Mailbox(asyncio.get_running_loop())
        mailbox.post(Answered())
        for number in range(SOUNDS_WAITING + 10):
            mailbox.post(sound(number))
        mailbox.post(END)
        assert mailbox.dropped == 10
        assert await mailbox.receive() == Answered()
        assert await mailbox.receive() == sound(10)
        for _ in range(SOUNDS_WAITING - 1):
            await mailbox.receive()
        assert await mailbox.receive() == END

    asyncio.run(whole())


def test_a_flood_of_keys_is_cut_off() -> None:
    async def whole() -> None:
        mailbox = Mailbox(asyncio.get_running_loop())
        for _ in range(KEYS_WAITING + 5):
            mailbox.post(KeyPressed("1"))
        mailbox.post(END)
        keys = 0
        while await mailbox.receive() != END:
            keys += 1
        assert keys == KEYS_WAITING

    asyncio.run(whole())


def test_nothing_follows_the_end() -> None:
    async def whole() -> None:
        mailbox = Mailbox(asyncio.get_running_loop())
        mailbox.post(END)
        mailbox.post(sound(1))
        mailbox.post(Ringing())
        assert await mailbox.receive() == END
        reader = asyncio.create_task(mailbox.receive())
        await asyncio.sleep(0)
        assert not reader.done()
        reader.cancel()

    asyncio.run(whole())


def test_a_loop_that_is_gone_does_not_harm_the_writer() -> None:
    loop = asyncio.new_event_loop()
    mailbox = Mailbox(loop)
    loop.close()
    mailbox.post(Ringing())
    mailbox.post(sound(1))
    assert mailbox.dropped == 0
