"""`menling dial`: this machine dials along where others serve."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from campaigns.settings import Settings
from campaigns.settings_sections import StoreSettings
from console.engine_process import run_engine
from console.screen import say
from console.terminal import SettingsFile, plain_errors, settings_from
from console.watching import Watched, watch
from processes.child import Child, start_child
from store.database import Database
from store.errors import StoreError


def dial(
    store: Annotated[
        str,
        typer.Option(
            "--store",
            help="The database of the installation: postgresql+psycopg://user@host/name. Leave the "
            "password to ~/.pgpass or PGPASSWORD: others see this line. Without it, the store of "
            "the settings.",
        ),
    ] = "",
    bundled_model: Annotated[
        bool,
        typer.Option(
            "--bundled-model",
            help="Ring people although the bundled recognition model does not hear them.",
        ),
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Dial along where `menling serve` runs: an engine and its workers, without a console.

    As many machines as you like join and leave at any time. Trunk, models and the number of
    workers are those of this machine's settings. Ctrl-C: no further call, end after those in
    progress; again: hang up now.
    """
    with plain_errors():
        chosen = with_store(settings_from(settings), store)
        join(chosen)
        engine = Watched(
            "engine",
            partial(_start_engine, chosen, bundled_model),
            _tell,
            "Dialling. Ctrl-C ends after the calls in progress.",
        )
        say("Starting the engine: models, speech and workers. It dials once it says so.")
        watch(engine)


def with_store(settings: Settings, url: str) -> Settings:
    """Return settings with another store; without a URL the same."""
    if not url:
        return settings
    return settings.model_copy(update={"store": StoreSettings(url=url)})


def join(settings: Settings) -> None:
    """See that there is an installation, of this program's version; raises StoreError.

    Its tables are left as they are: those who serve look after them.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The data folder {settings.data_dir} can't be made ({error.strerror}); "
            "set paths.data_dir to a folder you may write to"
        ) from error
    database = Database(settings.store_url)
    try:
        database.check_schema()
    finally:
        database.close()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "dial",
        epilog="Example: menling dial --store postgresql+psycopg://menling@db.example/menling",
    )(dial)


def _start_engine(settings: Settings, bundled_model: bool) -> Child:
    return start_child(run_engine, settings, bundled_model, True, name="engine")


def _tell(text: str) -> None:
    say(text, "yellow")
