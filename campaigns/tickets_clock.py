"""The timers of a ticket: until when, on which clock, and when the next line learns of it.

First response and proposal are due in working time: minutes outside working hours don't count, so
that a ticket of the evening is answered in the morning. The resolution is due in hours of any
clock, since the customer waits at night, too. All days are working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from campaigns.calling_window import CallingWindow
from campaigns.tickets_matrix import SUPERVISOR, Responsibility
from store.types import TicketStatus as Status

PATIENCE = timedelta(minutes=60)
"""Working time that a line has before the next one is asked, when every timer has passed."""

_PROPOSES = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.DECLINED})


class Timer(StrEnum):
    """What a ticket is late with."""

    RESPONSE = "response"
    PROPOSAL = "proposal"
    RESOLUTION = "resolution"
    CALLBACK = "callback"
    """A person promised the customer to ring back."""
    TELLING = "telling"
    """It is resolved, and nobody could tell the customer."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when what must have happened."""

    respond_by: datetime
    propose_by: datetime
    resolve_by: datetime
    callback_by: datetime | None = None
    """When a person promised to ring back."""

    def running(self, status: Status) -> tuple[tuple[Timer, datetime], ...]:
        """Return those that run, passed or not, for a ticket in this status; the earliest first."""
        if status.is_settled:
            return ()
        timers = [(Timer.RESOLUTION, self.resolve_by)]
        if status in _PROPOSES:
            timers.append((Timer.PROPOSAL, self.propose_by))
        if status is Status.OPEN:
            timers.append((Timer.RESPONSE, self.respond_by))
        if self.callback_by is not None:
            timers.append((Timer.CALLBACK, self.callback_by))
        return tuple(sorted(timers, key=lambda timer: timer[1]))


def deadlines(
    row: Responsibility,
    now: datetime,
    hours: CallingWindow,
    callback_by: datetime | None = None,
    urgent: bool = False,
) -> Deadlines:
    """Return the time limits of a ticket that is opened now; an urgent one has half the time.

    A callback is due when it was promised, whatever the hours.
    """
    share = 2 if urgent else 1
    respond_by = work_on(now, timedelta(minutes=row.response_minutes) / share, hours)
    propose_by = work_on(now, timedelta(minutes=row.proposal_minutes) / share, hours)
    resolve_by = now + timedelta(hours=row.resolution_hours) / share
    return Deadlines(respond_by, propose_by, max(resolve_by, propose_by), callback_by)


def work_on(start: datetime, work: timedelta, hours: CallingWindow) -> datetime:
    """Return the moment at which so much working time has passed since `start`, in UTC."""
    moment = hours.next_opening(start)
    if hours.opens == hours.closes:
        return (start + work).astimezone(UTC)
    while True:
        closes = _closing(moment, hours)
        left = closes.timestamp() - moment.timestamp()
        if work.total_seconds() <= left:
            return datetime.fromtimestamp(moment.timestamp() + work.total_seconds(), UTC)
        work -= timedelta(seconds=left)
        moment = hours.next_opening(closes)


def escalates_at(
    limits: Deadlines,
    status: Status,
    level: int,
    now: datetime,
    hours: CallingWindow,
    asked: bool = False,
) -> datetime | None:
    """Return when the next line learns of the ticket unless something moves; None: never again.

    `asked`: the line that has it was asked just now, because a timer had passed.
    """
    running = limits.running(status)
    if not running or level >= SUPERVISOR:
        return None
    ahead = [moment for _, moment in running if moment > now]
    if asked or not ahead:
        ahead.append(work_on(now, PATIENCE, hours))
    return min(ahead)


def _closing(moment: datetime, hours: CallingWindow) -> datetime:
    """Return when the hours end that are open at `moment` (aware, in their zone)."""
    day = moment.date()
    closes = datetime.combine(day, hours.closes, hours.zone)
    if closes.timestamp() <= moment.timestamp():
        closes = datetime.combine(day + timedelta(days=1), hours.closes, hours.zone)
    return closes
