"""Trial: a campaign with simulated recipients of one's own choice, for tests and benchmarks."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from campaigns.callers import Callers
from campaigns.engine import Engine
from campaigns.events import EngineEvent
from campaigns.host import SpeechServices, speech_services, supervisor_of
from campaigns.importer import import_manifest
from campaigns.settings import Settings
from campaigns.tables import read_table
from campaigns.write_back import write_back
from console.running import campaign_for, languages_of, open_store, results_dir
from dialer.supervisor import Supervisor
from store.database import Database
from store.queries import contact_lines
from store.values import CampaignFacts, ContactLine, Progress

CAMPAIGN = "trial"
FLOW = "pre-delivery"
PHONE, WAYBILL = "电话", "运单号"


def manifest_like(examples: tuple[Path, ...], recipients: Mapping[str, str]) -> bytes:
    """Return a manifest in which each number (key) has the parcel of an example's number (value).

    The first of `examples` gives the header. Raises ValueError for a number that none holds.
    """
    tables = [read_table(path.name, path.read_bytes()) for path in examples]
    header = tables[0].header.cells
    phone, waybill = header.index(PHONE), header.index(WAYBILL)
    parcels = {_national(row.cell(phone)): row.cells for table in tables for row in table.rows}
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(header)
    for number, (callee, example) in enumerate(recipients.items(), start=1):
        if _national(example) not in parcels:
            raise ValueError(f"no example manifest holds {example}; choose a number that one does")
        cells = list(parcels[_national(example)])
        cells[phone], cells[waybill] = callee, f"TRIAL{number:06}"
        sheet.writerow(cells)
    return text.getvalue().encode()


class Trial:
    """A campaign in the store of its settings, with the very parts that `menling run` uses."""

    def __init__(self, settings: Settings, manifest: bytes) -> None:
        """Open the store and import the manifest; a second trial on the store changes nothing."""
        self.settings = settings
        self.database: Database = open_store(settings)
        self.campaign: CampaignFacts = campaign_for(self.database, settings, CAMPAIGN, FLOW)
        import_manifest(
            self.database, self.campaign.id, f"{CAMPAIGN}.csv", manifest, datetime.now(UTC)
        )

    async def run(
        self,
        take: Callable[[EngineEvent], None] = lambda _: None,
        through: Callable[[SpeechServices, Supervisor], Callers] = lambda _, supervisor: supervisor,
    ) -> Progress:
        """Call until nobody is left or the campaign pauses; `take` is told of every event.

        `through` may put itself between the engine and the supervisor, to watch or to disturb.
        """
        languages = languages_of(self.database, self.campaign)
        async with speech_services(self.settings, languages) as services:
            callers = through(services, supervisor_of(self.settings, services))
            engine = Engine(
                self.database,
                callers,
                self.settings,
                write_back=partial(
                    write_back,
                    self.database,
                    results_dir(self.settings),
                    lambda: datetime.now(UTC),
                    self.campaign.id,
                ),
            )
            watching = asyncio.create_task(_pass_on(engine, take))
            try:
                return await engine.run(self.campaign.id, languages=languages)
            finally:
                await watching

    def contacts(self) -> Mapping[str, ContactLine]:
        """Return every contact by its number."""
        with self.database.reading() as session:
            return {line.phone: line for line in contact_lines(session, self.campaign.id)}

    def close(self) -> None:
        """Let go of the store."""
        self.database.close()


async def _pass_on(engine: Engine, take: Callable[[EngineEvent], None]) -> None:
    async for event in engine.events:
        take(event)


def _national(phone: str) -> str:
    """Return the eleven digits of a Chinese mobile number, however it is written."""
    return "".join(filter(str.isdigit, phone))[-11:]
