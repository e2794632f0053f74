"""The tables of the settings file: what can be set, its bounds and its defaults."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic.functional_validators import AfterValidator

from campaigns.calling_window import CallingWindow
from campaigns.settings_calling import WhenSettings
from campaigns.settings_pacing import PacingSettings
from campaigns.settings_pilot import ScopeSettings, ScriptSettings
from campaigns.settings_retry import RetryAfterMinutes as RetryAfterMinutes
from campaigns.settings_retry import RetrySettings
from campaigns.settings_section import Section as Section
from campaigns.settings_trunks import CampaignTrunkSettings
from campaigns.settings_trunks import TrunkSettings as TrunkSettings

_HOURS = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")

Port = Annotated[int, Field(ge=1024, le=65535)]
Never = Literal["never"]


def _hours(text: str) -> str:
    hours_of(text)
    return text


def hours_of(text: str) -> tuple[time, time]:
    """Return the two ends of `09:00-20:30`; it may end at 24:00, midnight.

    Raises ValueError when it isn't written that way.
    """
    match = _HOURS.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError(f"write two times of day, for example 09:00-20:30, not {text!r}")
    opens, opens_minute, closes, closes_minute = map(int, match.groups())
    if (closes, closes_minute) == (24, 0):
        closes = 0
    return time(opens, opens_minute), time(closes, closes_minute)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"write a zone such as Asia/Shanghai, not {name!r}") from error
    return name


class StoreSettings(Section):
    """Where campaigns are remembered."""

    url: str = Field(
        default="", description="SQLAlchemy address; empty: SQLite in the data folder."
    )


class DialingSettings(Section):
    """How this machine telephones."""

    workers: int = Field(default=2, ge=1, le=64, description="Worker processes.")
    legs_per_worker: int = Field(
        default=4, ge=1, le=64, description="Calls at once in a worker; the pjsua2 wheel allows 4."
    )
    sip_port_base: Port = Field(
        default=15060, description="SIP port of the first worker; the next takes the next one."
    )
    rtp_port_base: Port = Field(default=20000, description="First RTP port of the first worker.")
    ring_timeout_seconds: float = Field(
        default=30.0, ge=3, le=180, description="How long we let it ring."
    )
    bound_address: str = Field(
        default="0.0.0.0",
        description="Address of this machine towards the trunk.",
    )

    @model_validator(mode="after")
    def _ports_fit(self) -> Self:
        if self.sip_port_base + self.workers > 65535:
            raise ValueError("sip_port_base + workers is above 65535; lower sip_port_base")
        return self


class RecognitionSettings(Section):
    """How speech becomes text."""

    mandarin_model: Path | None = Field(
        default=None, description="Folder of the model that hears Mandarin; unset: the bundled one."
    )
    english_model: Path | None = Field(
        default=None, description="Folder of the model that hears English; unset: the bundled one."
    )
    languages: tuple[Literal["zh-CN", "en-US"], ...] = Field(
        default=("zh-CN",),
        description="Languages that `menling serve` hears, beside those of its campaigns.",
    )
    processes: int = Field(
        default=1,
        ge=1,
        le=32,
        description="Recogniser processes for each language that recipients of a campaign speak.",
    )
    voice_detector: Literal["webrtc", "silero"] = Field(
        default="webrtc",
        description="What tells voices from noise: webrtc, or silero, slower and harder to fool.",
    )

    @model_validator(mode="before")
    @classmethod
    def _model_is_the_mandarin_one(cls, written: Any) -> Any:
        """Take `model`, as `mandarin_model` was called when there was one model for all."""
        if not isinstance(written, dict) or "model" not in written:
            return written
        rest = {key: value for key, value in written.items() if key != "model"}
        if rest.setdefault("mandarin_model", written["model"]) != written["model"]:
            raise ValueError(
                "model is the earlier name of mandarin_model, and the two differ; take model out"
            )
        return rest


class SpeechSettings(Section):
    """How text becomes speech."""

    engine: Literal["pyttsx3", "piper"] = Field(
        default="pyttsx3",
        description="What speaks: pyttsx3 (espeak-ng), or piper with a voice file (extra piper).",
    )
    voice: str = Field(default="sit/cmn-latn-pinyin", min_length=1, description="espeak-ng voice.")
    voice_file: Path | None = Field(
        default=None, description="Piper voice for Mandarin (.onnx, its .onnx.json beside it)."
    )
    english_voice_file: Path | None = Field(
        default=None, description="Piper voice for English; unset: espeak-ng speaks English."
    )
    rate: int = Field(
        default=200, ge=80, le=400, description="Words per minute, as espeak-ng counts."
    )
    recordings: Path | None = Field(
        default=None, description="Folder of recorded prompts; unset: prompts in the data folder."
    )
    producer: str = Field(
        default="Menling",
        pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,127}$",
        description="Your code as provider of AI speech, written into the files (GB 45438-2025).",
    )

    @model_validator(mode="after")
    def _piper_has_a_voice(self) -> Self:
        if self.engine == "piper" and self.voice_file is None:
            raise ValueError(
                "engine piper needs voice_file, the .onnx of a Piper voice that speaks Mandarin"
            )
        return self


class CampaignSettings(Section):
    """How campaigns treat the people they call."""

    company: str = Field(default="顺达快递", min_length=1, description="Who we say is calling.")
    callback_number: str = Field(default="", description="Number we name for calling back.")
    calling_window: Annotated[str, AfterValidator(_hours)] = Field(
        default="09:00-20:30", description="Hours in which a telephone may ring."
    )
    when: WhenSettings = Field(
        default=WhenSettings(), description="When people are called, by kinds of days."
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Asia/Shanghai", description="Zone of recipients whose own is not known."
    )
    max_concurrent_calls: int = Field(
        default=8, ge=1, description="Calls a campaign holds at once."
    )
    max_attempts: int | None = Field(
        default=None, ge=1, le=10, description="Calls to one contact at most; unset: the table's."
    )
    max_unfinished: int | None = Field(
        default=None,
        ge=1,
        le=10,
        description="Of these, calls that were answered and settled nothing.",
    )
    max_trunk_failures: int | None = Field(
        default=None, ge=1, le=50, description="Failed calls of the trunk to one contact, at most."
    )
    trunks: CampaignTrunkSettings = Field(
        default=CampaignTrunkSettings(), description="Trunks used and numbers shown."
    )
    pacing: PacingSettings = Field(
        default=PacingSettings(), description="How many calls are placed, and for whom."
    )
    pause_after_trunk_failures: int = Field(
        default=5, ge=1, description="Trunk failures in a row that pause the campaign."
    )
    record_calls: bool = Field(default=True, description="Keep a recording of each call.")
    recording_notice: bool = Field(
        default=True, description="Tell whoever answers that the call is recorded."
    )
    retry_after_minutes: RetryAfterMinutes = Field(
        default=RetryAfterMinutes(),
        description="Minutes to the next call, or never; unset: the table's.",
    )
    retry_tables: Path | None = Field(
        default=None, description="Folder of your own retry tables, NAME.yaml."
    )
    retry: RetrySettings = Field(
        default=RetrySettings(), description="When people are called again."
    )
    scope: ScopeSettings = Field(default=ScopeSettings(), description="For whom a pilot is.")
    scripts: tuple[ScriptSettings, ...] = Field(
        default=(),
        description="Versions of the conversation to compare: name, version, weight of each.",
    )

    @property
    def window(self) -> CallingWindow:
        """The calling window in the campaign's own zone."""
        return CallingWindow(*hours_of(self.calling_window), ZoneInfo(self.time_zone))


class TicketSettings(Section):
    """How what went wrong is made good."""

    working_hours: Annotated[str, AfterValidator(_hours)] = Field(
        default="07:30-21:00",
        description="Hours in which somebody answers tickets, in the campaigns' zone.",
    )
    taxonomy_file: Path | None = Field(
        default=None, description="Your own taxonomy.yaml; unset: the one that ships with Menling."
    )
    responsibility_file: Path | None = Field(
        default=None,
        description="Your own responsibility.yaml; unset: the one that ships with Menling.",
    )
    follow_up_campaign: str = Field(
        default="工单回访",
        min_length=1,
        description="Campaign that calls customers to tell what became of their tickets.",
    )
    follow_up_flow: str = Field(
        default="complaint-follow-up", min_length=1, description="What those calls talk about."
    )
    sparing_flows: tuple[str, ...] = Field(
        default=("care",),
        description="Conversations for which nobody with an unsettled ticket is called.",
    )
    explanation_campaign: str = Field(
        default="异常沟通",
        min_length=1,
        description="Campaign that explains to customers what went wrong and offers solutions.",
    )
    explanation_flow: str = Field(
        default="exception", min_length=1, description="What those calls talk about."
    )
    calls_useful_days: float = Field(
        default=3, gt=0, le=60, description="Days after which such calls are of no use any more."
    )


class PathSettings(Section):
    """Where files are kept."""

    data_dir: Path = Field(
        default=Path("~/.local/share/menling"),
        description="Recordings, transcripts, cache, SQLite.",
    )
