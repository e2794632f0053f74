"""What one OPTIONS tells of a trunk, and what the engines that serve tell of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from campaigns.line import outgoing_line
from campaigns.settings import Settings, SettingsError
from campaigns.settings_trunks import FIRST
from campaigns.trunks.opening import target_of
from console.finding import Finding, Health
from dialer.ping import NoPongError, ping
from store.database import Database
from store.desk_queries import engines
from store.errors import StoreError

ASKS_WHO_WE_ARE: Final = (401, 403, 407)
OUT_OF_SERVICE: Final = 503
ALIVE: Final = timedelta(seconds=15)


async def trunk_finding(name: str, settings: Settings) -> Finding:
    """Find whether a trunk answers, and what the engines that call over it say."""
    shown = "trunk" if name == FIRST else f"trunk {name}"
    key = "trunk" if name == FIRST else f"trunks.{name}"
    trunk = settings.all_trunks[name]
    target = target_of(trunk)
    try:
        line = await outgoing_line(settings, name)
        pong = await ping(line.host, line.port, line.transport, target.tls)
    except SettingsError as error:
        return Finding(shown, Health.MISSING, str(error))
    except NoPongError as error:
        remedy = f"check {key}.host, {key}.port and {key}.transport, the firewall and the provider"
        return Finding(shown, Health.MISSING, str(error), remedy)
    what = f"{trunk.host}:{trunk.port} answers {pong.status} {pong.reason}".rstrip()
    if pong.status == OUT_OF_SERVICE:
        return Finding(shown, Health.DOUBTFUL, what, "it is out of service; ask the provider")
    if pong.status in ASKS_WHO_WE_ARE and not trunk.user:
        variable = f"MENLING_{key.replace('.', '__').upper()}__PASSWORD"
        return Finding(
            shown, Health.DOUBTFUL, what, f"it asks who we are: set {key}.user and {variable}"
        )
    faults = {fault for each in await told_of(settings, name) if (fault := str(each.get("fault")))}
    if faults:
        return Finding(shown, Health.DOUBTFUL, f"{what}, yet {'; '.join(sorted(faults))}")
    return Finding(shown, Health.WELL, what)


async def told_of(settings: Settings, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return what each engine that serves tells of a trunk; nothing without a store."""
    try:
        return await asyncio.to_thread(_told_of, settings, name)
    except StoreError:
        return ()


def _told_of(settings: Settings, name: str) -> tuple[Mapping[str, Any], ...]:
    database = Database(settings.store_url)
    try:
        return tuple(_in(database, name, datetime.now(UTC)))
    finally:
        database.close()


def _in(database: Database, name: str, now: datetime) -> Iterator[Mapping[str, Any]]:
    with database.reading() as session:
        alive = [each for each in engines(session) if each.seen_at > now - ALIVE]
    for engine in alive:
        for told in engine.trunk.get("trunks", ()):
            if isinstance(told, Mapping) and told.get("name") == name:
                yield {**told, "engine": engine.name}
