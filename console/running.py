"""Running a campaign from the command line: store, dialling host, engine and board together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from campaigns.engine import Engine
from campaigns.events import CampaignDone, CampaignPaused, EventStream
from campaigns.host import dialing_host
from campaigns.messages.sender import check_messages
from campaigns.published_flows import PublishedFlows
from campaigns.serving import Service
from campaigns.serving_runs import Site
from campaigns.settings import Settings, SettingsError
from campaigns.write_back import WriteBackReport, write_back
from console.live import Board, watch
from console.ports import port_faults
from console.program_log import logged
from console.strangers import tell_of_models
from ivr.flow_needs import FlowNeeds, needs_of
from store.database import Database
from store.errors import StoreError
from store.queries import (
    campaign_named,
    create_campaign,
    languages_to_call,
    progress,
    set_campaign_status,
)
from store.types import CampaignStatus, ContactStatus
from store.values import CampaignFacts, Progress


def open_store(settings: Settings) -> Database:
    """Open the store and bring its schema up to date; raises StoreError."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The data folder {settings.data_dir} can't be made ({error.strerror}); "
            "set paths.data_dir to a folder you may write to"
        ) from error
    database = Database(settings.store_url)
    database.upgrade()
    return database


def existing_campaign(database: Database, name: str) -> CampaignFacts:
    """Return a campaign by name; raises StoreError when there is none."""
    with database.reading() as session:
        found = campaign_named(session, name)
    if found is None:
        raise StoreError(
            f"There is no campaign {name}; `menling import FILE --campaign {name}` makes one"
        )
    return found


def campaign_for(
    database: Database,
    settings: Settings,
    name: str,
    flow: str,
    policy: Mapping[str, object] | None = None,
) -> CampaignFacts:
    """Return the campaign of that name, made now if it is new."""
    with database.transaction() as session:
        found = campaign_named(session, name)
        if found is not None:
            return found
        return create_campaign(
            session,
            name=name,
            flow=flow,
            company=settings.campaign.company,
            now=datetime.now(UTC),
            time_zone=settings.campaign.time_zone,
            callback_number=settings.campaign.callback_number,
            policy=policy,
        )


def campaign_and_needs(
    database: Database, settings: Settings, name: str, flow: str = ""
) -> tuple[CampaignFacts, FlowNeeds]:
    """Return the campaign of that name, made now if it is new, and what its manifests must bring.

    Raises FlowError when there is no such flow, StoreError when the campaign has another one.
    """
    with database.reading() as session:
        found = campaign_named(session, name)
    if found is not None and flow not in ("", found.flow):
        raise StoreError(
            f"Campaign {name} talks about {found.flow}, not {flow}; "
            "import into another campaign, or leave out --flow"
        )
    talks_about = found.flow if found is not None else flow or "pre-delivery"
    said = PublishedFlows(database, settings.flows_dir).in_every_language(talks_about)
    return found or campaign_for(database, settings, name, talks_about), needs_of(*said)


def languages_of(database: Database, campaign: CampaignFacts) -> frozenset[str]:
    """Return the languages that must be heard; the campaign's own while it has nobody to call."""
    with database.reading() as session:
        return languages_to_call(session, campaign.id) or frozenset({campaign.language})


def results_dir(settings: Settings) -> Path:
    """Return the folder of the completed manifests and transcripts."""
    return settings.data_dir / "results"


async def run_campaign(
    database: Database,
    settings: Settings,
    campaign: CampaignFacts,
    console: Console,
    results: Path | None = None,
    bundled_model: bool = False,
) -> Progress:
    """Call until nobody is left to call, showing the board; return how far it came.

    `bundled_model`: ring people even with a model that doesn't hear them.
    Raises SettingsError when the ports can't be had or a model must not meet the people behind
    the trunk, FlowError and ModelError when a language of the campaign can't be spoken or heard,
    StoreError when there is nobody to call.
    """
    board, languages = await _ready(database, settings, campaign, console, bundled_model)
    with logged(settings):
        async with dialing_host(settings, languages) as callers:
            engine = Engine(
                database,
                callers,
                settings,
                write_back=_write_back(database, results or results_dir(settings), campaign),
            )
            watching = asyncio.create_task(watch(engine.events, board, console))
            try:
                return await engine.run(campaign.id, languages=languages)
            finally:
                # An engine that could not even begin has not closed them.
                engine.events.close()
                await watching


async def serve_campaign(
    database: Database,
    settings: Settings,
    campaign: CampaignFacts,
    console: Console,
    results: Path,
) -> None:
    """Call for one campaign as `menling serve` does, with people at the desk, until it is over.

    Raises what `run_campaign` raises.
    """
    board, languages = await _ready(database, settings, campaign, console, False)
    if campaign.status is not CampaignStatus.RUNNING:
        with database.transaction() as session:
            set_campaign_status(session, campaign.id, CampaignStatus.RUNNING, datetime.now(UTC))
    with logged(settings):
        async with dialing_host(settings, languages, people=True) as callers:
            service = Service(
                Site(database, callers, settings),
                write_back=_write_back(database, results, campaign),
            )
            seen = EventStream()
            watching = asyncio.create_task(watch(seen, board, console))
            passing = asyncio.create_task(_until_over(service, seen))
            try:
                await service.run(languages)
            finally:
                service.events.close()
                await passing
                await watching


async def _until_over(service: Service, seen: EventStream) -> None:
    """Pass on what happens, and stop the service once its campaign is over or paused."""
    async for event in service.events:
        seen.publish(event)
        if isinstance(event, CampaignDone | CampaignPaused):
            service.stop()
    seen.close()


async def _ready(
    database: Database,
    settings: Settings,
    campaign: CampaignFacts,
    console: Console,
    bundled_model: bool,
) -> tuple[Board, frozenset[str]]:
    """See that a campaign can be called; return its board and the languages to be heard."""
    check_messages(settings)
    languages = languages_of(database, campaign)
    published = PublishedFlows(database, settings.flows_dir)
    for language in sorted(languages):
        published.load(campaign.flow, language)
    tell_of_models(settings, languages, bundled_model, console)
    with database.reading() as session:
        contacts = progress(session, campaign.id).contacts
    total = sum(contacts.values())
    if not total:
        raise StoreError(
            f"Campaign {campaign.name} has no contacts; "
            f"`menling import FILE --campaign {campaign.name}` brings some"
        )
    if faults := await asyncio.to_thread(port_faults, settings):
        raise SettingsError(" ".join(faults))
    open_ones = contacts[ContactStatus.WAITING] + contacts[ContactStatus.IN_CALL]
    board = Board(campaign.name, total, done=total - open_ones)
    return board, languages


def _write_back(
    database: Database, results: Path, campaign: CampaignFacts
) -> Callable[[], WriteBackReport]:
    return partial(write_back, database, results, lambda: datetime.now(UTC), campaign.id)
