"""Circuit: leaves a target alone that fails again and again, and lets only so much through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.messages.fates import Again, Fate


@dataclass(frozen=True, slots=True)
class CircuitRules:
    """When a target is left alone, and how much it takes."""

    failures: int
    """So many in a row open the circuit."""
    rest: timedelta
    per_second: float


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a target has behaved; each change returns a new one."""

    failures: int = 0
    open_until: datetime | None = None
    allowance: float = 1.0
    """Messages that may go now, a fraction of one among them."""
    counted_at: datetime | None = None

    def may_send(self, rules: CircuitRules, now: datetime) -> int:
        """Return how many messages may go now; 1 where the target is being tried out."""
        if self.open_until is not None and now < self.open_until:
            return 0
        free = int(self._filled(rules, now).allowance)
        return min(free, 1) if self.open_until is not None else free

    def spent(self, rules: CircuitRules, messages: int, now: datetime) -> Circuit:
        """Count messages that were claimed for the target."""
        filled = self._filled(rules, now)
        return replace(filled, allowance=filled.allowance - messages)

    def after(self, fate: Fate, rules: CircuitRules, now: datetime) -> Circuit:
        """Count what came of a message; only what a target failed to take speaks against it."""
        if not isinstance(fate, Again) or fate.is_ours:
            return replace(self, failures=0, open_until=None)
        failures = self.failures + 1
        asked = now + fate.after if fate.after is not None else now
        if failures < rules.failures and fate.after is None:
            return replace(self, failures=failures)
        rests = asked if failures < rules.failures else max(asked, now + rules.rest)
        return replace(self, failures=failures, open_until=rests)

    def _filled(self, rules: CircuitRules, now: datetime) -> Circuit:
        most = max(1.0, rules.per_second)
        if self.counted_at is None:
            return replace(self, allowance=most, counted_at=now)
        passed = max(0.0, (now - self.counted_at).total_seconds())
        allowance = min(most, self.allowance + passed * rules.per_second)
        return replace(self, allowance=allowance, counted_at=now)
