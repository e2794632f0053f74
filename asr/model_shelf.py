"""The speech models of this machine: what is there, whether it works, and getting another."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from asr.catalogue import Checksum, OfficialModel, official_models, read_catalogue
from asr.download import Progress, download, fetch_text
from asr.model_files import (
    ModelError,
    bundled_model,
    bundled_models,
    notice,
    read_model_files,
)
from asr.unpack import unpack_model

SMOKE_SECONDS = 180.0
"""A large model takes a minute to load from a slow disk."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ShelvedModel:
    """One model as people see it."""

    name: str
    path: Path
    bundled: bool
    sample_rate: int = 0
    """Samples per second the network was trained on; 0: not known."""
    words: int = 0
    """Size of the vocabulary; 0: kept inside the model."""
    takes_grammars: bool = False
    megabytes: float = 0.0
    notice: str = ""
    """What people must be told before they rely on it; show it wherever the model is shown."""
    problem: str = ""
    """Why it can't be used and what to do; empty when it can."""


class ModelShelf:
    """The bundled model and those fetched into a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def models(self) -> tuple[ShelvedModel, ...]:
        """Return what is there, the bundled ones first, judged by its files only."""
        fetched = (
            sorted(
                each
                for each in self._directory.iterdir()
                if each.is_dir() and not each.name.startswith(".")
            )
            if self._directory.is_dir()
            else []
        )
        return tuple(inspect(path) for path in (*bundled_models(), *fetched))

    def find(self, name: str) -> Path:
        """Return the directory of a model by name or path; no name: the bundled one for Mandarin.

        Raises ModelError with the names there are when it is none of them.
        """
        if not name:
            return bundled_model()
        for bundled in bundled_models():
            if name == bundled.name:
                return bundled
        if "/" in name:
            return Path(name).expanduser()
        path = self._directory / name
        if not path.is_dir():
            there = ", ".join(model.name for model in self.models())
            raise ModelError(
                f"There is no speech model {name!r} here; there is: {there}. "
                f"Get it with `menling models fetch {name}`."
            )
        return path

    def fetch(
        self,
        name: str,
        *,
        checksum: Checksum | None = None,
        url: str = "",
        catalogue: str = "",
        progress: Progress | None = None,
    ) -> ShelvedModel:
        """Download, verify, unpack and check a model; return it.

        `catalogue` is the path or address of a `model-list.json` with checksums. Raises ModelError;
        nothing is left behind but the part of the download that can be continued.
        """
        if not _NAME.fullmatch(name):
            raise ModelError(f"{name!r} is no name of a model; see `menling models list`.")
        target = self._directory / name
        if target.exists():
            raise ModelError(f"{target} is there already; remove it to fetch it again.")
        source = _source(name, url, catalogue)
        wanted = checksum or source.checksum
        if wanted is None:
            raise ModelError(
                f"There is no checksum for {name}. Give the one its publisher states with "
                "--sha256, or a list of models that has it with --catalogue."
            )
        archive = self._directory / f".{name}.zip"
        if progress is None:
            download(source.url, archive, wanted)
        else:
            download(source.url, archive, wanted, progress)
        try:
            unpack_model(archive, target)
        finally:
            archive.unlink()
        return check(target)


def _source(name: str, url: str, catalogue: str) -> OfficialModel:
    known = official_models()
    if catalogue:
        web = catalogue.startswith(("http://", "https://"))
        try:
            text = fetch_text(catalogue) if web else Path(catalogue).read_text("utf-8")
        except OSError as error:
            raise ModelError(f"The list of models can't be read: {error}") from error
        known |= read_catalogue(text, catalogue)
    found = known.get(name)
    if url:
        return OfficialModel(name, url, "", found.checksum if found else None)
    if found is None:
        raise ModelError(
            f"{name!r} is not in the list of models: {', '.join(known)}. Choose one of them, or "
            "say where it is with --url."
        )
    return found


def inspect(path: Path) -> ShelvedModel:
    """Return what the files of a model say, without loading it."""
    bundled = path in bundled_models()
    try:
        files = read_model_files(path)
    except ModelError as error:
        return ShelvedModel(path.name, path, bundled, notice=notice(path.name), problem=str(error))
    return ShelvedModel(
        name=files.name,
        path=path,
        bundled=bundled,
        sample_rate=files.sample_rate,
        words=len(files.words),
        takes_grammars=files.takes_grammars,
        megabytes=files.megabytes,
        notice=files.notice,
    )


def check(path: Path) -> ShelvedModel:
    """Return the model after it was loaded and has decoded a second of sound."""
    model = inspect(path)
    if model.problem:
        return model
    return replace(model, problem=_smoke(path))


def _smoke(path: Path) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "asr.smoke", str(path)],
            capture_output=True,
            text=True,
            timeout=SMOKE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{path} was not loaded within {SMOKE_SECONDS:.0f} s: too large for this machine?"
    if done.returncode == 0:
        return ""
    if done.returncode == 1 and done.stdout.strip():
        return done.stdout.strip()
    return (
        f"The engine broke down on {path} (status {done.returncode}): one of its files is damaged, "
        "or there is too little memory. Fetch it again."
    )
