"""Asking the trunks whether they are there, and the store what other engines have on them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from campaigns.trunks.breaker import BreakerState
from campaigns.trunks.sharing import share_of
from campaigns.trunks.trunk import Trunk, TrunkTarget
from campaigns.trunks.trunks import Trunks
from dialer.ping import NoPongError, Pong, ping
from store.database import Database
from store.trunk_queries import TrunkLoads, trunk_loads

WATCH: Final = timedelta(milliseconds=500)
"""How often a `TrunkWatcher` looks."""
ALIVE: Final = timedelta(seconds=15)
"""An engine without a sign of life for so long has no share of the trunks any more."""
IN_USE: Final = timedelta(seconds=5)
"""Calls go over the trunks if some were wanted so recently."""
RESOLVE_AGAIN_SECONDS: Final = 10.0
OUT_OF_SERVICE: Final = 503

Ask = Callable[[TrunkTarget], Awaitable[Pong]]


async def ask_by_options(target: TrunkTarget) -> Pong:
    """Send a trunk one OPTIONS; raises NoPongError."""
    return await ping(target.host, target.port, target.transport, target.tls)


class TrunkWatcher:
    """Keeps what is known of the trunks new; its `watch` is done at a beat of its own."""

    def __init__(
        self,
        trunks: Trunks,
        database: Database | None,
        engine: str,
        ask: Ask = ask_by_options,
    ) -> None:
        """`database`: where other engines are seen; None: there are none."""
        self._trunks = trunks
        self._database = database
        self._engine = engine
        self._ask = ask
        self._told: dict[str, str] = {}
        """By trunk, the fault that was told last."""
        self._looks: dict[str, asyncio.Task[None]] = {}
        """Each trunk is asked beside the others: a dead one makes nobody wait."""

    async def watch(self, now: Callable[[], datetime]) -> tuple[str, ...]:
        """Look once, without waiting for the trunks; return what an operator must read."""
        if self._database is not None:
            self._share(await asyncio.to_thread(_loads, self._database, now()), now())
        wanted = self._trunks.wanted_at
        in_use = wanted is not None and now() - wanted < IN_USE
        for trunk in self._trunks.all:
            look = self._looks.get(trunk.terms.name)
            if look is not None and not look.done():
                continue
            if look is not None:
                look.result()
            if not trunk.health.address or trunk.wants_a_look(now(), in_use=in_use):
                self._looks[trunk.terms.name] = asyncio.create_task(self._look(trunk, now))
        return self._news(now())

    async def _look(self, trunk: Trunk, now: Callable[[], datetime]) -> None:
        if not trunk.health.address:
            trunk.health.address = await resolved(trunk.target)
            if not trunk.health.address:
                await asyncio.sleep(RESOLVE_AGAIN_SECONDS)
                return
        if not trunk.target.ping_every:
            return
        trunk.health.asked_at = now()
        try:
            pong = await self._ask(trunk.target)
        except NoPongError as error:
            why = f"it does not answer: {error}"
            if trunk.health.heard_at is None:
                why += "; if it answers calls but no OPTIONS, set options_ping_seconds = 0"
            trunk.health.breaker = trunk.health.breaker.failed(now(), why, is_silent=True)
            return
        if pong.status == OUT_OF_SERVICE:
            why = f"it says that it is out of service (SIP {pong.status} {pong.reason})"
            trunk.health.breaker = trunk.health.breaker.failed(now(), why, is_silent=True)
            return
        trunk.heard(now())

    def _share(self, loads: TrunkLoads, now: datetime) -> None:
        """Take our share of what the engines of the store may do together."""
        names = sorted({*loads.engines, self._engine})
        for trunk in self._trunks.all:
            terms, use = trunk.terms, trunk.use
            use.channels = share_of(terms.max_channels, len(names), names.index(self._engine))
            per_second = terms.calls_per_second / len(names)
            if per_second != use.allowance.calls_per_second:
                use.allowance = replace(use.allowance.at(now), calls_per_second=per_second)
            open_calls = loads.calls.get(terms.name, 0)
            are_alone = len(names) == 1 and open_calls <= use.calls
            use.free_elsewhere = None if are_alone else max(0, terms.max_channels - open_calls)

    def _news(self, now: datetime) -> tuple[str, ...]:
        news = []
        for trunk in self._trunks.all:
            name, fault = trunk.terms.name, trunk.fault(now)
            if trunk.health.breaker.state is BreakerState.HALF_OPEN:
                continue
            if fault != self._told.get(name, ""):
                news.append(f"Trunk {name}: {fault}." if fault else f"Trunk {name} works again.")
                self._told[name] = fault
        return tuple(news)


def _loads(database: Database, now: datetime) -> TrunkLoads:
    with database.reading() as session:
        return trunk_loads(session, now - ALIVE)


async def resolved(target: TrunkTarget) -> str:
    """Return the IPv4 address of a trunk; empty: its name can't be resolved now."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, family=socket.AF_INET, type=socket.SOCK_DGRAM
        )
    except OSError:
        return ""
    return str(found[0][4][0])
