"""Unheard: nothing comes from whoever has the call, though his device is connected; pure.

                 told            company               gone
    has the call  ├────────────────┼──────────────────────┤
    never heard   4 s              4 s                    20 s more
    heard before  45 s             75 s                   90 s more

A muted microphone is told to its owner, and the customer is kept company while he waits. Whoever
looks something up is silent for half a minute; the customer who talks is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many seconds without a sound something is done about it."""

    told: float
    company: float
    gone: float
    """Of company."""
    customer: float
    """So long the customer must have said nothing: who listens to him is rightly silent."""


AT_FIRST = Patience(told=4.0, company=4.0, gone=20.0, customer=2.0)
"""Nothing of him was heard since he has the call."""
LATER = Patience(told=45.0, company=75.0, gone=90.0, customer=5.0)


class Silence(StrEnum):
    """What is to be done about it."""

    BEARABLE = "bearable"
    KEEP_COMPANY = "keep_company"
    GONE = "gone"
    """He is taken to be gone, as if his device were."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """What was done about it; times are seconds of call audio."""

    is_told: bool = False
    """He was told that nobody hears him."""
    company_since: float | None = None

    def after(self, now: float, heard: float | None, began: float, customer: float) -> Unheard:
        """Return what is to be done now.

        `heard`: when he was last audible; None: never since he `began` to have the call.
        `customer`: when the customer last spoke.
        """
        patience = AT_FIRST if heard is None else LATER
        silent = now - max(began, heard or 0.0)
        if silent < patience.told:
            return Unheard()
        if now - customer < patience.customer:
            return self
        since = self.company_since
        if since is None and silent >= patience.company:
            since = now
        return replace(self, is_told=True, company_since=since)

    def silence(self, now: float, heard: float | None) -> Silence:
        """Answer what the customer should get."""
        if self.company_since is None:
            return Silence.BEARABLE
        patience = AT_FIRST if heard is None else LATER
        gone = now - self.company_since >= patience.gone
        return Silence.GONE if gone else Silence.KEEP_COMPANY
