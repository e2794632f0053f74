"""Laws about whom nobody calls: the do-not-call lists, of all and of one merchant, and those who
wait for us to make good.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from campaigns.verdict import Held, Law
from store.candidates import Candidate, Never, Verdict, Wait
from store.types import Disposition, Outcome

TAKEN_APART_WITHIN: Final = timedelta(seconds=5)
"""So long a contact waits of whose parcels some became unwanted: they are taken out of it."""


def suppressed(candidate: Candidate, now: datetime) -> Verdict | None:
    """Object when the number is on the list of all, or of the merchants whose parcels they are."""
    if not candidate.suppressed_for:
        return None
    unwanted = [each.merchant in candidate.suppressed_for for each in candidate.parcels]
    if "" in candidate.suppressed_for or (unwanted and all(unwanted)):
        return Never(Disposition.SUPPRESSED, Outcome.SUPPRESSED)
    if any(unwanted):
        return Wait(now + TAKEN_APART_WITHIN, Held.MERCHANT)
    return None


def sparing(flows: Collection[str]) -> Law:
    """Return the law that conversations of these flows leave alone who has an unsettled ticket."""
    spared = frozenset(flows)

    def law(candidate: Candidate, now: datetime) -> Verdict | None:
        if candidate.has_trouble and candidate.flow in spared:
            return Never(Disposition.OPEN_TICKET, Outcome.SUPPRESSED)
        return None

    return law
