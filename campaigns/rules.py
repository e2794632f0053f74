"""CampaignRules: what the settings and a campaign's own policy make of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from campaigns.calling_window import CallingWindow
from campaigns.retry_reader import RetryTableError
from campaigns.retry_table import RetryTable
from campaigns.scope import Scope
from campaigns.script_versions import ScriptVersion
from campaigns.settings import SettingsError
from campaigns.settings_retry import table_of
from campaigns.settings_sections import CampaignSettings, hours_of


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """How the people of one campaign are treated."""

    opens: time
    closes: time
    retry: RetryTable
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


def rules_of(
    settings: CampaignSettings, policy: Mapping[str, object], flow: str = ""
) -> CampaignRules:
    """Return the rules of a campaign: the settings, with what its own policy says instead.

    `flow` has a retry table of its own, perhaps. Raises SettingsError when the policy has a key or
    a value that the settings wouldn't take, or names a retry table that can't be used.
    """
    written = settings.model_dump()
    own = dict(policy)
    delays, own_retry = own.pop("retry_after_minutes", {}), own.pop("retry", {})
    written.update(own)
    if isinstance(delays, Mapping):
        written["retry_after_minutes"].update(delays)
    if isinstance(own_retry, Mapping):
        written["retry"].update(own_retry)
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
    return CampaignRules(
        opens=opens,
        closes=closes,
        retry=retry,
        max_concurrent=valid.max_concurrent_calls,
        pause_after_trunk_failures=valid.pause_after_trunk_failures,
        record_calls=valid.record_calls,
        recording_notice=valid.recording_notice,
        scope=Scope(**valid.scope.model_dump()),
        scripts=tuple(ScriptVersion(**each.model_dump()) for each in valid.scripts),
    )
