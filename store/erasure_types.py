"""What files of a person who was forgotten are still to go."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

DATA_EXPIRED: Final = "data_expired"
"""What the audit trail calls a night in which old data was erased."""


class ErasureKind(StrEnum):
    """Whose files."""

    CALL = "call"
    """The recording and the transcript of an attempt; its evidence stays."""
    EVIDENCE = "evidence"
    """All of an attempt."""
    MANIFEST = "manifest"
    """Copies of a manifest in which somebody still stands."""
