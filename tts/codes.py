"""The characters of a code as it is printed on a label, in any language."""

from __future__ import annotations

import re


def characters(code: str) -> str:
    """Return its letters and digits, without what only separates them."""
    return re.sub(r"[^0-9A-Za-z]", "", code)


def last_characters(code: str, length: int) -> str:
    """Return the last of its letters and digits; raises ValueError when there are none."""
    kept = characters(code)
    if not kept:
        raise ValueError(f"{code!r} has no letters or digits to read out")
    return kept[-length:]
