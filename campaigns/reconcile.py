"""Reconciliation: what evidence tells of attempts whose fate is unknown.

Only where it is certain that no telephone rang may somebody be called again; nothing of unknown
fate is ever dialled again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from campaigns.cdr import CdrLine, end_of, key_of
from store.reconciliations import UnknownFate
from store.types import Disposition, Outcome

MARGIN: Final = timedelta(minutes=5)
"""Clocks of a provider and ours differ by less, and no INVITE goes out so long after its mark."""

ASK_AFTER_TALK: Final = "通话已接通后中断，结果不明，请人工联系收件人"
ASK_WITH_RECORDING: Final = "通话已接通后中断，已有录音，请听录音后联系收件人"


class Doubt(StrEnum):
    """Why nothing is known of an attempt yet."""

    NOT_LISTED = "not in the list"
    NOT_COVERED = "the list does not cover the time"
    OTHER_TRUNK = "it may have gone over a trunk that the list is not of"
    NEVER_BOUND = "it has no Call-ID: a version before wrote it"
    NO_FILE = "there is no recording"
    NOTHING_SAID = "the recording holds no word of ours"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an attempt."""

    disposition: Disposition
    outcome: Outcome
    answered: bool = False
    talk_seconds: float = 0.0
    never_rang: bool = False
    """It is certain that no telephone rang: the usual retry rules decide about another call."""
    needs_person: str = ""
    evidence: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """An attempt of unknown fate, and what is known of it now."""

    fate: UnknownFate
    told: Told | Doubt


OPERATOR_SAYS: Final[Mapping[str, Told]] = MappingProxyType(
    {
        "never_rang": Told(Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED, never_rang=True),
        "not_reached": Told(Disposition.NO_ANSWER, Outcome.NOT_REACHED),
        "unfinished": Told(Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED, answered=True),
        **{
            outcome.value: Told(Disposition.COMPLETED, outcome, answered=True)
            for outcome in (
                Outcome.CONFIRMED,
                Outcome.RESCHEDULED,
                Outcome.ADDRESS_CHANGED,
                Outcome.HAND_OVER_CHANGED,
                Outcome.REFUSED,
                Outcome.WRONG_NUMBER,
                Outcome.OPTED_OUT,
                Outcome.INFORMED,
                Outcome.RECEIVED,
                Outcome.PROBLEM_REPORTED,
            )
        },
    }
)
"""What an operator may find out, by its word."""


def by_cdr(
    fates: Iterable[UnknownFate],
    lines: Sequence[CdrLine],
    *,
    complete: bool = False,
    trunk: str = "",
) -> tuple[Finding, ...]:
    """Return what a list of calls tells of each attempt.

    `complete`: the list has every call of its time, also those that nobody answered; then a call
    that it doesn't have was never made. `trunk`: whose list it is; empty: of the only one.
    """
    by_key: dict[str, list[CdrLine]] = {}
    for line in lines:
        by_key.setdefault(key_of(line.call_id), []).append(line)
    known = tuple(fates)
    trunks = {fate.trunk for fate in known}
    return tuple(
        Finding(fate, _told(fate, by_key, lines, complete, trunk or _only(trunks)))
        for fate in known
    )


def by_length(fate: UnknownFate, path: str, said_seconds: float | None) -> Told | Doubt:
    """Return what a recording tells: somebody picked up once we said something.

    `said_seconds`: from our first sound to the end of the file; None: there is no file.
    """
    if said_seconds is None:
        return Doubt.NO_FILE
    if said_seconds <= 0:
        return Doubt.NOTHING_SAID
    return Told(
        Disposition.INTERRUPTED,
        Outcome.UNFINISHED,
        answered=True,
        talk_seconds=said_seconds,
        needs_person=ASK_WITH_RECORDING,
        evidence=f"recording, {said_seconds:.0f} s from our first word",
        recording=path,
    )


def strangers(lines: Iterable[CdrLine], ours: Collection[str]) -> tuple[CdrLine, ...]:
    """Return the lines that name no call of ours, whose keys are `ours`."""
    return tuple(line for line in lines if key_of(line.call_id) not in ours)


def _told(
    fate: UnknownFate,
    by_key: Mapping[str, Sequence[CdrLine]],
    lines: Sequence[CdrLine],
    complete: bool,
    trunk: str | None,
) -> Told | Doubt:
    if not fate.call_id:
        return Doubt.NEVER_BOUND
    found = by_key.get(key_of(fate.call_id))
    if found:
        return _as_listed(found)
    if not complete:
        return Doubt.NOT_LISTED
    if trunk is None or fate.trunk != trunk:
        return Doubt.OTHER_TRUNK
    if fate.dialed_at is None or not _covers(lines, fate.dialed_at):
        return Doubt.NOT_COVERED
    return Told(
        Disposition.TRUNK_FAILURE,
        Outcome.NOT_REACHED,
        never_rang=True,
        evidence="the complete list of calls does not have it",
    )


def _as_listed(found: Sequence[CdrLine]) -> Told:
    end = end_of(found)
    where = ", ".join(f"row {line.number}: {line.cause or 'no cause'}" for line in found)
    if end.disposition is not Disposition.INTERRUPTED:
        return Told(end.disposition, Outcome.NOT_REACHED, never_rang=end.never_rang, evidence=where)
    return Told(
        Disposition.INTERRUPTED,
        Outcome.UNFINISHED,
        answered=True,
        talk_seconds=max(line.talk_seconds for line in found),
        needs_person=ASK_AFTER_TALK,
        evidence=f"{where}, answered",
    )


def _covers(lines: Sequence[CdrLine], at: datetime) -> bool:
    """Say whether a list has calls well before and well after a moment."""
    starts = [line.started for line in lines if line.started is not None]
    return bool(starts) and min(starts) <= at - MARGIN and max(starts) >= at + MARGIN


def _only(trunks: Collection[str]) -> str | None:
    return next(iter(trunks)) if len(trunks) == 1 else None
