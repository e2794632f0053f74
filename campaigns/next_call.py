"""Whether another call follows from a report: what the retry table makes of it in this campaign."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from campaigns.order import CallReport
from campaigns.retry import AttemptEnd, CallHistory, RetryDecision, RetryReason, decide
from campaigns.rules import CampaignRules
from ivr.exchange import DialogResult
from ivr.people import JoinRole
from ivr.transcript import Speaker
from store.types import Disposition, Outcome
from store.values import ClaimedCall

_MAY_BE_CALLED_AGAIN: Final = frozenset({Outcome.UNFINISHED, Outcome.CALLBACK_PROMISED})


def decision_of(
    call: ClaimedCall,
    report: CallReport,
    words: tuple[Disposition, Outcome],
    now: datetime,
    rules: CampaignRules,
) -> RetryDecision:
    """Decide about another call; whoever talked to a person of ours is not called by itself."""
    disposition, outcome = words
    wish = _wish(report.result, outcome)
    named = [past for past in call.history if past.call_again_at is not None]
    windows = [(each.window_start, each.window_end) for each in call.deliveries]
    decision = decide(
        AttemptEnd(disposition, outcome, now, wish),
        CallHistory.of(
            [*(past.disposition for past in call.history), disposition],
            asked_for=len(named) + (wish is not None),
        ),
        rules.retry,
        rules.openings_for(call.time_zone, call.phone, asked_for=wish is not None),
        rules.useful_until(call.useful_until, windows, asked_for=wish is not None),
    )
    if decision.retry_at is not None and was_with_agent(report):
        return RetryDecision(None, RetryReason.WITH_AGENT)
    return decision


def was_with_agent(report: CallReport) -> bool:
    """Say whether a person of ours talked to the recipient, as agent or by taking the call over."""
    return any(turn.speaker is Speaker.AGENT for turn in report.turns) or any(
        visit.role == JoinRole.AGENT and visit.spoke for visit in report.people
    )


def _wish(result: DialogResult | None, outcome: Outcome) -> datetime | None:
    """Return when we are to call again; a callback that needs a person is not ours."""
    if result is None or result.needs_person or outcome not in _MAY_BE_CALLED_AGAIN:
        return None
    return result.call_again_at
