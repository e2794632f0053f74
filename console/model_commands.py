"""`menling models`: recognition models that are here, their health, and how to get others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from asr.catalogue import Checksum, official_models
from asr.model_files import ModelError
from asr.model_shelf import ModelShelf, ShelvedModel, check
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
        there = _shelf(settings).models()
    here = Table(title="Here", box=box.SIMPLE_HEAD, pad_edge=False)
    here.add_column("Name", overflow="fold")
    for name in ("Hz", "Words", "MB"):
        here.add_column(name, justify="right", no_wrap=True)
    for model in there:
        here.add_row(*_row(model))
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
    name: Annotated[str, typer.Argument(help="Name or folder; none: the bundled model.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Load a model in a process of its own and recognise something with it."""
    with plain_errors():
        model = check(_shelf(settings).find(name))
        if model.problem:
            raise ModelError(model.problem)
    say(f"{model.name}: sound. {model.notice}".strip())


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
    say(f"{model.path} is ready; set recognition.model to it in the settings.")


def _checksum(sha256: str, md5: str) -> Checksum | None:
    given = (("sha256", sha256), ("md5", md5))
    return next((Checksum.of(kind, digest) for kind, digest in given if digest), None)


def _shelf(settings: Path | None) -> ModelShelf:
    return ModelShelf(settings_from(settings).data_dir / "models")


def _row(model: ShelvedModel) -> tuple[str, ...]:
    return (
        f"{model.name} (bundled)" if model.bundled else model.name,
        str(model.sample_rate or "-"),
        str(model.words or "-"),
        f"{model.megabytes:.1f}",
    )
