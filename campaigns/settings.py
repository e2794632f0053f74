"""Settings: one TOML file and the environment, checked before anything starts.

A key is looked up in the environment (`MENLING_TRUNK__HOST`), then in the file; what neither names
has the default of `campaigns.settings_sections`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from campaigns.settings_calling import CallingSettings
from campaigns.settings_incoming import IncomingSettings
from campaigns.settings_messages import (
    EmailSettings,
    MessageSettings,
    SmsSettings,
    WebhookSettings,
    WriteBackSettings,
)
from campaigns.settings_people import ConsoleSettings, DeskSettings
from campaigns.settings_retention import RetentionSettings
from campaigns.settings_sections import (
    CampaignSettings,
    DialingSettings,
    PathSettings,
    RecognitionSettings,
    Section,
    SpeechSettings,
    StoreSettings,
    TicketSettings,
    TrunkSettings,
)
from campaigns.settings_trunks import FIRST, BreakerSettings, FurtherTrunks

ENVIRONMENT_PREFIX = "MENLING_"
SETTINGS_VARIABLE = "MENLING_SETTINGS"


class SettingsError(ValueError):
    """The settings can't be used; the message names each key, what is wrong and what to do."""


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    store: StoreSettings = StoreSettings()
    trunk: TrunkSettings = TrunkSettings()
    trunks: FurtherTrunks = Field(default_factory=dict)
    breaker: BreakerSettings = BreakerSettings()
    dialing: DialingSettings = DialingSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    speech: SpeechSettings = SpeechSettings()
    calling: CallingSettings = CallingSettings()
    campaign: CampaignSettings = CampaignSettings()
    tickets: TicketSettings = TicketSettings()
    desk: DeskSettings = DeskSettings()
    console: ConsoleSettings = ConsoleSettings()
    retention: RetentionSettings = RetentionSettings()
    webhooks: tuple[WebhookSettings, ...] = ()
    write_back: WriteBackSettings = WriteBackSettings()
    sms: SmsSettings = SmsSettings()
    email: EmailSettings = EmailSettings()
    messages: MessageSettings = MessageSettings()
    incoming: IncomingSettings = IncomingSettings()
    paths: PathSettings = PathSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings

    @property
    def data_dir(self) -> Path:
        """The data folder, absolute."""
        return self.paths.data_dir.expanduser().absolute()

    @property
    def store_url(self) -> str:
        """Where the store is; SQLite in the data folder unless set."""
        return self.store.url or f"sqlite:///{self.data_dir / 'menling.db'}"

    @property
    def prompt_recordings_dir(self) -> Path:
        """Where recorded prompts are."""
        there = self.speech.recordings
        return self.data_dir / "prompts" if there is None else there.expanduser().absolute()

    @property
    def recordings_dir(self) -> Path:
        """Where call recordings go."""
        return self.data_dir / "recordings"

    @property
    def flows_dir(self) -> Path:
        """Folder of the published flows, as the workers load them."""
        return self.data_dir / "flows"

    @property
    def ring_timeout(self) -> timedelta:
        """How long we let it ring."""
        return timedelta(seconds=self.dialing.ring_timeout_seconds)

    @property
    def all_trunks(self) -> Mapping[str, TrunkSettings]:
        """The trunks that are set, by name; the one in `[trunk]` is called main."""
        first = {FIRST: self.trunk} if self.trunk.host or not self.trunks else {}
        return MappingProxyType(first | dict(self.trunks))

    @property
    def channels(self) -> int:
        """Calls that all trunks together let us hold."""
        return sum(trunk.max_channels for trunk in self.all_trunks.values())

    @property
    def lines(self) -> int:
        """Calls that this machine and its trunks can hold at once."""
        return min(self.channels, self.dialing.workers * self.dialing.legs_per_worker)

    @property
    def legs_for_customers(self) -> int:
        """Customers whom one worker calls at once while people may join."""
        kept = self.desk.legs_kept if self.desk.enabled else 0
        return max(1, self.dialing.legs_per_worker - kept)

    @property
    def customer_lines(self) -> int:
        """Customers who can be called at once while people may join."""
        return min(self.channels, self.dialing.workers * self.legs_for_customers)


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings from `path`, or the file named by MENLING_SETTINGS, and environment.

    Relative paths in a file are relative to its folder. Raises SettingsError.
    """
    if path is None and (named := os.environ.get(SETTINGS_VARIABLE)):
        path = Path(named)
    written = {} if path is None else _anchored(_read(path), path.absolute().parent)
    source = f" in {path}" if path else ""
    problems = _unknown_variables(os.environ)
    try:
        settings = Settings(**written)
    except ValidationError as error:
        problems += [_explain(dict(problem)) for problem in error.errors(include_input=False)]
    if problems:
        raise SettingsError(f"The settings{source} can't be used:\n  " + "\n  ".join(problems))
    return settings


def keys(section: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """Return every key that can be set, dotted: `trunk.host`."""
    found: list[str] = []
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            found += keys(kind, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no settings file {path}. Write one with `menling init` or name another."
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} can't be read: {error}") from error


def _anchored(written: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make the paths of a file independent of the folder we were started in."""
    for section, key in (
        ("paths", "data_dir"),
        ("recognition", "mandarin_model"),
        ("recognition", "english_model"),
        ("recognition", "model"),
        ("speech", "voice_file"),
        ("speech", "english_voice_file"),
        ("speech", "recordings"),
        ("trunk", "tls_ca_file"),
        ("calling", "profiles_folder"),
        ("campaign", "retry_tables"),
        ("email", "ca_file"),
        ("messages", "templates_file"),
        ("messages", "companions_file"),
        ("incoming", "rules_file"),
        ("incoming", "nodes_file"),
        ("incoming", "folder"),
        ("tickets", "taxonomy_file"),
        ("tickets", "responsibility_file"),
    ):
        table = written.get(section)
        if isinstance(table, dict) and isinstance(value := table.get(key), str):
            table[key] = str(folder / Path(value).expanduser())
    _anchored_trunks(written, folder)
    return written


def _anchored_trunks(written: dict[str, Any], folder: Path) -> None:
    trunks = written.get("trunks")
    for trunk in trunks.values() if isinstance(trunks, dict) else ():
        if isinstance(trunk, dict) and isinstance(there := trunk.get("tls_ca_file"), str):
            trunk["tls_ca_file"] = str(folder / Path(there).expanduser())


def _unknown_variables(environment: Iterable[str]) -> list[str]:
    sections = {key.split(".")[0] for key in keys()}
    return [
        _unknown_key(".".join(parts), name)
        for name in environment
        if name.startswith(ENVIRONMENT_PREFIX)
        and len(parts := name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")) > 1
        and parts[0] not in sections
    ]


def _explain(problem: dict[str, Any]) -> str:
    key = ".".join(
        str(part) for part in problem["loc"] if part not in ("float", "literal['never']")
    )
    if problem["type"] == "extra_forbidden":
        return _unknown_key(key, key)
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"


def _unknown_key(key: str, shown: str) -> str:
    known = keys()
    known += sorted({".".join(name.split(".")[:depth]) for name in known for depth in (1, 2)})
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else "take it out; see examples/menling.toml."
    return f"{shown}: there is no such key; {hint}"
