"""AgentsNow: what the people at the desk do at one moment, as far as pacing has to know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentsNow:
    """The agents whom a campaign may count on."""

    free: int = 0
    """Ready, and nobody who already waits for an agent will take them."""
    talking: tuple[float, ...] = ()
    """Seconds that each of those has talked who talk."""
    writing: tuple[float, ...] = ()
    """Seconds that each of those has been at it who write down what came of a call."""
    asking: int = 0
    """Those who ask for a call by hand (preview) and have none yet."""

    @property
    def present(self) -> int:
        """Those who work."""
        return self.free + len(self.talking) + len(self.writing)


@dataclass(frozen=True, slots=True)
class CallsNow:
    """The calls of a campaign that nobody has taken yet."""

    ringing: tuple[float, ...] = ()
    """Seconds since each of those was placed that nobody has answered yet."""
    answered: int = 0
    """Calls in which it is still being found out whether a person is there, or for which an agent
    is being fetched."""

    @property
    def in_flight(self) -> int:
        """Calls that may still need an agent."""
        return len(self.ringing) + self.answered
