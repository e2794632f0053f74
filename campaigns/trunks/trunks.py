"""Trunks: all the ways out of the house that an engine has, as its calls see them.

    room -> pick -> placed -> heard... -> ended

Nothing here waits for anything: `campaigns.trunks.watching` asks the trunks and the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from campaigns.line import OutgoingLine
from campaigns.order import CallReport
from campaigns.trunks.breaker import BreakerState
from campaigns.trunks.choice import (
    Barred,
    CampaignTrunks,
    Hindrance,
    TrunkNow,
    choose,
)
from campaigns.trunks.ends import TrunkEnd, explained, trunk_end
from campaigns.trunks.trunk import Trunk
from dialer.leg import HangupCause
from dialer.registration import RegistrationNews

JUST_FAILED: Final = timedelta(minutes=5)
"""So long a contact is not called again over the trunk that failed it, if there is another."""
_OUT = (Hindrance.DOWN, Hindrance.UNREGISTERED)


@dataclass(frozen=True, slots=True)
class Route:
    """Over which trunk a call goes and what it shows."""

    trunk: str
    caller_id: str
    line: OutgoingLine


@dataclass(frozen=True, slots=True)
class TrunkVerdict:
    """What the end of a call means for its trunk and its contact."""

    opened: bool = False
    """The trunk rests from now on."""
    at_once: bool = False
    """Nobody was rung, and another trunk may take the call at once."""


@dataclass(frozen=True, slots=True)
class _Placed:
    trunk: str
    contact: int
    phone: str
    wanted: CampaignTrunks
    rang: bool = False


class Trunks:
    """The trunks of one engine."""

    def __init__(
        self,
        trunks: Iterable[Trunk],
        common: OutgoingLine,
        longest_outage: timedelta = timedelta.max,
    ) -> None:
        """`common` holds what is done on every call, whichever trunk carries it.

        Campaigns are paused when no trunk worked for `longest_outage`.
        """
        self.longest_outage = longest_outage
        self._trunks = {trunk.terms.name: trunk for trunk in trunks}
        self._common = common
        self._placed: dict[int, _Placed] = {}
        self._failed: dict[int, tuple[str, datetime]] = {}
        """Contacts, the trunk that has just failed them, and when."""
        self.wanted_at: datetime | None = None
        """When calls were last to be placed."""

    @property
    def all(self) -> tuple[Trunk, ...]:
        """The trunks, in the order of the settings."""
        return tuple(self._trunks.values())

    @property
    def line(self) -> OutgoingLine:
        """The way out as a whole: what all trunks together allow."""
        return self._common

    def room(self, now: datetime) -> int:
        """Return how many calls the trunks take now; asking says that calls are wanted."""
        self.wanted_at = now
        return sum(trunk.room(now) for trunk in self.all)

    def pick(
        self, contact: int, phone: str, wanted: CampaignTrunks, now: datetime
    ) -> Route | Barred:
        """Return over which trunk to call, or why over none; nothing is placed yet."""
        avoided = self._avoided(contact, now)
        chosen = choose(self._standing(now, avoided), phone, wanted)
        if chosen is Barred.FOR_NOW and avoided:
            # Better the trunk that failed than none.
            chosen = choose(self._standing(now, None), phone, wanted)
        if isinstance(chosen, Barred):
            return chosen
        for each in chosen.trunks:
            self._trunks[each.terms.name].use.turn = each.turn
        trunk = self._trunks[chosen.name]
        return Route(chosen.name, chosen.caller_id, trunk.line(self._common))

    def placed(
        self, attempt: int, route: Route, contact: int, phone: str, wanted: CampaignTrunks
    ) -> None:
        """Note that a call was handed over."""
        self._placed[attempt] = _Placed(route.trunk, contact, phone, wanted)
        use = self._trunks[route.trunk].use
        use.calls += 1
        if use.allowance.whole:
            use.allowance = use.allowance.less(1)
        if use.free_elsewhere is not None:
            use.free_elsewhere -= 1

    def rang(self, attempt: int, now: datetime) -> None:
        """Note that something beyond the trunk answered."""
        placed = self._placed.get(attempt)
        if placed is not None and not placed.rang:
            self._placed[attempt] = replace(placed, rang=True)
            self._trunks[placed.trunk].heard(now)

    def ended(self, attempt: int, end: CallReport | str, now: datetime) -> TrunkVerdict:
        """Note the end of a call and return what follows; a call that nobody knows changes nothing.

        Calls that ended without a report say nothing of their trunk.
        """
        placed = self._placed.pop(attempt, None)
        if placed is None:
            return TrunkVerdict()
        trunk = self._trunks[placed.trunk]
        trunk.use.calls -= 1
        if isinstance(end, str):
            return TrunkVerdict()
        rang = placed.rang or bool(end.announcement)
        kind = trunk_end(end.cause, end.sip_status, answered=end.answered, rang=rang)
        before = trunk.health.breaker.state
        match kind:
            case TrunkEnd.CARRIED:
                trunk.health.breaker = trunk.health.breaker.succeeded()
                self._failed.pop(placed.contact, None)
            case TrunkEnd.REFUSED | TrunkEnd.SILENT:
                why = explained(end.cause, end.sip_status)
                silent = kind is TrunkEnd.SILENT
                trunk.health.breaker = trunk.health.breaker.failed(now, why, is_silent=silent)
                if silent:
                    trunk.health.heard_at = None
        was_sent = end.cause is not HangupCause.TRUNK_UNREACHABLE
        if kind in (TrunkEnd.CARRIED, TrunkEnd.REFUSED) and end.sip_status and was_sent:
            trunk.health.heard_at = now
        now_open = trunk.health.breaker.state is BreakerState.OPEN
        opened = now_open and before is not BreakerState.OPEN
        return TrunkVerdict(opened, kind is TrunkEnd.REFUSED and self._has_another(placed, now))

    def forget(self, attempt: int) -> None:
        """Take back a call that was certainly not dialled."""
        placed = self._placed.pop(attempt, None)
        if placed is not None:
            self._trunks[placed.trunk].use.calls -= 1

    def registered(self, news: RegistrationNews, now: datetime) -> None:
        """Note what a registrar said to one of our workers."""
        trunk = self._trunks.get(news.trunk)
        if trunk is None:
            return
        trunk.health.registration = news
        trunk.health.registered_until = (
            now + timedelta(seconds=news.expires_seconds) if news.is_registered else None
        )
        if news.is_registered:
            trunk.heard(now)

    def outage(self, now: datetime) -> str:
        """Return why no trunk takes a call, as a sentence; empty: one does, or soon will."""
        is_out = all(trunk.hindrance(now) in _OUT for trunk in self.all)
        return self.trouble(now) if is_out else ""

    def trouble(self, now: datetime) -> str:
        """Return why no trunk is known to work, though one may be tried; empty: one works."""
        if not all(trunk.fault(now) for trunk in self.all):
            return ""
        return "; ".join(f"trunk {each.terms.name}: {each.fault(now)}" for each in self.all)

    def _has_another(self, placed: _Placed, now: datetime) -> bool:
        """Say whether another trunk may take a call at once; each contact once in a while."""
        if self._avoided(placed.contact, now):
            return False
        self._failed = {
            contact: failed for contact, failed in self._failed.items() if _is_recent(failed, now)
        }
        self._failed[placed.contact] = placed.trunk, now
        others = self._standing(now, placed.trunk)
        may = [each for each in others if each.terms.name != placed.trunk]
        able = [replace(each, hindrance=None) for each in may if each.hindrance not in _OUT]
        return not isinstance(choose(able, placed.phone, placed.wanted), Barred)

    def _avoided(self, contact: int, now: datetime) -> str | None:
        failed = self._failed.get(contact)
        return failed[0] if failed is not None and _is_recent(failed, now) else None

    def _standing(self, now: datetime, avoided: str | None) -> tuple[TrunkNow, ...]:
        return tuple(
            TrunkNow(
                each.terms,
                Hindrance.JUST_FAILED if each.terms.name == avoided else each.hindrance(now),
                each.use.turn,
            )
            for each in self.all
        )


def _is_recent(failed: tuple[str, datetime], now: datetime) -> bool:
    return now - failed[1] < JUST_FAILED
