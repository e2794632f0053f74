"""DialingHost: everything one machine needs to telephone, started from the settings."""

from __future__ import annotations

import ipaddress
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from asr.arithmetic import prepare_arithmetic
from asr.detectors import DetectorError, DetectorKind, voice_detector
from campaigns.hearing import LanguageRecognizers, models_of, recognizers_of
from campaigns.settings import Settings, SettingsError
from campaigns.settings_trunks import TrunkSettings
from campaigns.speaking import SpeechSource
from campaigns.synthesis_watch import KeptSynthesizer
from campaigns.worker import WorkerSettings, run_worker
from campaigns.worker_loading import load_for_calls, load_for_people
from dialer.settings import (
    Login,
    Registrar,
    SipSettings,
    Srtp,
    TlsSettings,
    Transport,
    TrunkAccount,
)
from dialer.supervisor import Supervisor
from processes.nursery import Nursery
from tts.speech import Voice, VoiceEngine

ENGLISH_VOICE = "gmw/en-US"
MANDARIN = ("zh-CN",)


@dataclass(frozen=True, slots=True)
class SpeechServices:
    """The processes that hear and speak for the workers."""

    recognizers: LanguageRecognizers
    synthesizer: KeptSynthesizer


@asynccontextmanager
async def dialing_host(
    settings: Settings, languages: Collection[str] = MANDARIN, *, people: bool = False
) -> AsyncIterator[Supervisor]:
    """Start recognisers of these languages and the synthesiser; lend the workers' supervisor.

    `people`: they may come into calls, so that some lines of each worker are kept for them.
    Raises ModelError, SettingsError, SpeechError and SipError with what to do about it.
    """
    async with speech_services(settings, languages) as services:
        yield supervisor_of(settings, services, people=people)


@asynccontextmanager
async def speech_services(
    settings: Settings, languages: Collection[str] = MANDARIN
) -> AsyncIterator[SpeechServices]:
    """Lend the recognisers and the synthesiser of this machine; both are restarted when they die.

    Only these languages are heard. Raises ModelError, SettingsError and SpeechError with what to do
    about it.
    """
    models = models_of(settings, languages)
    with tempfile.TemporaryDirectory(prefix="menling-") as folder:
        # Unix sockets have short names only, so they can't live in the data folder.
        sockets = Path(folder)
        async with recognizers_of(models, settings.recognition.processes, sockets) as recognizers:
            synthesizer = KeptSynthesizer(
                settings.data_dir,
                sockets / "speech.sock",
                speech_cache(settings),
                tuple(voices_of(settings).values()),
                producer=settings.speech.producer,
            )
            await synthesizer.start()
            try:
                yield SpeechServices(recognizers, synthesizer)
            finally:
                await synthesizer.stop()


def supervisor_of(
    settings: Settings, services: SpeechServices, *, people: bool = False
) -> Supervisor:
    """Return the supervisor of this machine's workers; none of them runs before its `start`.

    `people` may come into calls, so that some lines of each worker are kept for them.
    Raises SettingsError when what they need is not installed.
    """
    # Of numpy, for the workers: a library that starts a thread per core has no place in them.
    prepare_arithmetic()
    worker = WorkerSettings(
        sip=sip_settings(settings),
        recognizers=services.recognizers.sockets,
        speech=speech_source(settings, services),
        voices=voices_of(settings),
        detector=detector_of(settings),
        log_file=settings.data_dir / "workers.log",
        people=settings.data_dir / "hold" if people else None,
    )
    return Supervisor(
        partial(run_worker, worker),
        settings.dialing.workers,
        settings.legs_for_customers if people else settings.dialing.legs_per_worker,
        nursery=Nursery(load_for_people if people else load_for_calls),
    )


def detector_of(settings: Settings) -> DetectorKind:
    """Return the voice detector in use; raises SettingsError when its engine is not here."""
    kind = DetectorKind(settings.recognition.voice_detector)
    try:
        voice_detector(kind)
    except DetectorError as error:
        raise SettingsError(str(error)) from error
    return kind


def voices_of(settings: Settings) -> dict[str, Voice]:
    """Return the voice of each language; raises SettingsError when a voice file isn't there."""
    speech = settings.speech
    voices = {
        "zh-CN": Voice("zh-CN", speech.voice, speech.rate),
        "en-US": Voice("en-US", ENGLISH_VOICE, speech.rate),
    }
    if VoiceEngine(speech.engine) is VoiceEngine.PIPER:
        files = {"zh-CN": speech.voice_file, "en-US": speech.english_voice_file}
        voices |= {
            language: _piper_voice(language, file, speech.rate)
            for language, file in files.items()
            if file is not None
        }
    return voices


def _piper_voice(language: str, file: Path, rate: int) -> Voice:
    try:
        status = file.expanduser().stat()
    except OSError as error:
        raise SettingsError(
            f"speech.voice_file: {file} can't be read ({error.strerror}); name the .onnx of a "
            "Piper voice, with its .onnx.json beside it"
        ) from error
    edition = f"{status.st_size}-{status.st_mtime_ns}"
    path = str(file.expanduser().absolute())
    return Voice(language, path, rate, engine=VoiceEngine.PIPER, edition=edition)


def speech_source(settings: Settings, services: SpeechServices) -> SpeechSource:
    """Return where conversations on this machine get their speech."""
    return SpeechSource(
        synthesizer=services.synthesizer.socket,
        cache=speech_cache(settings),
        recordings=settings.prompt_recordings_dir,
        producer=settings.speech.producer,
    )


def speech_cache(settings: Settings) -> Path:
    """Return the folder of the synthesised sentences."""
    return settings.data_dir / "speech"


def sip_settings(settings: Settings) -> SipSettings:
    """Return what a worker's SIP stack is told of the trunks."""
    dialing = settings.dialing
    return SipSettings(
        bound_address=dialing.bound_address,
        sip_port=dialing.sip_port_base,
        rtp_port=dialing.rtp_port_base,
        legs=dialing.legs_per_worker,
        trunks=tuple(trunk_account(*each) for each in settings.all_trunks.items()),
        desk=desk_login(settings),
    )


def trunk_account(name: str, trunk: TrunkSettings) -> TrunkAccount:
    """Return a trunk of the settings as a worker's SIP stack knows it."""
    domain = trunk.domain or trunk.host
    domain = f"[{domain}]" if _is_ipv6(domain) else domain
    registrar = None
    if trunk.registers:
        expires = timedelta(seconds=trunk.register_seconds)
        registrar = Registrar(trunk.host, trunk.port, domain, trunk.user, expires)
    return TrunkAccount(
        name=name,
        user=trunk.user,
        password=trunk.password.get_secret_value(),
        realm=trunk.realm or "*",
        identity=f"sip:{trunk.shown}@{domain}",
        transport=Transport(trunk.transport),
        tls=TlsSettings(trunk.host, trunk.tls_ca_file, trunk.tls_verify),
        srtp=Srtp(trunk.srtp),
        registrar=registrar,
    )


def desk_login(settings: Settings) -> Login | None:
    """Return by which name agents' extensions are called; None: their host asks for none."""
    desk = settings.desk
    if not desk.user:
        return None
    realm = desk.realm or desk.sip_domain.split(":")[0]
    return Login(realm, desk.user, desk.password.get_secret_value())


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
