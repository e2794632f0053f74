"""Hearing: which model hears which language, and the recogniser processes of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from asr.model_files import BUNDLED_MODELS, ModelError, ModelFiles, bundled_model, read_model_files
from asr.service import Recognizers, start_recognizers
from campaigns.settings import Settings, SettingsError

MODEL_KEYS: Mapping[str, str] = {
    "zh-CN": "recognition.mandarin_model",
    "en-US": "recognition.english_model",
}
"""Language -> the setting that names its model."""


@dataclass(frozen=True, slots=True)
class LanguageRecognizers:
    """The recogniser processes of a machine, by language."""

    by_language: Mapping[str, Recognizers]

    @property
    def sockets(self) -> dict[str, tuple[Path, ...]]:
        """Where the processes of each language listen."""
        return {language: each.sockets for language, each in self.by_language.items()}

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes now at work, of all languages."""
        return tuple(pid for each in self.by_language.values() for pid in each.pids)

    @property
    def restarts(self) -> int:
        """How often one died and was replaced."""
        return sum(each.restarts for each in self.by_language.values())


def model_of(settings: Settings, language: str) -> Path:
    """Return the folder of the model that hears a language; the bundled one unless one is set.

    Raises SettingsError for a language that can't be heard.
    """
    chosen = {
        "zh-CN": settings.recognition.mandarin_model,
        "en-US": settings.recognition.english_model,
    }
    if language not in BUNDLED_MODELS or language not in chosen:
        raise SettingsError(
            f"Nobody here hears {language}: speech models can be set for {' and '.join(chosen)}. "
            "Put the language of these recipients right in the manifest and import it again."
        )
    return chosen[language] or bundled_model(language)


def models_of(settings: Settings, languages: Collection[str]) -> dict[str, Path]:
    """Return the model of each language, after a look at its files.

    Raises SettingsError for a language that can't be heard, ModelError for a model that is missing,
    incomplete or made for another language.
    """
    models = {language: model_of(settings, language) for language in sorted(languages)}
    for language, path in models.items():
        refuse_foreign(read_model_files(path), language)
    return models


def refuse_foreign(model: ModelFiles, language: str) -> None:
    """Raise ModelError when most words of the model are written as another language is."""
    if not model.words:
        return
    chinese = sum("\u4e00" <= word[0] <= "\u9fff" for word in model.words)
    if (2 * chinese > len(model.words)) is not language.startswith("zh"):
        raise ModelError(
            f"The speech model at {model.path} does not write {language}: look at "
            f"{MODEL_KEYS[language]} in the settings."
        )


@asynccontextmanager
async def recognizers_of(
    models: Mapping[str, Path], processes: int, directory: Path
) -> AsyncIterator[LanguageRecognizers]:
    """Lend so many recogniser processes for each language; they end when the block does.

    Raises ModelError when a model is missing, incomplete or broken.
    """
    async with AsyncExitStack() as stack:
        running = {}
        for language, model in models.items():
            started = await start_recognizers(model, processes, directory / language)
            running[language] = await stack.enter_async_context(started)
        yield LanguageRecognizers(running)
