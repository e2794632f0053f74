"""One trunk as an engine knows it: what it may carry, how it fares, and what is on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from campaigns.line import OutgoingLine
from campaigns.pacing import Allowance
from campaigns.trunks.breaker import Breaker, BreakerState
from campaigns.trunks.choice import Hindrance, TrunkTerms
from dialer.registration import RegistrationNews
from dialer.settings import TlsSettings, Transport

FRESH: Final = timedelta(seconds=3)
"""Nobody is dialled over UDP unless the trunk was heard so recently: an INVITE into the void may
ring all the same, and would have to be reconciled."""
LOOK_AFTER: Final = timedelta(seconds=1)
"""A trunk over which calls go is asked again after that, unless it was heard meanwhile."""


@dataclass(frozen=True, slots=True)
class TrunkTarget:
    """Where a trunk is."""

    host: str
    port: int
    transport: Transport
    tls: TlsSettings = field(default_factory=TlsSettings)
    ping_every: timedelta = timedelta(0)
    """0: it is never asked whether it is there."""
    registers: bool = False

    @property
    def must_be_heard(self) -> bool:
        """Without a connection, nothing but an answer says that somebody is there."""
        return self.transport is Transport.UDP and bool(self.ping_every)


@dataclass(slots=True)
class TrunkHealth:
    """What is known of a trunk."""

    breaker: Breaker = field(default_factory=Breaker)
    address: str = ""
    """Empty: its name could not be resolved yet."""
    heard_at: datetime | None = None
    """When it last answered anything."""
    asked_at: datetime | None = None
    registration: RegistrationNews | None = None
    registered_until: datetime | None = None


@dataclass(slots=True)
class TrunkUse:
    """What is on a trunk."""

    allowance: Allowance
    calls: int = 0
    """Of this engine."""
    channels: int = 0
    """What this engine may hold at once."""
    free_elsewhere: int | None = None
    """What all engines together may still place; None: there is no other engine."""
    turn: int = 0


@dataclass(slots=True)
class Trunk:
    """A trunk, its health and its use."""

    terms: TrunkTerms
    target: TrunkTarget
    health: TrunkHealth
    use: TrunkUse

    def hindrance(self, now: datetime) -> Hindrance | None:
        """Return why it takes no call now; None: it does."""
        health, use = self.health, self.use
        health.breaker = health.breaker.at(now)
        if not health.address or health.breaker.state is BreakerState.OPEN:
            return Hindrance.DOWN
        if health.breaker.is_silent and self.target.ping_every:
            return Hindrance.DOWN  # its answer to an OPTIONS brings it back, no call has to try
        if self.target.registers and not self.is_registered(now):
            return Hindrance.UNREGISTERED
        if self.target.must_be_heard and not self._was_heard(now, FRESH):
            return Hindrance.UNPROVEN
        if health.breaker.state is BreakerState.HALF_OPEN and use.calls:
            return Hindrance.TRYING
        if self.free_channels <= 0:
            return Hindrance.FULL
        use.allowance = use.allowance.at(now)
        return None if use.allowance.whole else Hindrance.TOO_FAST

    def room(self, now: datetime) -> int:
        """Return how many calls it takes now."""
        if self.hindrance(now) is not None:
            return 0
        if self.health.breaker.state is BreakerState.HALF_OPEN:
            return 1
        return min(self.free_channels, self.use.allowance.whole)

    @property
    def free_channels(self) -> int:
        """Calls that this engine may add."""
        mine = self.use.channels - self.use.calls
        elsewhere = self.use.free_elsewhere
        return mine if elsewhere is None else min(mine, elsewhere)

    def is_registered(self, now: datetime) -> bool:
        """Say whether its registrar knows us."""
        until = self.health.registered_until
        return until is not None and now < until

    def wants_a_look(self, now: datetime, *, in_use: bool) -> bool:
        """Say whether it is to be asked by OPTIONS now; `in_use`: calls are to go over it."""
        every = self.target.ping_every
        if not every or not self.health.address:
            return False
        if in_use and self.target.must_be_heard:
            every = LOOK_AFTER
        if self.health.breaker.state is not BreakerState.CLOSED:
            every = min(every, FRESH)
        asked = self.health.asked_at
        return not self._was_heard(now, every) and (asked is None or now - asked >= LOOK_AFTER)

    def heard(self, now: datetime) -> None:
        """Note that it answered something."""
        self.health.heard_at = now
        self.health.breaker = self.health.breaker.answered()

    def line(self, common: OutgoingLine) -> OutgoingLine:
        """Return the way out over this trunk."""
        return OutgoingLine(
            host=self.health.address,
            port=self.target.port,
            transport=self.target.transport,
            ring_timeout=common.ring_timeout,
            recordings=common.recordings,
            max_channels=self.terms.max_channels,
            calls_per_second=self.terms.calls_per_second,
        )

    def fault(self, now: datetime) -> str:
        """Return what keeps it from carrying calls, as a sentence; empty: nothing does."""
        health = self.health
        if not health.address:
            return f"{self.target.host} can't be resolved: check host and the name server"
        if health.breaker.at(now).state is not BreakerState.CLOSED:
            return health.breaker.why
        if self.target.registers and not self.is_registered(now):
            news = health.registration
            if news is None:
                return "it has not registered us yet"
            said = f"SIP {news.sip_status} {news.reason}" if news.sip_status else news.reason
            return f"it does not register us ({said}): check user, password and domain"
        return ""

    def _was_heard(self, now: datetime, within: timedelta) -> bool:
        heard = self.health.heard_at
        return heard is not None and now - heard < within
