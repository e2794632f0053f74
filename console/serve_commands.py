"""`menling serve` and `menling console`: a call centre at work all day."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from campaigns.settings import Settings
from console.console_process import console_socket, port_trouble, serve_pages
from console.engine_process import run_engine
from console.pages import start_console, tell_where
from console.running import open_store
from console.screen import say
from console.terminal import SettingsFile, plain_errors, settings_from
from console.watching import Watched, WatchError, watch
from processes.child import Child, start_child


def serve(
    console: Annotated[
        bool, typer.Option("--console/--no-console", help="Serve pages to browsers, too.")
    ] = True,
    bundled_model: Annotated[
        bool,
        typer.Option(
            "--bundled-model",
            help="Ring people although the bundled recognition model does not hear them.",
        ),
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Call for all running campaigns, all day, with agents at the desk and pages in the browser.

    Engine and console are processes of their own, watched and started again when one dies.
    Ctrl-C: no further call, end after those in progress; again: hang up now.
    """
    with plain_errors():
        chosen = settings_from(settings)
        _prepare(chosen, console)
        engine = Watched(
            "engine",
            partial(_start_engine, chosen, bundled_model),
            _tell,
            "Serving. Ctrl-C ends after the calls in progress.",
        )
        pages = Watched("console", partial(start_console, chosen), _tell)
        say("Starting the engine: models, speech and workers. It serves once it says so.")
        watch(engine, *((pages,) if console else ()))


def pages(settings: SettingsFile = None) -> None:
    """Serve the console to browsers, and call nobody: another process, or machine, does."""
    with plain_errors():
        chosen = settings_from(settings)
        try:
            listening = console_socket(chosen)
        except OSError as error:
            raise WatchError(port_trouble(chosen, error)) from error
        _prepare(chosen, True)
        serve_pages(chosen, listening)


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("serve", epilog="Example: menling serve --settings menling.toml")(serve)
    app.command("console", epilog="Example: menling console --settings menling.toml")(pages)


def _prepare(settings: Settings, console: bool) -> None:
    """Bring the store up to date, and say where the pages are."""
    database = open_store(settings)
    try:
        if console:
            tell_where(settings, database)
    finally:
        database.close()


def _start_engine(settings: Settings, bundled_model: bool) -> Child:
    return start_child(run_engine, settings, bundled_model, name="engine")


def _tell(text: str) -> None:
    say(text, "yellow")
