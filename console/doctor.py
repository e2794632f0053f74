"""Doctor: what is missing on this machine, and what to do about it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from asr.model_shelf import check
from campaigns.host import model_of, voices_of
from campaigns.line import outgoing_line
from campaigns.settings import Settings, SettingsError
from console.running import open_store
from dialer.ping import NoPongError, ping
from ivr.flow import flows, load_flow
from ivr.flow_model import FlowError
from store.errors import StoreError
from tts.cache import Cache
from tts.service import start_synthesizer
from tts.speaker import Speaker
from tts.speech import SpeechError

LEAST_FREE_BYTES = 1_000_000_000
"""An hour of one recorded call takes 115 MB."""
GREETING = "您好。"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination found."""

    name: str
    well: bool
    what: str
    remedy: str = ""
    """What to do; empty when all is well."""


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """Examine everything a campaign needs; a fault in one place hides none in another."""
    examinations: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (
        _synthesiser,
        _model,
        _flows,
        _ports,
        _trunk,
        _database,
        _disk,
    )
    return tuple([await examination(settings) for examination in examinations])


async def _synthesiser(settings: Settings) -> Finding:
    name = "synthesiser"
    voice = voices_of(settings)["zh-CN"]
    with tempfile.TemporaryDirectory(prefix="menling-") as folder:
        place = Path(folder)
        try:
            synthesizer = start_synthesizer(place, place / "speech.sock", place / "cache", (voice,))
            try:
                await Speaker(synthesizer.socket, Cache(place / "cache"), voice).wav(GREETING)
            finally:
                synthesizer.stop()
        except (SpeechError, OSError) as error:
            return Finding(
                name,
                False,
                str(error),
                "apt-get install espeak-ng; see speech.voice in the settings",
            )
    return Finding(name, True, f"speaks with the voice {voice.name}")


async def _model(settings: Settings) -> Finding:
    model = await asyncio.to_thread(check, model_of(settings))
    name = "recognition model"
    if model.problem:
        return Finding(
            name, False, model.problem, "menling models; recognition.model in the settings"
        )
    what = f"{model.name}, {model.sample_rate} Hz, {model.words} words. {model.notice}"
    return Finding(name, True, what.strip())


async def _flows(settings: Settings) -> Finding:
    faults = []
    for flow_id, language in flows():
        try:
            load_flow(flow_id, language)
        except FlowError as error:
            faults.append(str(error))
    if faults:
        return Finding("flows", False, "\n".join(faults), "menling flows check")
    return Finding("flows", True, ", ".join(f"{flow} ({spoken})" for flow, spoken in flows()))


async def _ports(settings: Settings) -> Finding:
    dialing = settings.dialing
    taken = []
    for number in range(dialing.workers):
        port = dialing.sip_port_base + number
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((dialing.bound_address, port))
            except OSError as error:
                taken.append(f"{dialing.bound_address}:{port} ({error.strerror})")
    if taken:
        return Finding(
            "ports",
            False,
            f"can't be used for SIP: {', '.join(taken)}",
            "change dialing.sip_port_base or dialing.bound_address, or stop what uses them",
        )
    last = dialing.sip_port_base + dialing.workers - 1
    return Finding("ports", True, f"UDP {dialing.sip_port_base}-{last} are free for SIP")


async def _trunk(settings: Settings) -> Finding:
    trunk = settings.trunk
    try:
        line = await outgoing_line(settings)
        pong = await ping(line.host, line.port, line.transport)
    except SettingsError as error:
        return Finding("trunk", False, str(error), "set trunk.host")
    except NoPongError as error:
        return Finding(
            "trunk",
            False,
            str(error),
            "check trunk.host, trunk.port, the firewall and the provider",
        )
    return Finding("trunk", True, f"{trunk.host}:{trunk.port} answers {pong.status} {pong.reason}")


async def _database(settings: Settings) -> Finding:
    try:
        database = await asyncio.to_thread(open_store, settings)
    except StoreError as error:
        return Finding(
            "database", False, str(error), "store.url and paths.data_dir in the settings"
        )
    try:
        return Finding("database", True, f"{database.url} is up to date")
    finally:
        database.close()


async def _disk(settings: Settings) -> Finding:
    folder = next(each for each in (settings.data_dir, *settings.data_dir.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB free for {settings.data_dir}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", False, what, "free some space or set paths.data_dir elsewhere")
    return Finding("disk", True, what)
