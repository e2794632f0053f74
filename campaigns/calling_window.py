"""CallingWindow: may we ring now, and if not, when next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class CallingWindow:
    """The hours of a day in which people may be rung, on the wall clock of their zone.

    A window whose end is not after its begin runs past midnight (21:00-02:00); when both are the
    same, it is always open.
    """

    opens: time
    closes: time
    """The first moment at which nobody may be rung any more."""
    zone: ZoneInfo

    def is_open(self, now: datetime) -> bool:
        """Say whether a telephone may ring at `now` (aware)."""
        clock = now.astimezone(self.zone).time()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes

    def next_opening(self, now: datetime) -> datetime:
        """Return `now` when the window is open, otherwise the moment it opens next.

        The result is in the zone of the window. A day on which the clock jumps over the whole
        window has no opening.
        """
        if self.is_open(now):
            return now.astimezone(self.zone)
        today = now.astimezone(self.zone).date()
        moments = (
            moment
            for ahead in range(-1, 4)
            for moment in self._openings_of(
                datetime.combine(today + timedelta(days=ahead), self.opens)
            )
        )
        # Aware datetimes of one zone compare by wall clock; only UTC tells the earlier instant.
        return min(
            (moment for moment in moments if _utc(moment) > _utc(now)),
            key=_utc,
        )

    def _openings_of(self, wall: datetime) -> list[datetime]:
        """Return the instants at which the window opens at `wall`: none, one, or two in autumn."""
        early, late = (
            datetime.fromtimestamp(
                wall.replace(tzinfo=self.zone, fold=fold).timestamp(), tz=self.zone
            )
            for fold in (0, 1)
        )
        if early.replace(tzinfo=None, fold=0) != wall:
            # The clock jumps over `wall` in spring: the window opens as soon as the jump is done.
            moment = self._after_jump(closed=late, later=early)
            return [moment] if self.is_open(moment) else []
        return [early] if early == late and early.fold == late.fold else [early, late]

    def _after_jump(self, closed: datetime, later: datetime) -> datetime:
        """Return the first whole second between the two that has the later one's UTC offset."""
        before, after = int(closed.timestamp()), int(later.timestamp())
        while after - before > 1:
            middle = (before + after) // 2
            moment = datetime.fromtimestamp(middle, tz=self.zone)
            if moment.utcoffset() == later.utcoffset():
                after = middle
            else:
                before = middle
        return datetime.fromtimestamp(after, tz=self.zone)


def _utc(moment: datetime) -> float:
    return moment.timestamp()
