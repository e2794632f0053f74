"""Results of a campaign, apart: by script, region, product line, merchant, hour, pilot and control.

Rates come with their 95 % confidence interval by Wilson (E. B. Wilson, Journal of the American
Statistical Association 22, 1927, pages 209-212), which holds for small numbers, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from store.results import ResultRow
from store.types import ContactStatus, Disposition, Outcome

Z = 1.959964
"""Of a normal distribution, 95 % lie within so many standard deviations."""

GOOD = frozenset(
    {
        Outcome.CONFIRMED,
        Outcome.RESCHEDULED,
        Outcome.ADDRESS_CHANGED,
        Outcome.HAND_OVER_CHANGED,
        Outcome.INFORMED,
        Outcome.RECEIVED,
        Outcome.RATED,
        Outcome.SOLUTION_CHOSEN,
        Outcome.PICKUP_AGREED,
        Outcome.PROBLEM_REPORTED,
        Outcome.REFUSED,
    }
)
"""The matter is settled: whoever calls knows what to do."""


class By(StrEnum):
    """By what results are told apart."""

    SCRIPT = "script"
    REGION = "region"
    PRODUCT_LINE = "product_line"
    MERCHANT = "merchant"
    HOUR = "hour"
    """Of the first call, on the recipient's clock."""
    PILOT = "pilot"
    """Called, or left out to compare with."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, and between what the true share lies with 95 % confidence."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None: of nobody."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, from 0 to 1; None: of nobody."""
        return wilson(self.part, self.whole) if self.whole else None


@dataclass(frozen=True, slots=True)
class Results:
    """What came of one group."""

    group: str
    """Empty: nothing is written there."""
    contacts: int
    called: int
    reached: Share
    """Answered by a person, of those called."""
    settled: Share
    """Of those called."""
    opted_out: Share
    """Of those reached."""
    talk_seconds: float
    """Mean of those reached."""


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return both ends of the interval for a share of so many; `whole` is above 0."""
    p, n = part / whole, whole
    middle = p + Z * Z / (2 * n)
    spread = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    below = 1 + Z * Z / n
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)


def results_of(rows: Iterable[ResultRow], by: By) -> tuple[Results, ...]:
    """Return the results of each group, by its name."""
    groups: dict[str, list[ResultRow]] = {}
    for row in rows:
        groups.setdefault(_group(row, by), []).append(row)
    return tuple(_results(name, groups[name]) for name in sorted(groups))


def differ(one: Share, other: Share) -> bool | None:
    """Say whether two shares differ with 95 % confidence; None: one of them is of nobody."""
    first, second = one.interval, other.interval
    if first is None or second is None:
        return None
    return first[1] < second[0] or second[1] < first[0]


def cells(each: Results) -> Mapping[str, str]:
    """Return a line of a table for programs: shares from 0 to 1."""
    line = {
        "group": each.group,
        "contacts": str(each.contacts),
        "called": str(each.called),
    }
    for name, share in (
        ("reached", each.reached),
        ("settled", each.settled),
        ("opted_out", each.opted_out),
    ):
        low, high = share.interval or (None, None)
        line[name] = str(share.part)
        line[f"{name}_rate"] = _rate(share.share)
        line[f"{name}_low"] = _rate(low)
        line[f"{name}_high"] = _rate(high)
    return line | {"talk_seconds": f"{each.talk_seconds:.1f}"}


def _rate(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _group(row: ResultRow, by: By) -> str:
    match by:
        case By.SCRIPT:
            return row.script
        case By.REGION:
            return row.region
        case By.PRODUCT_LINE:
            return row.product_line
        case By.MERCHANT:
            return row.merchant
        case By.HOUR:
            return "" if row.hour is None else f"{row.hour:02}"
        case By.PILOT:
            return "control" if row.disposition is Disposition.OUT_OF_SCOPE else "pilot"


def _results(name: str, rows: list[ResultRow]) -> Results:
    called = [row for row in rows if row.attempts]
    reached = [row for row in called if row.reached]
    settled = sum(row.outcome in GOOD and row.status is not ContactStatus.WAITING for row in called)
    opted_out = sum(row.outcome is Outcome.OPTED_OUT for row in reached)
    talk = sum(row.talk_seconds for row in reached)
    return Results(
        group=name,
        contacts=len(rows),
        called=len(called),
        reached=Share(len(reached), len(called)),
        settled=Share(settled, len(called)),
        opted_out=Share(opted_out, len(reached)),
        talk_seconds=talk / len(reached) if reached else 0.0,
    )
