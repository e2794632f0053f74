"""A day and a part of it, said one after the other."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.meaning import Intent, Window
from ivr.nlu.understanding import understand
from ivr.windows import completed, reply_by

MORNING = datetime(2026, 3, 2, 9, 45, tzinfo=ZoneInfo("Asia/Shanghai"))


def heard(words: str) -> Window:
    asked = (Intent.TELL, Intent.RESCHEDULE)
    window = understand(words, 0.9, asked, MORNING).slots["window"]
    assert isinstance(window, Window)
    return window


def test_a_part_of_the_day_that_is_half_over_is_whole_on_another_day() -> None:
    whole = completed(heard("后天"), heard("上午"))
    morning = MORNING.replace(day=4, hour=9, minute=0)
    assert whole == Window(morning, morning.replace(hour=12))


def test_of_a_part_of_today_only_the_rest_is_meant() -> None:
    rest = completed(heard("今天"), heard("上午"))
    assert rest.start == MORNING


@pytest.mark.parametrize(
    ("asked_at", "minutes", "promised"),
    [
        ("2026-03-02 09:50", 30, "2026-03-02 10:30"),
        ("2026-03-02 09:45", 120, "2026-03-02 11:45"),
        ("2026-03-02 20:30", 120, "2026-03-03 09:30"),
        ("2026-03-02 22:00", 30, "2026-03-03 08:30"),
        ("2026-03-02 06:00", 30, "2026-03-02 08:30"),
    ],
)
def test_a_person_calls_back_within_the_hours_of_service(
    asked_at: str, minutes: int, promised: str
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    now, due = (datetime.fromisoformat(each).replace(tzinfo=zone) for each in (asked_at, promised))
    begins, ends = now.replace(hour=8, minute=0).time(), now.replace(hour=21, minute=0).time()
    assert reply_by(now, minutes, begins, ends) == due
