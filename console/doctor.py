"""Doctor: what is missing on this machine, and what to do about it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from asr.model_files import ModelError, notice
from asr.model_shelf import check
from campaigns.hearing import MODEL_KEYS, models_of
from campaigns.host import voices_of
from campaigns.settings import Settings, SettingsError
from console.doctor_calling import calling_finding
from console.doctor_messages import messages_finding
from console.doctor_people import console_finding, desk_finding
from console.finding import Finding, Health
from console.ports import port_faults, rtp_ports, sip_ports
from console.running import open_store
from console.speech_commands import recording_faults
from console.trunk_findings import trunk_finding
from ivr.flow import flows, load_flow
from ivr.flow_model import FlowError
from store.errors import StoreError
from tts.cache import Cache
from tts.service import start_synthesizer
from tts.speaker import Speaker
from tts.speech import SpeechError

LEAST_FREE_BYTES = 1_000_000_000
"""An hour of one recorded call takes 115 MB."""
NO_ROOM_BYTES = 100_000_000
"""Below that a campaign is not even begun."""
GREETINGS = {"zh-CN": "您好。", "en-US": "Hello."}


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """Examine everything that calls, agents and pages need; one fault hides no other."""
    examinations: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (
        _synthesiser,
        *(partial(_model, language) for language in MODEL_KEYS),
        _flows,
        _recorded_prompts,
        _ports,
        *(partial(trunk_finding, name) for name in settings.all_trunks),
        desk_finding,
        console_finding,
        messages_finding,
        calling_finding,
        _database,
        _disk,
    )
    return tuple([await examination(settings) for examination in examinations])


def _missing(name: str, what: str, remedy: str) -> Finding:
    return Finding(name, Health.MISSING, what, remedy)


async def _synthesiser(settings: Settings) -> Finding:
    name = "synthesiser"
    try:
        voices = voices_of(settings)
    except SettingsError as error:
        return _missing(name, str(error), "set speech.voice_file, or speech.engine = 'pyttsx3'")
    with tempfile.TemporaryDirectory(prefix="menling-") as folder:
        place = Path(folder)
        try:
            synthesizer = start_synthesizer(
                place, place / "speech.sock", place / "cache", tuple(voices.values())
            )
            try:
                for language, greeting in GREETINGS.items():
                    speaker = Speaker(synthesizer.socket, Cache(place / "cache"), voices[language])
                    await speaker.wav(greeting)
            finally:
                synthesizer.stop()
        except (SpeechError, OSError) as error:
            remedy = "apt-get install espeak-ng; then look at speech.voice in the settings"
            return _missing(name, str(error), remedy)
    names = " and ".join(voice.name for voice in voices.values())
    return Finding(name, Health.WELL, f"speaks with the voices {names}")


async def _model(language: str, settings: Settings) -> Finding:
    name = f"hearing {language}"
    remedy = f"`menling models list`; then set {MODEL_KEYS[language]} in the settings"
    try:
        path = models_of(settings, {language})[language]
    except ModelError as error:
        return _missing(name, str(error), remedy)
    model = await asyncio.to_thread(check, path)
    if model.problem:
        return _missing(name, model.problem, remedy)
    bundled = " (bundled)" if model.bundled else ""
    what = f"{model.name}{bundled}, {model.sample_rate} Hz, {model.words or 'its own'} words"
    if warned := notice(model.name):
        return Finding(name, Health.DOUBTFUL, what, warned)
    return Finding(name, Health.WELL, what)


async def _flows(settings: Settings) -> Finding:
    faults = []
    for flow_id, language in flows():
        try:
            load_flow(flow_id, language)
        except FlowError as error:
            faults.append(str(error))
    if faults:
        return _missing("flows", "\n".join(faults), "`menling flows check`; install Menling again")
    there = ", ".join(f"{flow} ({spoken})" for flow, spoken in flows())
    return Finding("flows", Health.WELL, there)


async def _recorded_prompts(settings: Settings) -> Finding:
    name = "recordings"
    try:
        faults = await asyncio.to_thread(recording_faults, settings)
    except (SpeechError, FlowError, StoreError) as error:
        return Finding(name, Health.DOUBTFUL, str(error), "`menling speech check`")
    if faults:
        what = f"{len(faults)} can't be used, the first: {faults[0]}"
        return Finding(name, Health.DOUBTFUL, what, "`menling speech check`; then record them")
    there = settings.prompt_recordings_dir.is_dir()
    return Finding(name, Health.WELL, "up to date" if there else "none; all is synthesised")


async def _ports(settings: Settings) -> Finding:
    faults = await asyncio.to_thread(port_faults, settings)
    if faults:
        return _missing("ports", "the ports of the settings can't be used", "\n".join(faults))
    sip, rtp = sip_ports(settings), rtp_ports(settings)
    what = f"UDP {sip[0]}-{sip[-1]} for SIP and {rtp[0]}-{rtp[-1]} for RTP are free"
    return Finding("ports", Health.WELL, what)


async def _database(settings: Settings) -> Finding:
    try:
        database = await asyncio.to_thread(open_store, settings)
    except StoreError as error:
        remedy = "look at store.url and paths.data_dir in the settings"
        return _missing("database", str(error), remedy)
    try:
        return Finding("database", Health.WELL, f"{database.url} is up to date")
    finally:
        database.close()


async def _disk(settings: Settings) -> Finding:
    folder = next(each for each in (settings.data_dir, *settings.data_dir.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "set paths.data_dir to a folder this user may write to"
        return _missing("disk", f"{folder} can't be written: {error.strerror}", remedy)
    what = f"{free / 1e9:.1f} GB free for {settings.data_dir}"
    if free >= LEAST_FREE_BYTES:
        return Finding("disk", Health.WELL, what)
    remedy = "free some space or set paths.data_dir elsewhere; an hour of one call takes 115 MB"
    health = Health.DOUBTFUL if free >= NO_ROOM_BYTES else Health.MISSING
    return Finding("disk", health, what, remedy)
