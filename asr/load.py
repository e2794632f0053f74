"""How much a recogniser process has to do, and whether it keeps up."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

LATE_SECONDS = 0.3
"""A result that takes longer is heard as hesitation."""

GIVEN_UP_SECONDS = 5.0
"""Sound that has waited this long is not decoded any more: the answer would come too late."""

TELL_SECONDS = 10.0
"""At most one warning in this time."""


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    """What one recogniser process has done since it started."""

    legs: int = 0
    """Connected now."""
    utterances: int = 0
    """Results given."""
    late: int = 0
    """Of these, after more than LATE_SECONDS."""
    given_up: int = 0
    """Utterances whose sound had waited GIVEN_UP_SECONDS: their legs were told so."""
    refused: int = 0
    """Legs for which there was no place."""
    engines_made: int = 0
    engines_recycled: int = 0
    megabytes: float = 0.0
    """Resident memory of the process."""

    def json(self) -> bytes:
        """Return the form that is sent."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of_json(cls, text: bytes) -> ServiceLoad:
        """Return what `json` made."""
        return cls(**json.loads(text))


class LoadMeter:
    """Counts for a ServiceLoad; time is an argument, in seconds of any steady clock."""

    def __init__(self) -> None:
        self.utterances = self.late = self.given_up = self.refused = 0
        self._told_at = float("-inf")
        self._untold = 0

    def answered(self, waited_seconds: float, now: float) -> str:
        """Count a result; return a warning when there is one to give."""
        self.utterances += 1
        if waited_seconds <= LATE_SECONDS:
            return ""
        self.late += 1
        return self._warning(now)

    def gave_up(self, now: float) -> str:
        """Count an utterance that was not decoded; return a warning when there is one to give."""
        self.given_up += 1
        return self._warning(now)

    def _warning(self, now: float) -> str:
        self._untold += 1
        if now - self._told_at < TELL_SECONDS:
            return ""
        untold, self._told_at, self._untold = self._untold, now, 0
        return (
            f"recognition does not keep up: {untold} results late or given up. Raise "
            "recognition.processes or lower campaign.max_concurrent_calls."
        )
