"""What the console says, in Chinese and in English: `words/SUBJECT.yaml` as `subject.key`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).with_name("words")

Wording = str | Mapping[str, str]
"""A text with `{slots}`; or, where a number `n` decides, `one` and `other`."""


class Language(StrEnum):
    """What the console speaks."""

    CHINESE = "zh-CN"
    ENGLISH = "en-US"


class WordsError(ValueError):
    """A file of words can't be used."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the console says, in one language."""

    language: Language
    wordings: Mapping[str, Wording]

    def __call__(self, key: str, **slots: object) -> str:
        """Return the wording of a key with its slots filled; raises KeyError: it has none."""
        wording = self.wordings[key]
        if not isinstance(wording, str):
            wording = wording["one" if slots.get("n") == 1 else "other"]
        return wording.format(**slots) if slots else wording

    def __contains__(self, key: object) -> bool:
        """Tell whether a key has a wording."""
        return key in self.wordings


@cache
def words_in(language: Language) -> Words:
    """Return everything the console says in that language; raises WordsError."""
    found: dict[str, Wording] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        for key, wordings in _read(file).items():
            found[f"{file.stem}.{key}"] = _checked(file, key, wordings)[language]
    return Words(language, MappingProxyType(found))


def language_wanted(accepted: str) -> Language:
    """Return the language for a browser, by its Accept-Language: Chinese unless English is first.

    For people who have not signed in; users have a language of their own.
    """
    for part in accepted.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return Language.CHINESE
        if tag.startswith("en"):
            return Language.ENGLISH
    return Language.CHINESE


def _read(file: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(file.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise WordsError(f"{file.name}: put texts with , : or ? in quotes ({error})") from error
    if not isinstance(read, dict) or not all(isinstance(key, str) for key in read):
        raise WordsError(
            f"{file.name}: write `key: {{zh-CN: …, en-US: …}}`; yes, no, on and off need quotes"
        )
    return read


def _checked(file: Path, key: str, wordings: object) -> dict[Language, Wording]:
    wanted = set(Language)
    if not isinstance(wordings, dict) or set(wordings) != {each.value for each in wanted}:
        raise WordsError(f"{file.name}: {key} needs zh-CN and en-US, and nothing else")
    for wording in wordings.values():
        numbered = isinstance(wording, dict) and set(wording) == {"one", "other"}
        if not numbered and not isinstance(wording, str):
            raise WordsError(f"{file.name}: {key} is a text, or one: and other:")
    return {Language(name): wording for name, wording in wordings.items()}
