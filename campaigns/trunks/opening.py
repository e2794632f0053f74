"""The trunks of the settings, ready to be called over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from campaigns.line import OutgoingLine, unset
from campaigns.pacing import Allowance
from campaigns.settings import Settings, SettingsError
from campaigns.settings_trunks import FIRST, TrunkSettings
from campaigns.trunks.breaker import Breaker, BreakerPolicy
from campaigns.trunks.choice import TrunkTerms
from campaigns.trunks.trunk import Trunk, TrunkHealth, TrunkTarget, TrunkUse
from campaigns.trunks.trunks import Trunks
from campaigns.trunks.watching import resolved
from dialer.settings import TlsSettings, Transport


async def open_trunks(settings: Settings) -> Trunks:
    """Return the trunks of the settings, with their names resolved; nobody was asked yet.

    Raises SettingsError when none is set, or the name of none can be resolved.
    """
    written = settings.all_trunks
    if not any(trunk.host for trunk in written.values()):
        raise SettingsError(unset())
    now = datetime.now(UTC)
    trunks = [
        _trunk(terms_of(name, trunk), target_of(trunk), settings.breaker.policy, now)
        for name, trunk in written.items()
    ]
    addresses = await asyncio.gather(*(resolved(trunk.target) for trunk in trunks))
    for trunk, address in zip(trunks, addresses, strict=True):
        trunk.health.address = address
    if not any(addresses):
        names = ", ".join(trunk.target.host for trunk in trunks)
        raise SettingsError(
            f"trunk.host: the name {names} can't be resolved; check the name and the name server, "
            "or write the address."
        )
    first = next(trunk for trunk in trunks if trunk.health.address)
    return Trunks(
        trunks,
        OutgoingLine(
            host=first.health.address,
            port=first.target.port,
            transport=first.target.transport,
            ring_timeout=settings.ring_timeout,
            recordings=settings.recordings_dir,
            max_channels=settings.channels,
            calls_per_second=sum(trunk.terms.calls_per_second for trunk in trunks),
        ),
        timedelta(minutes=settings.breaker.pause_after_minutes),
    )


def trunks_of_line(line: OutgoingLine, now: datetime) -> Trunks:
    """Return one trunk that is never asked and never rests: a line for trials."""
    terms = TrunkTerms(
        FIRST, max_channels=line.max_channels, calls_per_second=line.calls_per_second
    )
    target = TrunkTarget(line.host, line.port, Transport(line.transport))
    patient = BreakerPolicy(failures=10**9)
    trunk = _trunk(terms, target, patient, now)
    trunk.health.address = line.host
    return Trunks([trunk], line)


def terms_of(name: str, trunk: TrunkSettings) -> TrunkTerms:
    """Return what a trunk of the settings may carry."""
    return TrunkTerms(
        name,
        trunk.priority,
        trunk.weight,
        trunk.max_channels,
        trunk.calls_per_second,
        trunk.prefixes,
        trunk.shown,
        trunk.caller_ids,
    )


def target_of(trunk: TrunkSettings) -> TrunkTarget:
    """Return where a trunk of the settings is."""
    return TrunkTarget(
        trunk.host,
        trunk.port,
        Transport(trunk.transport),
        TlsSettings(trunk.host, trunk.tls_ca_file, trunk.tls_verify),
        timedelta(seconds=trunk.options_ping_seconds),
        trunk.registers,
    )


def _trunk(terms: TrunkTerms, target: TrunkTarget, policy: BreakerPolicy, now: datetime) -> Trunk:
    return Trunk(
        terms,
        target,
        TrunkHealth(Breaker(policy)),
        TrunkUse(Allowance.full(terms.calls_per_second, now), channels=terms.max_channels),
    )
