"""A call to baresip, another telephone: it answers, speaks a WAV and keeps what it hears."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audio.level import tone, tone_share
from audio.wav import write_wav
from dialer.leg import Answered, DialRequest, Ended, HangupCause, LegEvent, PlaybackEnded, Sound
from dialer.pjsip_leg import PjsipLeg
from dialer.sip_thread import SipThread

pytestmark = pytest.mark.sip

CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
audio_player aufile,{folder}/unused.wav
audio_source aufile,{folder}/says.wav
audio_alert none
ausrc_srate 8000
auplay_srate 8000
jitter_buffer_type fixed
jitter_buffer_delay 1-5
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
snd_path {folder}
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""
MODULES = "/usr/lib/baresip/modules"


@asynccontextmanager
async def baresip(folder: Path) -> AsyncIterator[str]:
    """A baresip that answers every call; pjsip repeats its INVITE until it listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = CONFIG.format(port=port, folder=folder, modules=MODULES)
    (folder / "config").write_text(config, encoding="utf-8")
    (folder / "accounts").write_text(
        f"<sip:bob@127.0.0.1:{port}>;regint=0;answermode=auto;audio_codecs=pcma\n",
        encoding="utf-8",
    )
    (folder / "contacts").touch()
    process = await asyncio.create_subprocess_exec(
        *("baresip", "-f", str(folder)),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"sip:bob@127.0.0.1:{port}"
    finally:
        process.terminate()
        async with asyncio.timeout(10):
            await process.wait()


async def until(leg: PjsipLeg, *kinds: type[LegEvent]) -> list[LegEvent]:
    events: list[LegEvent] = []
    async with asyncio.timeout(15):
        while not events or not isinstance(events[-1], kinds):
            events.append(await leg.receive())
    return events


def test_baresip_and_menling_hear_each_other(sip: SipThread, tmp_path: Path) -> None:
    write_wav(tmp_path / "says.wav", tone(700, 10.0))
    write_wav(tmp_path / "prompt.wav", tone(440, 1.0))

    async def call() -> None:
        async with asyncio.timeout(30), baresip(tmp_path) as uri:
            leg = await sip.next_leg()
            leg.dial(DialRequest(uri))
            await until(leg, Answered)
            leg.play(tmp_path / "prompt.wav")
            events = await until(leg, PlaybackEnded)
            heard = b"".join(event.frame for event in events if isinstance(event, Sound))
            assert tone_share(heard[8000:12000], 700) > 0.9
            leg.hang_up()
            end = (await until(leg, Ended))[-1]
            assert isinstance(end, Ended)
            assert end.cause is HangupCause.WE_HUNG_UP

    asyncio.run(call())
    (decoded,) = tmp_path.glob("dump-*-dec.wav")
    heard_there = decoded.read_bytes()[44:]
    assert tone_share(heard_there[8000:12000], 440) > 0.9
