"""The console as a process: it serves pages, and meets the engine in the store alone."""

from __future__ import annotations

import os
import socket
from multiprocessing.connection import Connection

from campaigns.settings import Settings
from console.desk_upkeep import desk_kept
from console.program_log import CONSOLE_LOG, logged
from console.web.request_log import keep_log
from store.database import Database

LAST_WORDS_SECONDS = 2
"""So long a page that is open may take to hear that the console ends."""


def run_console(pipe: Connection, settings: Settings) -> None:
    """Live as the console of these settings, whose store is up to date.

    Says first why it can't serve, or nothing when it can.
    """
    # Of its own: Ctrl-C on the terminal is for whoever watches us.
    os.setsid()
    try:
        listening = console_socket(settings)
    except OSError as error:
        pipe.send(port_trouble(settings, error))
        return
    pipe.send("")
    pipe.close()
    serve_pages(settings, listening)


def console_socket(settings: Settings) -> socket.socket:
    """Return the socket that browsers reach; raises OSError when it can't be had."""
    console = settings.console
    family = socket.AF_INET6 if ":" in console.host else socket.AF_INET
    return socket.create_server((console.host, console.port), family=family, backlog=256)


def port_trouble(settings: Settings, error: OSError) -> str:
    """Return what is wrong with the port of the console and what to do."""
    console = settings.console
    return (
        f"The console can't listen on {console.host}:{console.port} ({error.strerror}); stop what "
        "uses it, perhaps another console, or change console.host or console.port."
    )


def serve_pages(settings: Settings, listening: socket.socket) -> None:
    """Serve pages until told to stop by a polite kill or Ctrl-C."""
    # Loaded by whoever serves them: every other command would wait a second for them.
    import uvicorn

    from console.web.apart import Apart
    from console.web.app import create_app
    from console.web.counted import Counted

    keep_log(settings.data_dir / "logs")
    database = Database(settings.store_url)
    config = uvicorn.Config(
        create_app(settings, database, counted=Counted(apart=Apart())),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS_SECONDS,
    )
    try:
        with logged(settings, CONSOLE_LOG), desk_kept(database, settings.data_dir / "engines"):
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        database.close()
