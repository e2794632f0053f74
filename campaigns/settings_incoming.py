"""The tables of the settings file about what comes in: events, watched folders, nodes, pushes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from campaigns.settings_section import Section

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_OURS: Final = ("api", "menling", "file")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or text in _OURS:
        raise ValueError(f"write a short name such as oms, in lower case, not {text!r}")
    return text


class SourceSettings(Section):
    """A system that tells events by signed requests."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        description="Short name, the end of its address: /hooks/NAME."
    )
    secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        description="whsec_ and Base64, or 24 characters or more; several while one is renewed.",
    )

    @model_validator(mode="after")
    def _nobody_guesses(self) -> Self:
        if any(len(each.get_secret_value()) < 24 for each in self.secrets):
            raise ValueError("a secret has at least 24 characters: openssl rand -base64 32")
        return self


class FolderManifest(Section):
    """Which files of the watched folder go into which campaign."""

    pattern: str = Field(min_length=1, description="Names of files, such as tomorrow-*.csv.")
    campaign: str = Field(min_length=1, max_length=64, description="Made if there is none.")
    flow: str = Field(default="pre-delivery", description="What that campaign talks about.")
    start: bool = Field(default=False, description="Start it once a file is in.")


class IncomingSettings(Section):
    """What other systems tell us."""

    sources: tuple[SourceSettings, ...] = Field(
        default=(), description="Systems that tell events by signed requests; one table each."
    )
    rules_file: Path | None = Field(
        default=None, description="Your own table of what events start; unset: the one shipped."
    )
    nodes_file: Path | None = Field(
        default=None, description="Your own table of the nodes of a way; unset: the one shipped."
    )
    start_campaigns: bool = Field(
        default=True,
        description="Start the campaign of an event with its first contact; off: you start it.",
    )
    folder: Path | None = Field(
        default=None, description="Folder that is watched for manifests; unset: none."
    )
    manifests: tuple[FolderManifest, ...] = Field(
        default=(), description="Which of its files go where; the first that fits counts."
    )
    keep_refused_days: float = Field(
        default=7.0, gt=0, le=90, description="So long the data of refused events are kept."
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [each.name for each in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name; name each differently")
        return self
