"""CampaignRules: what the settings and a campaign's own policy make of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from campaigns.calling_window import CallingWindow
from campaigns.retry import RetryPolicy
from campaigns.scope import Scope
from campaigns.script_versions import ScriptVersion
from campaigns.settings import SettingsError
from campaigns.settings_sections import CampaignSettings, RetryAfterMinutes, hours_of
from store.types import Disposition


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """How the people of one campaign are treated."""

    opens: time
    closes: time
    retry: RetryPolicy
    max_concurrent: int
    pause_after_trunk_failures: int
    record_calls: bool
    recording_notice: bool
    scope: Scope = field(default_factory=Scope)
    """For whom it is."""
    scripts: tuple[ScriptVersion, ...] = ()
    """What is compared; none: everybody hears the same."""

    def window_in(self, zone: str) -> CallingWindow:
        """Return the calling window on the wall clock of a recipient's zone."""
        return CallingWindow(self.opens, self.closes, ZoneInfo(zone))


def rules_of(settings: CampaignSettings, policy: Mapping[str, object]) -> CampaignRules:
    """Return the rules of a campaign: the settings, with what its own policy says instead.

    Raises SettingsError when the policy has a key or a value that the settings wouldn't take.
    """
    written = settings.model_dump()
    own = dict(policy)
    delays = own.pop("retry_after_minutes", {})
    written.update(own)
    if isinstance(delays, Mapping):
        written["retry_after_minutes"].update(delays)
    try:
        valid = CampaignSettings.model_validate(written)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        raise SettingsError(f"The campaign's own policy can't be used: {wrong}") from error
    opens, closes = hours_of(valid.calling_window)
    return CampaignRules(
        opens=opens,
        closes=closes,
        retry=RetryPolicy(
            delays=_delays(valid.retry_after_minutes),
            max_attempts=valid.max_attempts,
            max_unfinished=valid.max_unfinished,
            max_trunk_failures=valid.max_trunk_failures,
        ),
        max_concurrent=valid.max_concurrent_calls,
        pause_after_trunk_failures=valid.pause_after_trunk_failures,
        record_calls=valid.record_calls,
        recording_notice=valid.recording_notice,
        scope=Scope(**valid.scope.model_dump()),
        scripts=tuple(ScriptVersion(**each.model_dump()) for each in valid.scripts),
    )


def _delays(written: RetryAfterMinutes) -> dict[Disposition, timedelta]:
    return {
        Disposition(name): timedelta(minutes=minutes)
        for name, minutes in written
        if minutes != "never"
    }
