"""CampaignRules: what the settings and a campaign's own policy make of its calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from pydantic import ValidationError

from campaigns.pacing.rules import AbandonLimit, PacingRules
from campaigns.retry_reader import RetryTableError
from campaigns.retry_table import RetryTable
from campaigns.scope import Scope
from campaigns.script_versions import ScriptVersion
from campaigns.settings import SettingsError
from campaigns.settings_calling import CallingSettings
from campaigns.settings_pacing import pacing_rules
from campaigns.settings_retry import table_of
from campaigns.settings_sections import CampaignSettings, hours_of
from campaigns.trunks.choice import CampaignTrunks
from campaigns.verdict import Law
from campaigns.when.calling import CallingRules
from campaigns.when.composing import calling_rules
from campaigns.when.jurisdictions import ProfileError
from campaigns.when.lateness import PromisedWindow
from campaigns.when.laws import in_time
from campaigns.when.openings import Openings
from campaigns.when.pieces import between
from campaigns.when.ringing import abandon_limits, ring_floor


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """How the people of one campaign are treated."""

    opens: time
    closes: time
    calling: CallingRules
    """When a number may be called, by the campaign's hours, caps and the law where it is."""
    retry: RetryTable
    max_concurrent: int
    pause_after_trunk_failures: int
    record_calls: bool
    recording_notice: bool
    pacing: PacingRules = field(default_factory=PacingRules)
    """How many calls it places, and for whom."""
    scope: Scope = field(default_factory=Scope)
    """For whom it is."""
    trunks: CampaignTrunks = field(default_factory=CampaignTrunks)
    """Over which trunks it calls, and which numbers it shows."""
    scripts: tuple[ScriptVersion, ...] = ()
    """What is compared; none: everybody hears the same."""

    def window_in(self, zone: str) -> Openings:
        """Return when numbers of a zone's own country may be rung."""
        return self.calling.openings(zone)

    def is_awake(self, zone: str, now: datetime) -> bool:
        """Say whether anybody in a zone may be rung: at midday those who named the moment."""
        return self.calling.openings(zone, asked_for=True).is_open(now)

    def openings_for(self, zone: str, phone: str, *, asked_for: bool = False) -> Openings:
        """Return when one number may be rung; `asked_for`: at a moment that its owner named."""
        return self.calling.openings(zone, phone, asked_for=asked_for)

    def ring_floor(self, zone: str, phone: str) -> timedelta:
        """Return for how long an unanswered call to a number rings at least, by law."""
        return ring_floor(self.calling.place_of(zone, phone))

    def abandon_limits(self, zones: Iterable[str]) -> tuple[AbandonLimit, ...]:
        """Return what the laws say of people who find no agent, of all of these zones."""
        return abandon_limits(self.calling.place_of(zone) for zone in zones)

    def useful_until(
        self,
        kept: datetime | None,
        windows: Iterable[PromisedWindow],
        *,
        asked_for: bool = False,
    ) -> datetime | None:
        """Return from when on a call is of no use; see `campaigns.when.lateness`."""
        return self.calling.useful_until(kept, windows, asked_for=asked_for)

    @property
    def law(self) -> Law:
        """Objects to a call at a moment when the number may not be rung, or when it is too late."""
        return in_time(self.calling)


def rules_of(
    settings: CampaignSettings,
    policy: Mapping[str, object],
    flow: str = "",
    calling: CallingSettings | None = None,
) -> CampaignRules:
    """Return the rules of a campaign: the settings, with what its own policy says instead.

    `flow` has a retry table of its own, perhaps; `calling` is what the operator set for all
    campaigns, None: nothing. Raises SettingsError when the policy has a key or a value that the
    settings wouldn't take, or names a retry table or a profile that can't be used.
    """
    written = settings.model_dump()
    own = dict(policy)
    delays, own_retry = own.pop("retry_after_minutes", {}), own.pop("retry", {})
    own_when, own_pacing = own.pop("when", {}), own.pop("pacing", {})
    if isinstance(own.get("trunks"), Mapping):
        own["trunks"] = written["trunks"] | own["trunks"]
    written.update(own)
    if isinstance(delays, Mapping):
        written["retry_after_minutes"].update(delays)
    if isinstance(own_retry, Mapping):
        written["retry"].update(own_retry)
    written["when"] = written["when"] | own_when if isinstance(own_when, Mapping) else own_when
    paced = isinstance(own_pacing, Mapping)
    written["pacing"] = written["pacing"] | own_pacing if paced else own_pacing
    try:
        valid = CampaignSettings.model_validate(written)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        raise SettingsError(f"The campaign's own policy can't be used: {wrong}") from error
    try:
        retry = table_of(
            valid.retry,
            valid.retry_after_minutes,
            valid.retry_tables,
            {
                "max_attempts": valid.max_attempts,
                "max_unfinished": valid.max_unfinished,
                "max_trunk_failures": valid.max_trunk_failures,
            },
            flow,
        )
    except RetryTableError as error:
        raise SettingsError(f"The retry table can't be used:\n{error}") from error
    opens, closes = hours_of(valid.calling_window)
    try:
        when = calling_rules(between(opens, closes), valid.when, calling or CallingSettings())
    except ProfileError as error:
        raise SettingsError(str(error)) from error
    return CampaignRules(
        opens=opens,
        closes=closes,
        calling=when,
        retry=retry,
        max_concurrent=valid.pacing.max_concurrent or valid.max_concurrent_calls,
        trunks=valid.trunks.wanted,
        pause_after_trunk_failures=valid.pause_after_trunk_failures,
        record_calls=valid.record_calls,
        recording_notice=valid.recording_notice,
        pacing=pacing_rules(valid.pacing, valid.max_concurrent_calls),
        scope=Scope(**valid.scope.model_dump()),
        scripts=tuple(ScriptVersion(**each.model_dump()) for each in valid.scripts),
    )
