"""Wishes that recipients send back by SMS: no more messages, and no more calls."""

from __future__ import annotations

import unicodedata
from typing import Final

OPT_OUT: Final = frozenset(
    {"t", "td", "tt", "退订", "退订短信", "取消订阅", "不要再发", "拒收",
     "stop", "stopall", "unsubscribe", "cancel", "end", "quit"}
)  # fmt: skip
"""回T退订 is what Chinese SMS tell; the English ones are those of the CTIA's guidelines."""


def is_opt_out(text: str) -> bool:
    """Say whether an SMS asks for no more; only where it says nothing else."""
    folded = unicodedata.normalize("NFKC", text).strip().strip("。.!！ “”\"'").casefold()
    return folded in OPT_OUT
