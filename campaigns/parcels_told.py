"""Several parcels as one call tells of them: together, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from store.values import DeliveryFacts

_NAMED = 3
"""More things than these nobody remembers; a call says how many pieces there are."""


def told(parcels: Sequence[DeliveryFacts], language: str) -> DeliveryFacts:
    """Return what a call says of its parcels: the first one, and what the others add.

    What is to be paid is added up, as are the pieces; a merchant is named when all are of the same
    one, and what is in them while they are few.
    """
    first = parcels[0]
    if len(parcels) == 1:
        return first
    merchants = {each.merchant for each in parcels}
    items = list(dict.fromkeys(each.item for each in parcels if each.item))
    whole = all(each.item for each in parcels) and len(items) <= _NAMED
    pieces = sum(int(each.facts.get("pieces") or 1) for each in parcels)
    return replace(
        first,
        item=("、" if language.startswith("zh") else ", ").join(items) if whole else "",
        merchant=first.merchant if len(merchants) == 1 else "",
        cod_fen=sum(each.cod_fen for each in parcels),
        facts={**first.facts, "pieces": str(pieces)},
    )
