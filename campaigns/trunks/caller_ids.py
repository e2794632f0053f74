"""Which number a recipient sees; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Self


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CallerIdRule:
    """What a campaign shows its recipients."""

    numbers: tuple[str, ...] = ()
    """One: everybody sees it. Several: each recipient always the same of them. None: whatever the
    trunk shows."""
    by_prefix: Mapping[str, str] = field(default_factory=_nothing)
    """By the first digits of the number that is called, with its plus; the longest wins."""
    by_region: Mapping[str, str] = field(default_factory=_nothing)
    """By the region that the manifest names, where no prefix fits."""

    def in_region(self, region: str) -> Self:
        """Return what people of a region are shown."""
        wanted = _plain(region)
        for name, number in self.by_region.items():
            if wanted and _plain(name) == wanted:
                return replace(self, numbers=(number,))
        return self


def wanted_caller_ids(rule: CallerIdRule, phone: str) -> tuple[str, ...]:
    """Return what `phone` may be shown, the best first; none: whatever the trunk shows.

    A recipient sees the same number each time, so that they know it again.
    """
    local = [prefix for prefix in rule.by_prefix if phone.startswith(prefix)]
    if local:
        return (rule.by_prefix[max(local, key=len)],)
    return tuple(sorted(rule.numbers, key=lambda number: _lot(phone, number)))


def caller_id_on(wanted: Collection[str], own: str, allowed: Collection[str]) -> str | None:
    """Return what to show over a trunk; None: it may show nothing of what is wanted.

    `own` is what the trunk shows by itself, `allowed` what its provider lets us show besides.
    """
    if not wanted:
        return own
    return next((number for number in wanted if number == own or number in allowed), None)


def _lot(phone: str, number: str) -> bytes:
    # Rendezvous hashing: a number that comes or goes changes what a few recipients see.
    return blake2b(f"{phone} {number}".encode(), digest_size=8).digest()


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()
