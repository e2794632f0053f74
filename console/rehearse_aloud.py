"""A conversation rehearsed aloud: microphone and speaker instead of a telephone line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from asr.detectors import voice_detector
from asr.listener import Listener
from asr.stream import open_stream
from campaigns.host import detector_of, speech_services, speech_source, voices_of
from campaigns.settings import Settings
from campaigns.speaking import mark_recording, speech_from
from console.sound_devices import sound_device
from dialer.device_leg import DeviceLeg
from dialer.leg import DialRequest
from ivr.agent_lines import LANGUAGE
from ivr.conversation import Conversation, ConversationReport, Equipment, Notice
from ivr.customer import Customer
from ivr.customer_call import CustomerCall
from ivr.exchange import CallFacts
from ivr.flow_model import Flow
from ivr.line import Stepping
from ivr.nlu.understanding import prepare
from ivr.score_sheet import Call, Exchange
from ivr.wording import all_prompts

REQUEST = DialRequest("sip:microphone@127.0.0.1")
"""Nobody is rung; a leg is always dialled."""
HANG = "/hang"
REHEARSED = 0
"""Stands for the number of an attempt, which a rehearsal has not."""


@dataclass(frozen=True, slots=True)
class Booth:
    """Where somebody sits who rehearses aloud."""

    device: str = ""
    """A part of the name of the sound device; empty: the default one."""
    through_speaker: bool = False
    """No headset: nothing is heard while Menling speaks."""
    recording: Path | None = None


async def rehearse_aloud(
    settings: Settings,
    flow: Flow,
    facts: CallFacts,
    booth: Booth,
    show: Callable[[Notice], None],
    stepping: Stepping,
) -> ConversationReport:
    """Hold the conversation that a call would be, with whoever sits here.

    `show` is given every turn, `stepping` every step of the dialog.

    Lines on standard input are keys, or HANG. Raises SettingsError and SoundDeviceError when no
    sound device can be used, and what `speech_services` raises.
    """
    async with equipped(settings, flow.language) as equipment:
        for each in all_prompts(flow, facts):
            await equipment.speech.wav(each.text, each.manner, each.pieces)
        leg = DeviceLeg(sound_device(booth.device), through_speaker=booth.through_speaker)
        watched = replace(equipment, stepping=stepping)
        conversation = Conversation(leg, watched, flow, facts, booth.recording, show)
        with _keyboard(leg):
            report = await conversation.hold(REQUEST)
    mark_recording(booth.recording, REHEARSED, settings.speech.producer)
    return report


async def talk_with_customer(
    settings: Settings, customer: Customer, booth: Booth, told: Callable[[Exchange], None]
) -> Call:
    """Let a simulated customer talk with whoever sits here; raises what `rehearse_aloud` raises."""
    async with equipped(settings, LANGUAGE) as equipment:
        leg = DeviceLeg(sound_device(booth.device), through_speaker=booth.through_speaker)
        if booth.recording is not None:
            leg.record(booth.recording)
        with _keyboard(leg):
            call = await CustomerCall(leg, equipment, customer, told).hold(REQUEST)
    mark_recording(booth.recording, REHEARSED, settings.speech.producer)
    return call


@asynccontextmanager
async def equipped(settings: Settings, language: str) -> AsyncIterator[Equipment]:
    """Lend ears and voice for one conversation in a language."""
    detector = voice_detector(detector_of(settings))
    prepare(language)
    async with speech_services(settings, {language}) as services:
        stream = await open_stream(services.recognizers.sockets[language])
        speech = speech_from(speech_source(settings, services), voices_of(settings)[language])
        yield Equipment(Listener(stream, detector), speech)


@contextmanager
def _keyboard(leg: DeviceLeg) -> Iterator[None]:
    """Take lines typed during a conversation as keys, where somebody can type."""

    def read() -> None:
        line = sys.stdin.readline()
        if not line or line.strip() == HANG:
            leg.put_down()
        for digit in line:
            if digit in "0123456789*#":
                leg.press(digit)

    if not sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), read)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin.fileno())
