"""Who ended a call, kept until it is settled and no longer."""

from __future__ import annotations

import pytest

from campaigns.call_ends import CallEnds
from campaigns.desk_news import CallEnd
from campaigns.order import CallReport
from dialer.leg import HangupCause


def _report(attempt: int, cause: HangupCause) -> CallReport:
    return CallReport(attempt, cause, 200, answered=True, ring_seconds=1.0, talk_seconds=2.0)


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        (HangupCause.THEY_HUNG_UP, CallEnd.CUSTOMER),
        (HangupCause.WE_HUNG_UP, CallEnd.US),
        (HangupCause.MEDIA_LOST, CallEnd.US),
    ],
)
def test_the_report_says_who_ended_a_call_and_is_asked_once(
    cause: HangupCause, end: CallEnd
) -> None:
    ends = CallEnds()
    ends.note(_report(1, cause))
    assert (ends.end_of(1), ends.end_of(1)) == (end, CallEnd.FAULT)


def test_a_call_that_somebody_else_settled_is_not_remembered_for_ever() -> None:
    ends = CallEnds()
    for attempt in (1, 2):
        ends.note(_report(attempt, HangupCause.THEY_HUNG_UP))
    ends.forget_all_but({2})
    assert len(ends) == 1
    assert ends.end_of(2) is CallEnd.CUSTOMER
