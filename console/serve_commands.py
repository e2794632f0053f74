"""`menling serve` and `menling console`: a call centre at work all day."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from campaigns.settings import Settings
from console.console_process import console_socket, port_trouble, run_console, serve_pages
from console.engine_process import run_engine
from console.running import logged, open_store
from console.screen import say
from console.terminal import SettingsFile, plain_errors, settings_from
from console.watching import Watched, WatchError, watch
from console.web.signing_in import first_link
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
        open_store(chosen).close()
        engine = Watched("engine", partial(_start_engine, chosen, bundled_model), _tell)
        pages = Watched("console", partial(start_console, chosen), _tell)
        if console:
            tell_where(chosen)
        say("Serving. Ctrl-C ends after the calls in progress.")
        watch(engine, *((pages,) if console else ()))


def pages(settings: SettingsFile = None) -> None:
    """Serve the console to browsers, and call nobody: another process, or machine, does."""
    with plain_errors():
        chosen = settings_from(settings)
        open_store(chosen).close()
        try:
            listening = console_socket(chosen)
        except OSError as error:
            raise WatchError(port_trouble(chosen, error)) from error
        tell_where(chosen)
        with logged(chosen):
            serve_pages(chosen, listening)


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("serve", epilog="Example: menling serve --settings menling.toml")(serve)
    app.command("console", epilog="Example: menling console --settings menling.toml")(pages)


def tell_where(settings: Settings) -> None:
    """Say where the console is and, at its first start, by which link the administrator enters."""
    where = settings.console.host
    if where in ("0.0.0.0", "::"):
        where = "localhost"
    where = f"http://[{where}]" if ":" in where else f"http://{where}"
    address = f"{where}:{settings.console.port}"
    database = open_store(settings)
    try:
        link = first_link(database, datetime.now(UTC))
    finally:
        database.close()
    say(f"Console: {address}/")
    if link is not None:
        say(f"First sign-in, good for one use within 24 hours: {address}{link}", "green")


def start_console(settings: Settings) -> Child:
    """Start the console as a process of its own."""
    return start_child(run_console, settings, name="console")


def _start_engine(settings: Settings, bundled_model: bool) -> Child:
    return start_child(run_engine, settings, bundled_model, name="engine")


def _tell(text: str) -> None:
    say(text, "yellow")
