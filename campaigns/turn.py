"""Turn: when a waiting contact comes to be called, by the very laws that decide at a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from campaigns.verdict import Held, Law, judge
from store.candidates import CallNow, Candidate, Never, Verdict
from store.claims import LINE_BUSY

LOOKS: Final = 50
"""So many moments are tried; a contact that is put off more often waits without end in sight."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a waiting contact as things stand."""

    at: datetime
    """When it is looked at for the last time."""
    verdict: Verdict
    """What is said then; Wait: no moment is in sight."""
    waits: tuple[str, ...]
    """What holds it until then, words of `campaigns.verdict.Held`, in the order they are met."""


def turn_of(candidate: Candidate, laws: Sequence[Law], now: datetime) -> Turn:
    """Return when a waiting contact comes to its turn, as far as can be told at `now`."""
    at = now if candidate.next_call_at is None else max(now, candidate.next_call_at)
    waits: list[str] = []
    if candidate.in_a_call and at <= now:
        waits, at = [Held.IN_A_CALL.value], now + LINE_BUSY
    for _ in range(LOOKS):
        verdict = judge(replace(candidate, next_call_at=at), laws, at)
        if isinstance(verdict, CallNow | Never) or verdict.until <= at:
            break
        waits.append(verdict.why)
        at = verdict.until
    return Turn(at, verdict, tuple(dict.fromkeys(waits)))
