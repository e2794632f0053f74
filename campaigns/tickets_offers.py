"""What a call may offer for a problem: the facts of a parcel, held to the responsibility matrix."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from campaigns.tickets_matrix import Matrix

_MAY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "may_redeliver": frozenset({"redeliver", "send_missing"}),
        "may_replace": frozenset({"replace"}),
        "may_refund": frozenset({"refund"}),
    }
)
"""Facts of `ivr/facts.yaml` that let a conversation make a proposal."""


def facts_within(matrix: Matrix, facts: Mapping[str, str], cod_fen: int = 0) -> Mapping[str, str]:
    """Return the facts of a parcel with the offers that the matrix allows for its `problem`.

    What dispatch wrote may be less than the matrix allows, never more; what it didn't write is
    what the matrix allows. Without a problem the facts stay as they are.
    """
    if "problem" not in facts:
        return facts
    kind, cause = matrix.taxonomy.sort(facts["problem"])
    value_fen = fen_in(facts.get("value", "")) or cod_fen
    allowed = {
        offer.proposal: offer.up_to_fen for offer in matrix.proposals_for(kind, cause, value_fen)
    }
    held = dict(facts)
    for name, proposals in _MAY.items():
        may = bool(proposals & allowed.keys()) and facts.get(name, "true") == "true"
        held[name] = "true" if may else "false"
    most = allowed.get("compensate", 0)
    sum_fen = min(fen_in(facts["compensation"]), most) if "compensation" in facts else most
    held.pop("compensation", None)
    if sum_fen:
        held["compensation"] = f"{sum_fen / 100:.2f}"
    return MappingProxyType(held)


def fen_in(yuan: str) -> int:
    """Return a fact of money in fen; 0 for what is none."""
    try:
        return round(float(yuan.strip().removeprefix("¥")) * 100)
    except ValueError:
        return 0
