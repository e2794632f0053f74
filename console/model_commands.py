"""`menling models`: recognition models that are here, their health, and how to get others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from asr.catalogue import Checksum, official_models
from asr.model_files import ModelError
from asr.model_shelf import ModelShelf, ShelvedModel, check, inspect
from campaigns.hearing import MODEL_KEYS, model_of
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from

models_app = typer.Typer(help="Recognition models.", invoke_without_command=True)


@models_app.callback(epilog="Example: menling models check")
def models(context: typer.Context) -> None:
    """Show the models that are here and the official ones that can be fetched."""
    if context.invoked_subcommand is None:
        list_models()


@models_app.command("list", epilog="Example: menling models list")
def list_models(settings: SettingsFile = None) -> None:
    """Show the models that are here and the official ones that can be fetched."""
    with plain_errors():
        in_use = _in_use(settings)
        there = _shelf(settings).models()
        shelved = {model.path for model in there}
        there += tuple(inspect(path) for path in {*in_use.values()} - shelved)
    here = Table(title="Here", box=box.SIMPLE_HEAD, pad_edge=False)
    here.add_column("Name", overflow="fold")
    for name in ("Hz", "Words", "MB"):
        here.add_column(name, justify="right", no_wrap=True)
    here.add_column("Hears", no_wrap=True)
    for model in there:
        here.add_row(*_row(model), ", ".join(_languages(model.path, in_use)))
    screen.print(here)
    for model in there:
        if remark := model.problem or model.notice:
            say(f"{model.name}: {remark}", "yellow")
    others = Table(title="Official", box=box.SIMPLE_HEAD, pad_edge=False)
    others.add_column("Name", no_wrap=True)
    others.add_column("About", overflow="fold")
    for official in official_models().values():
        others.add_row(official.name, official.about)
    screen.print(others)
    say("Get one: menling models fetch NAME --sha256 CHECKSUM, as its publisher states it.")


@models_app.command("check", epilog="Example: menling models check vosk-model-small-cn-0.22")
def check_models(
    name: Annotated[str, typer.Argument(help="Name or folder; none: all models in use.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Load models in a process of their own and recognise something with them."""
    with plain_errors():
        in_use = _in_use(settings)
        for path in (_shelf(settings).find(name),) if name else dict.fromkeys(in_use.values()):
            model = check(path)
            if model.problem:
                raise ModelError(model.problem)
            say(f"{model.name}: sound. {_hears(path, in_use)}{model.notice}".strip())


@models_app.command(
    "fetch", epilog="Example: menling models fetch vosk-model-small-cn-0.22 --sha256 0123…"
)
def fetch(
    name: Annotated[str, typer.Argument(help="Name of an official model.")],
    sha256: Annotated[str, typer.Option(help="Checksum that its publisher states.")] = "",
    md5: Annotated[str, typer.Option(help="Checksum, if only an MD5 is published.")] = "",
    url: Annotated[str, typer.Option(help="Where to get it from instead.")] = "",
    catalogue: Annotated[
        str, typer.Option(help="File or address of a model-list.json with checksums.")
    ] = "",
    settings: SettingsFile = None,
) -> None:
    """Download a model, verify its checksum, unpack and check it."""
    with plain_errors():
        checksum = _checksum(sha256, md5)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, console=screen) as progress:
            task = progress.add_task(name, total=None)
            model = _shelf(settings).fetch(
                name,
                checksum=checksum,
                url=url,
                catalogue=catalogue,
                progress=lambda so_far, total: progress.update(
                    task, completed=so_far, total=total or None
                ),
            )
        if model.problem:
            raise ModelError(f"{model.path} was fetched, but it can't be used: {model.problem}")
    say(f"{model.path} is ready; set {_key(name)} to it in the settings.")


def _checksum(sha256: str, md5: str) -> Checksum | None:
    given = (("sha256", sha256), ("md5", md5))
    return next((Checksum.of(kind, digest) for kind, digest in given if digest), None)


def _shelf(settings: Path | None) -> ModelShelf:
    return ModelShelf(settings_from(settings).data_dir / "models")


def _in_use(settings: Path | None) -> dict[str, Path]:
    chosen = settings_from(settings)
    return {language: model_of(chosen, language) for language in MODEL_KEYS}


def _languages(path: Path, in_use: Mapping[str, Path]) -> list[str]:
    return [language for language, model in in_use.items() if model == path]


def _hears(path: Path, in_use: Mapping[str, Path]) -> str:
    languages = " and ".join(_languages(path, in_use))
    return f"Hears {languages}. " if languages else ""


def _key(name: str) -> str:
    """Return the setting that an official model belongs to."""
    official = official_models().get(name)
    spoken = official.language if official else ""
    language = {"cn": "zh-CN", "en-us": "en-US"}.get(spoken)
    return MODEL_KEYS[language] if language else " or ".join(MODEL_KEYS.values())


def _row(model: ShelvedModel) -> tuple[str, ...]:
    return (
        f"{model.name} (bundled)" if model.bundled else model.name,
        str(model.sample_rate or "-"),
        str(model.words or "-"),
        f"{model.megabytes:.1f}",
    )
