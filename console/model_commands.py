"""`menling models`: recognition models that are here, their health, and how to get others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from asr.catalogue import Checksum, official_models
from asr.model_files import ModelError
from asr.model_shelf import ModelShelf, ShelvedModel, check
from campaigns.settings import SettingsError, load_settings

models_app = typer.Typer(help="Recognition models.", invoke_without_command=True)
screen = Console()

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="Settings file (TOML).")]


@models_app.callback()
def models(context: typer.Context) -> None:
    """Show the models that are here and the official ones that can be fetched."""
    if context.invoked_subcommand is None:
        list_models()


@models_app.command("list", epilog="Example: menling models list")
def list_models(settings: SettingsFile = None) -> None:
    """Show the models that are here and the official ones that can be fetched."""
    table = Table(title="Here")
    for name in ("Name", "Hz", "Words", "MB", "Remark"):
        table.add_column(name)
    for model in _shelf(settings).models():
        table.add_row(*_row(model))
    screen.print(table)
    others = Table(title="Official models: menling models fetch NAME --sha256 CHECKSUM")
    others.add_column("Name")
    others.add_column("About")
    for official in official_models().values():
        others.add_row(official.name, official.about)
    screen.print(others)


@models_app.command("check", epilog="Example: menling models check vosk-model-small-cn-0.22")
def check_models(
    name: Annotated[str, typer.Argument(help="Name or folder; none: the bundled model.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Load a model in a process of its own and recognise something with it."""
    try:
        model = check(_shelf(settings).find(name))
    except ModelError as error:
        screen.print(str(error))
        raise typer.Exit(1) from error
    screen.print(f"{model.name}: {model.problem or 'sound'}. {model.notice}")
    raise typer.Exit(1 if model.problem else 0)


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
    try:
        given = [("sha256", sha256), ("md5", md5)]
        checksum = next((Checksum.of(kind, digest) for kind, digest in given if digest), None)
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
    except (ModelError, ValueError) as error:
        screen.print(str(error))
        raise typer.Exit(1) from error
    screen.print(f"{model.path} is ready; set recognition.model to it in the settings.")


def _shelf(settings: Path | None) -> ModelShelf:
    here = Path("menling.toml")
    try:
        chosen = load_settings(settings or (here if here.is_file() else None))
    except SettingsError as error:
        screen.print(str(error))
        raise typer.Exit(1) from error
    return ModelShelf(chosen.data_dir / "models")


def _row(model: ShelvedModel) -> tuple[str, ...]:
    name = f"{model.name} (bundled)" if model.bundled else model.name
    return (
        name,
        str(model.sample_rate),
        str(model.words),
        f"{model.megabytes:.1f}",
        model.problem or model.notice,
    )
