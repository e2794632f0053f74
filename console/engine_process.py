"""The engine as a process: it telephones for all running campaigns."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection

from campaigns.events import EngineLeads, EventStream
from campaigns.host import dialing_host
from campaigns.incoming.chores import check_incoming
from campaigns.line import outgoing_line
from campaigns.messages.sender import check_messages
from campaigns.retention import retain_every_night
from campaigns.serving import Service
from campaigns.serving_runs import Site
from campaigns.settings import Settings, SettingsError
from campaigns.write_back import write_back
from console.live import note_of
from console.ports import port_faults
from console.program_log import logged
from console.running import results_dir
from console.screen import say, screen
from console.strangers import tell_of_models
from console.terminal import OPERATOR_ERRORS, sentence_of
from store.database import Database
from store.queries import campaigns, languages_to_call
from store.types import CampaignStatus

NEEDS_HELP = 3
"""Exit status of an engine that said what an operator must do."""


def run_engine(
    pipe: Connection, settings: Settings, bundled_model: bool, joins: bool = False
) -> None:
    """Live as the engine of these settings, whose store is up to date.

    `joins`: it dials along where others serve, see `serve`. Says first why it can't serve, or
    nothing when it can; and last, why it ends.
    """
    # Of its own: Ctrl-C on the terminal is for whoever watches us.
    os.setsid()
    try:
        asyncio.run(serve(settings, bundled_model, partial(pipe.send, ""), joins=joins))
    except OPERATOR_ERRORS as error:
        pipe.send(sentence_of(error))
        raise SystemExit(NEEDS_HELP) from error


async def serve(
    settings: Settings,
    bundled_model: bool,
    ready: Callable[[], None],
    *,
    joins: bool = False,
) -> None:
    """Call for all running campaigns until told to stop; `ready` is called once a worker can
    place calls.

    `joins`: others serve, and hand results over; this engine says how it is called, and whether it
    leads. Raises SettingsError, ModelError, SpeechError, SipError and StoreError with what to do.
    """
    await outgoing_line(settings)
    check_messages(settings)
    check_incoming(settings)
    database = Database(settings.store_url)
    try:
        languages = await asyncio.to_thread(languages_served, database, settings)
        tell_of_models(settings, languages, bundled_model, screen)
        if faults := await asyncio.to_thread(port_faults, settings):
            raise SettingsError(" ".join(faults))
        with logged(settings):
            async with dialing_host(settings, languages, people=True) as callers:
                service = Service(
                    Site(database, callers, settings),
                    write_back=None
                    if joins
                    else partial(
                        write_back, database, results_dir(settings), lambda: datetime.now(UTC)
                    ),
                    ready=ready,
                )
                telling = asyncio.create_task(tell(service.events, named=joins))
                nights = asyncio.create_task(
                    retain_every_night(database, settings, lambda: datetime.now(UTC))
                )
                try:
                    await service.run(languages)
                finally:
                    nights.cancel()
                    service.events.close()
                    await telling
    finally:
        database.close()


def languages_served(database: Database, settings: Settings) -> frozenset[str]:
    """Return the languages that are heard: those of the settings, and of all who may be called."""
    awake = [status for status in CampaignStatus if not status.is_over]
    with database.reading() as session:
        spoken = [languages_to_call(session, each.id) for each in campaigns(session, awake)]
    return frozenset(settings.recognition.languages).union(*spoken)


async def tell(events: EventStream, *, named: bool = False) -> None:
    """Say what an operator must read, once for as long as nothing else happens.

    `named`: also how the engine is called, and whether it leads.
    """
    before = ""
    async for event in events:
        note = _standing(event) if named and isinstance(event, EngineLeads) else note_of(event)
        if note and note != before:
            say(note, "yellow")
            before = note


def _standing(event: EngineLeads) -> str:
    if event.leads:
        return f"Engine {event.engine} leads: it also does what is done once for all engines."
    return f"Engine {event.engine} dials along; another engine leads."
