"""A real browser as an agent's telephone: Chromium with a microphone that is a file."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import struct
import threading
import wave
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

import console.web
from audio.level import tone, tone_share
from audio.pcm import frames
from dialer.leg import Answered, DialRequest, Ended, HangupCause, Ringing, Sound
from dialer.webrtc_leg import WebRtcLeg

STATIC = Path(console.web.__file__).parent / "static"
HANGS_SECONDS = 90
"""What takes longer hangs, however busy the machine is."""
MOST_TURNS = 3000
GONE_TURNS = 225
"""A page that is gone is missed within 4.5 s of the leg's own time."""
CUSTOMER = list(frames(tone(400.0, 1.0, -20.0)))
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
PAGE = "<!doctype html><title>desk</title><script src='desk-audio.js'></script>"
REMEMBER_CONNECTIONS = """
  window.connections = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
"""
OFFER = """async () => {
  window.audio = new MenlingAudio({
    echoCancellation: false, noiseSuppression: false, autoGainControl: false,
  });
  return await audio.offer();
}"""
LISTEN = """() => {
  const context = new AudioContext();
  window.analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  const track = connections[0].getReceivers()[0].track;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  window.peakHz = () => {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    return bins[loudest] > -60 ? loudest * context.sampleRate / analyser.fftSize : 0;
  };
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep it."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[str]:
    """The address of a page that has the script and nothing else."""
    (tmp_path / "index.html").write_text(PAGE, "utf-8")
    (tmp_path / "desk-audio.js").write_bytes((STATIC / "desk-audio.js").read_bytes())
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
        server.shutdown()
        serving.join()


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """A second of 700 Hz, which the browser hears over and over."""
    path = tmp_path / "microphone.wav"
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(48_000)
        turn = 2 * math.pi * 700 / 48_000
        wav.writeframes(
            struct.pack("<48000h", *(round(9000 * math.sin(turn * at)) for at in range(48_000)))
        )
    return path


@asynccontextmanager
async def chromium(microphone: Path) -> AsyncIterator[tuple[Browser, BrowserContext]]:
    """A browser that may use its microphone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"],
        )
        try:
            context = await browser.new_context()
            await context.add_init_script(REMEMBER_CONNECTIONS)
            yield browser, context
        finally:
            await browser.close()


async def called(context: BrowserContext, desk: str) -> tuple[Page, WebRtcLeg]:
    """A page with the desk and the leg that has called it."""
    page = await context.new_page()
    await page.goto(desk)
    leg = WebRtcLeg(await page.evaluate(OFFER))
    leg.dial(DialRequest("browser:agent", ring_timeout=timedelta(seconds=60)))
    await page.evaluate("answer => audio.accept(answer)", await leg.answer_sdp())
    assert await leg.receive() == Ringing()
    assert await leg.receive() == Answered()
    return page, leg


async def talk(leg: WebRtcLeg, enough: Callable[[bytes], bool]) -> None:
    """Speak to the page until what it says is enough."""
    heard = b""
    for turn in range(MOST_TURNS):
        event = await leg.receive()
        assert isinstance(event, Sound)
        heard += event.frame
        leg.speak(CUSTOMER[turn % len(CUSTOMER)])
        if enough(heard):
            return
    pytest.fail("the page was not heard")


def says_700_hz(heard: bytes) -> bool:
    """Say whether the last half second is nothing but the microphone's tone."""
    return len(heard) > 8000 and tone_share(heard[-8000:], 700.0) > 0.9


def says_nothing(heard: bytes) -> bool:
    """Say whether the last fifth of a second is silent."""
    return len(heard) > 8000 and max(map(abs, struct.unpack("<1600h", heard[-3200:]))) < 30


async def ended_by(leg: WebRtcLeg, deed: Coroutine[Any, Any, None]) -> tuple[Ended, int]:
    """Do something; return how the leg ended, and how many turns after it was done."""
    doing, turns = asyncio.create_task(deed), 0
    while not isinstance(event := await leg.receive(), Ended):
        turns += doing.done()
    await doing
    return event, turns


async def kill(browser: Browser) -> None:
    """End the browser at once, as a crash would."""
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    (pid,) = (each["id"] for each in processes if each["type"] == "browser")
    os.kill(pid, signal.SIGKILL)


def test_a_browser_talks_mutes_itself_is_closed_and_crashes(desk: str, microphone: Path) -> None:
    async def shift() -> None:
        async with asyncio.timeout(HANGS_SECONDS), chromium(microphone) as (browser, context):
            page, leg = await called(context, desk)
            await page.evaluate(LISTEN)
            seen = asyncio.create_task(
                page.wait_for_function(
                    "Math.abs(peakHz() - 400) < 30 && audio.levels().speaker > 0.5"
                )
            )
            await talk(leg, lambda heard: says_700_hz(heard) and seen.done())
            await seen
            assert (await page.evaluate("audio.levels().microphone")) > 0.5
            assert await page.evaluate("audio.connected && !audio.muted")

            await page.evaluate("audio.muted = true")
            await talk(leg, says_nothing)
            assert await page.evaluate("audio.muted && audio.levels().microphone === 0")

            end, turns = await ended_by(leg, page.close())
            assert end.cause in (HangupCause.THEY_HUNG_UP, HangupCause.MEDIA_LOST)
            assert turns <= GONE_TURNS

            _, leg = await called(context, desk)
            await talk(leg, says_700_hz)
            end, turns = await ended_by(leg, kill(browser))
            assert end.cause is HangupCause.MEDIA_LOST
            assert turns <= GONE_TURNS

    asyncio.run(shift())
