"""The form after a call: what the page shows an agent before, and what it may say; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ivr.meaning import HandOver
from store.desk_values import TransferFacts
from store.types import Outcome
from store.values import LatestOutcome

OUTCOMES: Final = (
    Outcome.CONFIRMED,
    Outcome.RESCHEDULED,
    Outcome.ADDRESS_CHANGED,
    Outcome.HAND_OVER_CHANGED,
    Outcome.REFUSED,
    Outcome.INFORMED,
    Outcome.RECEIVED,
    Outcome.PROBLEM_REPORTED,
    Outcome.SOLUTION_CHOSEN,
    Outcome.PICKUP_AGREED,
    Outcome.RATED,
    Outcome.CALLBACK_PROMISED,
    Outcome.WRONG_NUMBER,
    Outcome.OPTED_OUT,
    Outcome.UNFINISHED,
)
"""What a talk between people can come to, in the order in which it mostly does."""

MOMENTS: Final = ("new_window_start", "new_window_end", "call_again_at")
YEARS: Final = range(2000, 2101)
TEXT_LENGTH: Final = 500
_LOCAL: Final = "%Y-%m-%dT%H:%M"
"""As a browser writes a moment without a zone."""


@dataclass(frozen=True, slots=True)
class DeskForm:
    """What a call came to, as the fields of the page have it: moments are local."""

    outcome: str = ""
    new_window_start: str = ""
    new_window_end: str = ""
    new_address: str = ""
    hand_over: str = ""
    call_again_at: str = ""
    needs_person: str = ""
    notes: str = ""


class FormError(ValueError):
    """A form that can't be taken; the message is the key of the words that say why."""


def prefilled(transfer: TransferFacts, latest: LatestOutcome | None, zone: ZoneInfo) -> DeskForm:
    """Return the form as it was sent before, or as the dialog leaves it: what was settled."""
    kept = transfer.form
    if kept:
        said = {each.name: str(kept.get(each.name) or "") for each in fields(DeskForm)}
        return DeskForm(**said | {name: _local(said[name], zone) for name in MOMENTS})
    if latest is None:
        return DeskForm()
    settled = latest.settled
    return DeskForm(
        outcome=latest.outcome.value if latest.outcome in OUTCOMES else "",
        new_window_start=_shown(settled.new_window_start, zone),
        new_window_end=_shown(settled.new_window_end, zone),
        new_address=settled.new_address,
        hand_over=settled.hand_over,
        call_again_at=_shown(settled.call_again_at, zone),
    )


def payload_of(written: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """Return what the engine is told: what was filled in, moments with their zone.

    Raises FormError.
    """
    said = {each.name: _text(written.get(each.name, "")) for each in fields(DeskForm)}
    outcome = said["outcome"]
    if outcome not in {each.value for each in OUTCOMES}:
        raise FormError("desk.outcome_missing")
    if said["hand_over"] not in {"", *HandOver}:
        raise FormError("desk.not_understood")
    for name in MOMENTS:
        said[name] = _instant(said[name], zone)
    start, end = said["new_window_start"], said["new_window_end"]
    if end and (not start or datetime.fromisoformat(end) <= datetime.fromisoformat(start)):
        raise FormError("desk.window_incomplete")
    if outcome in _NEEDS and not said[_NEEDS[Outcome(outcome)]]:
        raise FormError(f"desk.{outcome}_incomplete")
    if outcome == Outcome.CALLBACK_PROMISED and not (said["call_again_at"] or said["needs_person"]):
        raise FormError("desk.callback_incomplete")
    if outcome == Outcome.OPTED_OUT and said["call_again_at"]:
        raise FormError("desk.opted_out_incomplete")
    return {name: text for name, text in said.items() if text}


_NEEDS: Final = {
    Outcome.RESCHEDULED: "new_window_start",
    Outcome.ADDRESS_CHANGED: "new_address",
    Outcome.HAND_OVER_CHANGED: "hand_over",
}
"""An outcome that says something was changed has to say to what."""


def _text(value: object) -> str:
    return value.strip()[:TEXT_LENGTH] if isinstance(value, str) else ""


def _instant(text: str, zone: ZoneInfo) -> str:
    if not text:
        return ""
    try:
        at = datetime.strptime(text[:16], _LOCAL).replace(tzinfo=zone)
    except ValueError:
        raise FormError("desk.not_understood") from None
    if at.year not in YEARS:
        raise FormError("desk.not_understood")
    return at.isoformat()


def _shown(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).strftime(_LOCAL)


def _local(text: str, zone: ZoneInfo) -> str:
    return _shown(datetime.fromisoformat(text), zone) if text else ""
