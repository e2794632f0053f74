"""Which trunk carries a call: priority first, then weights; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from campaigns.trunks.caller_ids import CallerIdRule, caller_id_on, wanted_caller_ids


@dataclass(frozen=True, slots=True)
class TrunkTerms:
    """What a trunk may carry, as the contract with its provider says."""

    name: str
    priority: int = 0
    """The highest that can take a call carries it."""
    weight: int = 1
    """Its share among those of the same priority."""
    max_channels: int = 30
    calls_per_second: float = 5.0
    prefixes: tuple[str, ...] = ()
    """First digits, with the plus, of the numbers that it carries; none: all numbers."""
    caller_id: str = ""
    """What it shows by itself."""
    caller_ids: tuple[str, ...] = ()
    """What its provider lets us show besides."""

    def carries(self, phone: str) -> bool:
        """Say whether it carries calls to that number."""
        return not self.prefixes or phone.startswith(self.prefixes)


class Hindrance(StrEnum):
    """Why a trunk does not take a call now."""

    DOWN = "down"
    """It failed and rests."""
    UNPROVEN = "unproven"
    """It was not heard of for too long to send it an INVITE."""
    UNREGISTERED = "unregistered"
    FULL = "full"
    TOO_FAST = "too_fast"
    TRYING = "trying"
    """A call is trying already whether it works again."""
    JUST_FAILED = "just_failed"
    """It has just failed this very call."""


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """A trunk at the moment of a choice."""

    terms: TrunkTerms
    hindrance: Hindrance | None = None
    turn: int = 0
    """Smooth weighted round robin: how much it is behind its share."""


@dataclass(frozen=True, slots=True)
class CampaignTrunks:
    """What a campaign says of trunks and numbers."""

    names: tuple[str, ...] = ()
    """Those it may use; none: all."""
    caller_id: CallerIdRule = field(default_factory=CallerIdRule)

    def in_region(self, region: str) -> CampaignTrunks:
        """Return what holds for people of a region."""
        return replace(self, caller_id=self.caller_id.in_region(region))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A trunk, what it shows, and whose turn it is afterwards."""

    name: str
    caller_id: str
    trunks: tuple[TrunkNow, ...]


class Barred(StrEnum):
    """Why no trunk at all takes a call."""

    FOR_NOW = "for_now"
    """Those that may carry it can't at the moment."""
    FOR_GOOD = "for_good"
    """None may carry it: the number, the campaign or what it shows speak against each."""


def choose(
    trunks: Sequence[TrunkNow], phone: str, campaign: CampaignTrunks = CampaignTrunks()
) -> Chosen | Barred:
    """Return which trunk carries a call to `phone`, or why none does."""
    allowed = [
        (each, shown)
        for each in trunks
        if (shown := caller_id_over(each.terms, phone, campaign)) is not None
    ]
    if not allowed:
        return Barred.FOR_GOOD
    ready = [(each, shown) for each, shown in allowed if each.hindrance is None]
    if not ready:
        return Barred.FOR_NOW
    highest = max(each.terms.priority for each, _ in ready)
    group = [(each, shown) for each, shown in ready if each.terms.priority == highest]
    best, shown = max(group, key=lambda pair: pair[0].turn + pair[0].terms.weight)
    after = _after(trunks, best, {each.terms.name for each, _ in group})
    return Chosen(best.terms.name, shown, after)


def caller_id_over(terms: TrunkTerms, phone: str, campaign: CampaignTrunks) -> str | None:
    """Return what a call over that trunk shows; None: it may not carry the call."""
    if campaign.names and terms.name not in campaign.names:
        return None
    if not terms.carries(phone):
        return None
    wanted = wanted_caller_ids(campaign.caller_id, phone)
    return caller_id_on(wanted, terms.caller_id, terms.caller_ids)


def _after(
    trunks: Sequence[TrunkNow], best: TrunkNow, group: Collection[str]
) -> tuple[TrunkNow, ...]:
    """Return the trunks with their turns after `best` had its own.

    The smooth weighted round robin of nginx (ngx_http_upstream_get_peer): all in the group gain
    their weight, and the one that is chosen loses the sum.
    """
    total = sum(each.terms.weight for each in trunks if each.terms.name in group)
    return tuple(
        replace(each, turn=each.turn + each.terms.weight - (total if each is best else 0))
        if each.terms.name in group
        else each
        for each in trunks
    )
