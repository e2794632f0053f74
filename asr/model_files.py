"""What lies in a model directory, read without the engine.

Vosk aborts or says only "Failed to create a model" when something is missing; this names it.
A directory with ONNX networks is a sherpa-onnx model (`asr/sherpa_files.py`), any other Vosk's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from mmap import ACCESS_READ, mmap
from pathlib import Path

from asr.sherpa_files import (
    SherpaFilesError,
    looks_like_sherpa,
    read_sherpa_files,
)
from audio.pcm import SAMPLE_RATE

BUNDLED_MODEL = "model-zh-delivery"

BUNDLED_MODELS = {"zh-CN": BUNDLED_MODEL, "en-US": "model-en-delivery"}
"""Language -> name of the model that comes with Menling."""

USUAL_SAMPLE_RATE = 16000
"""What Kaldi takes when mfcc.conf does not say."""

NOTICES = "model_notices.json"

SPEAKER_FILES = (
    *("final.ie", "final.dubm", "final.mat", "global_cmvn.stats"),
    *("online_cmvn.conf", "splice.conf"),
)
"""What lies in `ivector/` when the network has an input of that name."""


class EngineName(StrEnum):
    """The engines that open models."""

    VOSK = "vosk"
    SHERPA = "sherpa-onnx"


class ModelError(Exception):
    """The model can't be used; the message says what is wrong and which command helps."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model directory that is complete."""

    path: Path
    sample_rate: int
    """Samples per second the network was trained on."""
    upsamples: bool
    """The engine itself may take telephone sound for a model of a higher rate."""
    takes_grammars: bool
    """False: a static graph; phrases offered to it are ignored."""
    words: tuple[str, ...]
    """From words.txt; empty when the model keeps them inside its graph."""
    engine: EngineName = EngineName.VOSK

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def notice(self) -> str:
        """What people must be told before they rely on it; empty when nothing."""
        return notice(self.name)

    @property
    def megabytes(self) -> float:
        """Size on disk."""
        return sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file()) / 1e6


def bundled_model(language: str = "zh-CN") -> Path:
    """Return the directory of the model that comes with Menling for a language.

    Raises ModelError for a language that none comes for.
    """
    if language not in BUNDLED_MODELS:
        raise ModelError(
            f"No speech model for {language} comes with Menling, only for "
            f"{' and '.join(BUNDLED_MODELS)}. Run `menling models list` to see others."
        )
    return Path(str(resources.files("asr"))) / "models" / BUNDLED_MODELS[language]


def bundled_models() -> tuple[Path, ...]:
    """Return the directories of all models that come with Menling, the Mandarin one first."""
    return tuple(bundled_model(language) for language in BUNDLED_MODELS)


def notice(model_name: str, language: str = "en") -> str:
    """Return what must be said wherever this model is shown, in `en` or `zh`; often nothing."""
    text = resources.files("asr").joinpath(NOTICES).read_text(encoding="utf-8")
    notices: dict[str, dict[str, str]] = json.loads(text)
    return notices.get(model_name, {}).get(language, "")


def read_model_files(path: Path) -> ModelFiles:
    """Return what a model directory holds.

    Raises ModelError when it is no complete model.
    """
    if not path.is_dir():
        raise ModelError(
            f"There is no speech model at {path}. Run `menling models list` to see what is there, "
            "`menling models fetch vosk-model-small-cn-0.22` to get one, or leave the settings "
            "recognition.mandarin_model and english_model empty to use the bundled ones."
        )
    if looks_like_sherpa(path):
        return _sherpa_model(path)
    modern = (path / "am").is_dir() or (path / "graph").is_dir()
    network, config, graph = (
        (path / "am/final.mdl", path / "conf/mfcc.conf", path / "graph")
        if modern
        else (path / "final.mdl", path / "mfcc.conf", path)
    )
    static = graph / "HCLG.fst"
    needed = [network, config]
    if modern:
        needed.append(path / "conf/model.conf")
    if not static.is_file():
        needed += [graph / "HCLr.fst", graph / "Gr.fst"]
    missing = [str(f.relative_to(path)) for f in needed if not f.is_file() or not f.stat().st_size]
    if not missing and _wants_speaker(network):
        speaker = (path / "ivector" / name for name in SPEAKER_FILES)
        missing = [str(f.relative_to(path)) for f in speaker if not f.is_file()]
    if missing:
        raise ModelError(
            f"The speech model at {path} is incomplete: {', '.join(missing)} is missing or empty. "
            f"{_remedy(path)}"
        )
    options = _options(config)
    return ModelFiles(
        path=path,
        sample_rate=_rate(options, config),
        upsamples=options.get("allow-upsample", "false") == "true",
        takes_grammars=not static.is_file(),
        words=_words(graph / "words.txt"),
    )


def _wants_speaker(network: Path) -> bool:
    """Return whether the network is told who speaks; Vosk aborts when it then can't be."""
    with network.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(b"input-node name=ivector ", 0, content.find(b"<NumComponents>")) >= 0


def _sherpa_model(path: Path) -> ModelFiles:
    try:
        layout = read_sherpa_files(path)
    except SherpaFilesError as error:
        raise ModelError(
            f"The sherpa-onnx model at {path} can't be used: {error}. Unpack the whole archive "
            "of a streaming model, and name the directory that holds tokens.txt."
        ) from error
    return ModelFiles(
        path=path,
        sample_rate=_whole_multiple(layout.sample_rate, layout.tokens.parent),
        upsamples=False,
        takes_grammars=False,
        words=(),
        engine=EngineName.SHERPA,
    )


def _remedy(path: Path) -> str:
    if path.name in BUNDLED_MODELS.values():
        return "It is part of Menling: install Menling again."
    return (
        f"Remove the directory and run `menling models fetch {path.name}`; a model you brought "
        "yourself must be unpacked completely, and the setting must name the directory that holds "
        "`am` and `graph`."
    )


def _options(config: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in config.read_text(encoding="utf-8").splitlines():
        option = line.split("#", 1)[0].strip()
        if option.startswith("--"):
            key, _, value = option[2:].partition("=")
            found[key.strip()] = value.strip() or "true"
    return found


def _rate(options: dict[str, str], config: Path) -> int:
    text = options.get("sample-frequency", str(USUAL_SAMPLE_RATE))
    try:
        rate = int(float(text))
    except ValueError as error:
        raise ModelError(f"{config} has --sample-frequency={text}, which is no number.") from error
    return _whole_multiple(rate, config)


def _whole_multiple(rate: int, source: Path) -> int:
    if rate % SAMPLE_RATE or not rate:
        raise ModelError(
            f"{source} asks for {rate} Hz; Menling brings telephone sound to whole multiples of "
            f"{SAMPLE_RATE} Hz only. Choose a model for 8000 or 16000 Hz."
        )
    return rate


def _words(table: Path) -> tuple[str, ...]:
    if not table.is_file():
        return ()
    lines = table.read_text(encoding="utf-8").splitlines()
    return tuple(line.split()[0] for line in lines if line.strip())
