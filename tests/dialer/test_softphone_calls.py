"""`menling phone` on a virtual sound device, rung by a real SIP call."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from audio.level import dbfs, tone
from audio.pcm import FRAME_BYTES
from audio.wav import write_wav
from console.free_ports import free_port_range
from dialer.leg import Answered, DialRequest, Ended, HangupCause, LegEvent, Sound
from dialer.pjsip_leg import PjsipLeg
from dialer.sip_thread import SipThread

pytestmark = pytest.mark.sip

AssertHears = Callable[..., None]
HANGS_SECONDS = 90
"""What takes longer hangs, however busy the machine is."""
HEARD_SECONDS = 1.0
QUIET_FRAMES = 10
SILENT_DBFS = -60.0
"""G.711 A-law knows no zero."""
ALSA = """\
pcm.!default {{ type pulse server "{server}" }}
ctl.!default {{ type pulse server "{server}" }}
"""
RAW = ("--raw", "--rate=8000", "--channels=1", "--format=s16le")


@dataclass(frozen=True, slots=True)
class Sounds:
    """A sound card of PulseAudio: what is said into `mic` is its microphone's."""

    server: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a program must know to find this sound card and no other."""
        return {
            **os.environ,
            "ALSA_CONFIG_PATH": str(self.folder / "asound.conf"),
            "PULSE_SERVER": self.server,
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
        }

    async def program(self, *command: str) -> asyncio.subprocess.Process:
        """Start a program beside it."""
        return await asyncio.create_subprocess_exec(
            *command,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


async def said(stream: asyncio.StreamReader | None, words: str) -> str:
    """Wait until a line with these words is printed; return it."""
    assert stream is not None
    printed = ""
    while words not in printed:
        line = (await stream.readline()).decode()
        assert line, f"{words!r} was never said, but: {printed}"
        printed += line
    return line


@asynccontextmanager
async def ended_after(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """End a program when it is not needed any more."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def sound_card(folder: Path) -> AsyncIterator[Sounds]:
    """PulseAudio with a speaker that leads nowhere and a microphone in which somebody whistles."""
    sounds = Sounds(f"unix:{folder}/pulse.socket", folder)
    (folder / "asound.conf").write_text(ALSA.format(server=sounds.server))
    write_wav(folder / "whistle.wav", tone(700.0, 300.0, -20.0))
    pulse = await sounds.program(
        *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
        *("--realtime=no", "--high-priority=no", "--log-target=stderr", "--log-level=info"),
        *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/pulse.socket"),
        *("-L", "module-null-sink sink_name=speaker rate=8000 channels=1"),
        *("-L", "module-null-sink sink_name=mic rate=8000 channels=1"),
    )  # fmt: skip
    async with ended_after(pulse):
        await said(pulse.stderr, "startup complete")
        for kind, name in (("sink", "speaker"), ("source", "mic.monitor")):
            done = await sounds.program("pactl", f"set-default-{kind}", name)
            assert await done.wait() == 0, (await done.communicate())[1].decode()
        whistle = await sounds.program("paplay", "--device=mic", str(folder / "whistle.wav"))
        async with ended_after(whistle):
            yield sounds


async def until(leg: PjsipLeg, kind: type[LegEvent]) -> LegEvent:
    """Wait for the first such event."""
    while not isinstance(event := await leg.receive(), kind):
        pass
    return event


async def loud(speaker: asyncio.StreamReader | None) -> bytes:
    """Return what comes out of the speaker, without silence: that is what comes late."""
    assert speaker is not None
    heard = b""
    while len(heard) < HEARD_SECONDS * 16_000:
        frame = await speaker.readexactly(FRAME_BYTES)
        heard += frame if any(frame) else b""
    return heard


class Terminal:
    """The other side of a pseudo terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._seen = b""
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._descriptor, key.encode())

    async def shows(self, words: str) -> None:
        """Wait until these words appear after those waited for before."""
        while words.encode() not in self._seen:
            self._news.clear()
            await self._news.wait()
        self._seen = self._seen.partition(words.encode())[2]

    def close(self) -> None:
        """Pull the plug."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _read(self) -> None:
        try:
            self._seen += os.read(self._descriptor, 65_536)
        except OSError:  # nobody is at the other end any more
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self._news.set()


@asynccontextmanager
async def phone(sounds: Sounds) -> AsyncIterator[tuple[str, Terminal]]:
    """`menling phone` on a terminal; yields its address. It must have been quit when it is left."""
    port = free_port_range(1)
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "console.cli", "phone", "--listen", f"127.0.0.1:{port}"),
        env={**sounds.environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    terminal = Terminal(ours)
    try:
        await terminal.shows("Rung at")
        yield f"sip:phone@127.0.0.1:{port}", terminal
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        terminal.close()


async def rung(sip: SipThread, uri: str) -> PjsipLeg:
    """A call to a telephone."""
    leg = await sip.next_leg()
    leg.dial(DialRequest(uri))
    return leg


async def end_of(leg: PjsipLeg) -> HangupCause:
    """Wait until a call is over; return why."""
    ended = await until(leg, Ended)
    assert isinstance(ended, Ended)
    return ended.cause


def test_an_agent_declines_takes_mutes_and_ends_calls_at_his_computer(
    sip: SipThread, tmp_path: Path, assert_hears: AssertHears
) -> None:
    write_wav(tmp_path / "prompt.wav", tone(400.0, 30.0, -20.0))

    async def shift() -> None:
        async with (
            asyncio.timeout(HANGS_SECONDS),
            sound_card(tmp_path) as sounds,
            phone(sounds) as (uri, terminal),
        ):
            leg = await rung(sip, uri)
            await terminal.shows("ringing")
            terminal.press("h")
            assert await end_of(leg) is HangupCause.DECLINED
            await terminal.shows("The call is over")
            await terminal.shows("waiting")

            leg = await rung(sip, uri)
            await terminal.shows("ringing")
            terminal.press("a")
            await until(leg, Answered)
            await terminal.shows("talking")

            second = await rung(sip, uri)
            assert await end_of(second) is HangupCause.BUSY
            await terminal.shows("found this telephone busy")

            speaker = await sounds.program("parec", "--device=speaker.monitor", *RAW)
            async with ended_after(speaker):
                leg.play(tmp_path / "prompt.wav")
                there = asyncio.create_task(loud(speaker.stdout))
                here = b""
                while not (there.done() and len(here) > HEARD_SECONDS * 16_000):
                    event = await leg.receive()
                    assert isinstance(event, Sound)
                    here += event.frame if dbfs(event.frame) > SILENT_DBFS else b""
                assert_hears(here, 700.0)
                assert_hears(await there, 400.0)

            terminal.press("m")
            await terminal.shows("muted")
            quiet = 0
            while quiet < QUIET_FRAMES:
                event = await leg.receive()
                assert isinstance(event, Sound)
                quiet = quiet + 1 if dbfs(event.frame) < SILENT_DBFS else 0

            terminal.press("h")
            assert await end_of(leg) is HangupCause.THEY_HUNG_UP
            terminal.press("q")

    asyncio.run(shift())
