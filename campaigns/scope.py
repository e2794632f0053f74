"""Scope: for whom of a campaign the pilot is; all others are left to whoever did it before.

Whom a share takes in is drawn by the number, salted by the campaign: always the same people, two
campaigns draw other ones, and a larger share keeps everybody whom a smaller one took in.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from campaigns.verdict import Law
from store.candidates import Candidate, Never, Verdict
from store.types import Disposition, Outcome


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a campaign calls; whoever fits all three."""

    regions: tuple[str, ...] = ()
    """None: all."""
    product_lines: tuple[str, ...] = ()
    share: float = 1.0
    """Of those who fit otherwise, from 0 to 1."""

    @property
    def is_everybody(self) -> bool:
        """Nobody is left out."""
        return not self.regions and not self.product_lines and self.share >= 1

    def takes_in(self, campaign_id: int, phone: str, region: str, product_line: str) -> bool:
        """Say whether somebody is called, rather than kept to compare with."""
        return (
            _among(region, self.regions)
            and _among(product_line, self.product_lines)
            and (self.share >= 1 or lot(f"scope {campaign_id}", phone) < self.share)
        )


def lot(salt: str, phone: str) -> float:
    """Draw a number from 0 up to 1: at random among people, always the same for one of them."""
    digest = hashlib.sha256(f"{salt} {phone}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56


def within(scope: Scope) -> Law:
    """Return the law that a pilot calls nobody else."""

    def law(candidate: Candidate, now: datetime) -> Verdict | None:
        if scope.is_everybody or scope.takes_in(
            candidate.campaign_id, candidate.phone, candidate.region, candidate.product_line
        ):
            return None
        return Never(Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED)

    return law


def _among(word: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or _plain(word) in map(_plain, wanted)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()
