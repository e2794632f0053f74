"""Which speech models can be fetched, and how to know that one arrived unharmed.

The publisher's `model-list.json` has the same form as the list that comes with Menling, and
adds an MD5 to each entry.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from asr.model_files import ModelError

PUBLISHED_CATALOGUE = "https://alphacephei.com/vosk/models/model-list.json"

_DIGITS = {"md5": 32, "sha256": 64}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file must hash to."""

    algorithm: str
    """`md5` or `sha256`."""
    digest: str

    @classmethod
    def of(cls, algorithm: str, digest: str) -> Checksum:
        """Return a checksum; raises ModelError when it can't be one."""
        wanted = digest.strip().lower()
        if len(wanted) != _DIGITS[algorithm] or set(wanted) - set("0123456789abcdef"):
            raise ModelError(
                f"{digest!r} is no {algorithm}: that has {_DIGITS[algorithm]} digits 0-9, a-f."
            )
        return cls(algorithm, wanted)

    def fits(self, path: Path) -> bool:
        """Say whether the file has it."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, self.algorithm).hexdigest() == self.digest


@dataclass(frozen=True, slots=True)
class OfficialModel:
    """A model that its publisher offers."""

    name: str
    url: str
    about: str
    """Size and purpose, for people."""
    checksum: Checksum | None = None
    bytes: int = 0
    """Size of the archive; 0: not known."""
    language: str = ""
    """As the publisher writes it: `cn`, `en-us`; empty: not known."""


def read_catalogue(text: str, name: str) -> dict[str, OfficialModel]:
    """Return the models of a `model-list.json`, by name; raises ModelError when it is none."""
    try:
        entries = json.loads(text)
        return {
            entry["name"]: OfficialModel(
                name=entry["name"],
                url=entry["url"],
                about=entry.get("size_text", ""),
                checksum=Checksum.of("md5", entry["md5"]) if entry.get("md5") else None,
                bytes=int(entry.get("size", 0)),
                language=str(entry.get("lang", "")),
            )
            for entry in entries
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{name} is no list of Vosk models (model-list.json): {error!r}"
        ) from error


def official_models() -> dict[str, OfficialModel]:
    """Return the models Menling knows by name; their checksums must come from elsewhere."""
    name = "official_models.json"
    return read_catalogue(resources.files("asr").joinpath(name).read_text("utf-8"), name)
