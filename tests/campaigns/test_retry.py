"""Who is called again, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.calling_window import CallingWindow
from campaigns.retry import AttemptEnd, CallHistory, RetryDecision, RetryReason, decide
from campaigns.retry_reader import load_table, read_table, shipped_names, with_changes
from campaigns.retry_table import NEVER_DIALLED, Consequence, RetryTable
from store.types import Disposition, Outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
DAYTIME = CallingWindow(time(9), time(20, 30), SHANGHAI)
DELIVERY = load_table("delivery")
FIRST = CallHistory(not_reached=1)


def at(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def ended(
    disposition: Disposition,
    outcome: Outcome = Outcome.NOT_REACHED,
    when: datetime | None = None,
    again: datetime | None = None,
) -> AttemptEnd:
    return AttemptEnd(disposition, outcome, when or at(12, 30), again)


def after(
    end: AttemptEnd,
    history: CallHistory = FIRST,
    table: RetryTable = DELIVERY,
    useful_until: datetime | None = None,
) -> RetryDecision:
    return decide(end, history, table, DAYTIME, useful_until)


BUSY = ended(Disposition.BUSY)
HUNG_UP = ended(Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED)
OFF = ended(Disposition.SWITCHED_OFF)


@pytest.mark.parametrize(
    ("end", "retry_at", "reason"),
    [
        (BUSY, at(12, 40), RetryReason.NOT_REACHED),
        (ended(Disposition.IN_A_CALL), at(12, 40), RetryReason.NOT_REACHED),
        (ended(Disposition.NO_ANSWER), at(18), RetryReason.NOT_REACHED),
        (ended(Disposition.OUT_OF_REACH), at(18), RetryReason.NOT_REACHED),
        (ended(Disposition.DECLINED), at(18), RetryReason.NOT_REACHED),
        (OFF, at(15, 30), RetryReason.NOT_REACHED),
        (ended(Disposition.INVALID_NUMBER), None, RetryReason.FINAL),
        (ended(Disposition.SUSPENDED), None, RetryReason.FINAL),
        (ended(Disposition.RESTRICTED), None, RetryReason.FINAL),
        (ended(Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT), None, RetryReason.SETTLED),
        (ended(Disposition.TRUNK_FAILURE), at(12, 32), RetryReason.TRUNK_FAILED),
        (HUNG_UP, at(12, 45), RetryReason.UNFINISHED),
        (
            ended(Disposition.COMPLETED, Outcome.UNFINISHED),
            at(12, 45),
            RetryReason.UNFINISHED,
        ),
        (ended(Disposition.ABANDONED, Outcome.NOT_REACHED), at(18), RetryReason.UNFINISHED),
        (ended(Disposition.COMPLETED, Outcome.CONFIRMED), None, RetryReason.SETTLED),
        (ended(Disposition.COMPLETED, Outcome.OPTED_OUT), None, RetryReason.SETTLED),
        (ended(Disposition.COMPLETED, Outcome.MESSAGE_LEFT), None, RetryReason.SETTLED),
        (ended(Disposition.INTERRUPTED, Outcome.UNKNOWN), None, RetryReason.FATE_UNKNOWN),
    ],
)
def test_the_end_of_a_call_decides(
    end: AttemptEnd, retry_at: datetime | None, reason: RetryReason
) -> None:
    decision = after(end)
    assert (decision.retry_at, decision.reason) == (retry_at, reason)


def test_each_time_we_wait_longer_and_the_last_wait_stays() -> None:
    waits = [after(BUSY, CallHistory(not_reached=1, same=times)).retry_at for times in range(4)]
    assert waits == [at(12, 40), at(13), at(13, 30), at(13, 30)]


def test_whoever_never_answers_is_tried_in_every_part_of_the_day() -> None:
    moment, hours = at(10), []
    for _ in range(3):
        found = after(ended(Disposition.NO_ANSWER, when=moment)).retry_at
        assert found is not None
        moment = found
        hours.append(moment.hour)
    assert hours == [12, 18, 9]


def test_a_part_of_the_day_that_begins_at_once_is_not_begun_at_once() -> None:
    # A minute to six is no other part of the day than six.
    assert after(ended(Disposition.NO_ANSWER, when=at(17, 59))).retry_at == at(18, 59)


@pytest.mark.parametrize(
    ("when", "retry_at"),
    [
        (at(14), at(17)),
        (at(18, 10), at(20, 10)),
        (at(19, 20), at(20, 20)),
        (at(19, 45), at(9, day=23)),
    ],
)
def test_a_telephone_that_is_off_is_tried_later_today_while_there_is_room(
    when: datetime, retry_at: datetime
) -> None:
    assert after(ended(Disposition.SWITCHED_OFF, when=when)).retry_at == retry_at


def test_when_the_usual_moment_is_too_late_we_call_sooner() -> None:
    end = ended(Disposition.NO_ANSWER)
    assert after(end, useful_until=at(18)).retry_at == at(13, 15)
    assert after(end, useful_until=at(18, 1)).retry_at == at(18)
    late = after(end, useful_until=at(13, 15))
    assert (late.retry_at, late.reason) == (None, RetryReason.TOO_LATE)


def test_hung_up_midway_once_more_with_the_short_script() -> None:
    once = after(HUNG_UP, CallHistory(reached=1))
    assert once.then == (Consequence.SHORT_SCRIPT,)
    twice = after(HUNG_UP, CallHistory(reached=2))
    assert twice == RetryDecision(None, RetryReason.ENOUGH_UNFINISHED)


def test_a_vacant_number_goes_to_the_merchant_and_a_voicemail_is_followed_by_a_message() -> None:
    vacant = after(ended(Disposition.INVALID_NUMBER))
    assert vacant.then == (Consequence.MERCHANT_TICKET,)
    wrong = after(ended(Disposition.COMPLETED, Outcome.WRONG_NUMBER))
    assert wrong.then == (Consequence.MERCHANT_TICKET,)
    voicemail = after(ended(Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT))
    assert voicemail.then == (Consequence.MESSAGE,)


def test_whoever_was_abandoned_is_called_again_with_an_agent_or_not_at_all() -> None:
    decision = after(ended(Disposition.ABANDONED), CallHistory(reached=1))
    assert (decision.retry_at, decision.then) == (at(18), (Consequence.AGENT_READY,))
    assert after(ended(Disposition.ABANDONED), CallHistory(reached=2)).retry_at is None


def test_an_interrupted_attempt_is_never_redialled_even_when_time_and_tries_are_left() -> None:
    end = ended(Disposition.INTERRUPTED, Outcome.UNKNOWN, again=at(15))
    assert after(end, CallHistory()).retry_at is None


def test_the_last_attempt_is_the_last() -> None:
    enough = after(BUSY, CallHistory(not_reached=3))
    assert enough == RetryDecision(None, RetryReason.ENOUGH_ATTEMPTS)


def test_calls_that_reached_nobody_do_not_run_down_the_clock_of_the_unfinished() -> None:
    assert after(HUNG_UP, CallHistory(not_reached=1, reached=1)).retry_at == at(12, 45)


def test_trunk_failures_do_not_count_as_attempts() -> None:
    history = CallHistory.of([Disposition.TRUNK_FAILURE] * 9 + [Disposition.BUSY])
    assert history.attempts == 1
    assert after(BUSY, history).retry_at == at(12, 40)


def test_a_number_that_the_trunk_fails_on_again_and_again_is_given_up() -> None:
    end = ended(Disposition.TRUNK_FAILURE)
    decision = after(end, CallHistory(trunk_failures=5))
    assert decision == RetryDecision(None, RetryReason.ENOUGH_TRUNK_FAILURES)


def test_history_ignores_what_was_never_dialled() -> None:
    history = CallHistory.of(
        [Disposition.BUSY, *NEVER_DIALLED, Disposition.HUNG_UP_MIDWAY, Disposition.TRUNK_FAILURE]
    )
    assert history == CallHistory(not_reached=1, reached=1, trunk_failures=1)
    assert CallHistory.of([Disposition.BUSY, Disposition.NO_ANSWER, Disposition.BUSY]).same == 1
    assert CallHistory.of([]) == CallHistory()


def test_a_retry_after_hours_waits_for_the_morning() -> None:
    assert after(ended(Disposition.BUSY, when=at(20, 25))).retry_at == at(9, day=23)


def test_a_retry_that_would_come_too_late_is_not_made() -> None:
    late = after(BUSY, useful_until=at(12, 40))
    assert late == RetryDecision(None, RetryReason.TOO_LATE)
    assert after(BUSY, useful_until=at(12, 41)).retry_at == at(12, 40)


def asked(moment: datetime, outcome: Outcome = Outcome.UNFINISHED) -> AttemptEnd:
    return ended(Disposition.COMPLETED, outcome, again=moment)


def test_call_me_at_eight_is_kept_to_the_minute() -> None:
    assert after(asked(at(20))) == RetryDecision(at(20), RetryReason.ASKED_FOR)
    promised = after(asked(at(20), Outcome.CALLBACK_PROMISED))
    assert promised == RetryDecision(at(20), RetryReason.ASKED_FOR)


def test_a_callback_without_a_time_is_left_to_whoever_promised_it() -> None:
    promised = after(ended(Disposition.COMPLETED, Outcome.CALLBACK_PROMISED))
    assert promised == RetryDecision(None, RetryReason.SETTLED)


def test_a_wish_outside_the_window_is_moved_to_its_opening() -> None:
    assert after(asked(at(22))).retry_at == at(9, day=23)


def test_a_wish_for_the_past_is_granted_now() -> None:
    assert after(asked(at(11))).retry_at == at(12, 30)


def test_a_wish_that_comes_too_late_for_the_parcel_is_told_as_such() -> None:
    late = decide(asked(at(18)), FIRST, DELIVERY, DAYTIME, at(18))
    assert (late.retry_at, late.reason) == (None, RetryReason.TOO_LATE)


def test_a_wish_is_kept_when_we_have_called_enough_but_not_for_ever() -> None:
    tired = CallHistory(not_reached=2, reached=1, asked_for=1)
    assert after(asked(at(20)), tired).retry_at == at(20)
    third = CallHistory(not_reached=2, reached=3, asked_for=3)
    assert after(asked(at(20)), third).reason is RetryReason.ENOUGH_ATTEMPTS


def test_a_wish_in_the_hour_that_comes_twice_is_never_granted_an_hour_early() -> None:
    nights = CallingWindow(time(0), time(0), NEW_YORK)
    early = datetime(2026, 11, 1, 1, 50, tzinfo=NEW_YORK)
    late = datetime(2026, 11, 1, 1, 10, tzinfo=NEW_YORK, fold=1)
    end = AttemptEnd(Disposition.COMPLETED, Outcome.UNFINISHED, early, late)
    found = decide(end, FIRST, DELIVERY, nights, None).retry_at
    assert found is not None
    assert found.timestamp() == late.timestamp()


def test_the_parts_of_a_day_are_those_of_the_recipient_across_a_change_of_the_clock() -> None:
    window = CallingWindow(time(9), time(20, 30), NEW_YORK)
    evening = datetime(2026, 3, 7, 19, tzinfo=NEW_YORK)
    end = ended(Disposition.NO_ANSWER, when=evening.astimezone(UTC))
    assert decide(end, FIRST, DELIVERY, window, None).retry_at == datetime(
        2026, 3, 8, 9, tzinfo=NEW_YORK
    )


def test_a_window_that_never_opens_again_ends_the_contact() -> None:
    class Closed:
        zone = SHANGHAI

        def next_opening(self, now: datetime) -> datetime | None:
            del now
            return None

    for end in (BUSY, OFF, ended(Disposition.NO_ANSWER), asked(at(20))):
        assert decide(end, FIRST, DELIVERY, Closed(), None).reason is RetryReason.TOO_LATE


def test_without_rules_everybody_is_called_once() -> None:
    assert after(BUSY, table=RetryTable("none", MappingProxyType({}))).retry_at is None


def test_a_campaign_may_call_a_voicemail_again() -> None:
    table = with_changes(DELIVERY, {"voicemail": {"minutes": 120}}, {"max_attempts": 5})
    end = ended(Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT)
    assert after(end, table=table).retry_at == at(14, 30)
    assert after(BUSY, CallHistory(not_reached=4), table).retry_at is not None


DIALLED = sorted(set(Disposition) - NEVER_DIALLED)
TABLES = {name: load_table(name) for name in shipped_names()}
moments = st.builds(
    lambda minutes, zone: (at(0) + timedelta(minutes=minutes)).astimezone(zone),
    st.integers(-400_000, 200_000),
    st.sampled_from([SHANGHAI, NEW_YORK]),
)
hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(TABLES)),
    st.sampled_from(DIALLED),
    st.sampled_from(sorted(Outcome)),
    moments,
    st.one_of(st.none(), st.integers(-600, 6000)),
    st.one_of(st.none(), st.integers(0, 6000)),
    hours,
    hours,
    st.lists(st.sampled_from(DIALLED), max_size=9),
)
def test_nobody_is_ever_called_outside_the_window_before_the_asked_time_or_too_late(
    name: str,
    disposition: Disposition,
    outcome: Outcome,
    when: datetime,
    asks: int | None,
    useful: int | None,
    opens: time,
    closes: time,
    before: list[Disposition],
) -> None:
    zone = when.tzinfo
    assert isinstance(zone, ZoneInfo)
    window = CallingWindow(opens, closes, zone)
    asked_at = None if asks is None else when.astimezone(UTC) + timedelta(minutes=asks)
    useful_until = None if useful is None else when.astimezone(UTC) + timedelta(minutes=useful)
    history = CallHistory.of([*before, disposition], asked_for=asked_at is not None)
    end = AttemptEnd(disposition, outcome, when, asked_at)
    found = decide(end, history, TABLES[name], window, useful_until).retry_at
    if found is None:
        return
    assert window.is_open(found)
    assert found.timestamp() >= when.timestamp()
    assert asked_at is None or found.timestamp() >= asked_at.timestamp()
    assert useful_until is None or found.timestamp() < useful_until.timestamp()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_nobody_is_ever_called_without_end(name: str, data: st.DataObject) -> None:
    table, limits = TABLES[name], TABLES[name].limits
    ends: list[Disposition] = []
    asked_for = 0
    now = at(10)
    most = limits.max_attempts + limits.max_asked_for + limits.max_trunk_failures + 1
    while True:
        disposition = data.draw(st.sampled_from(DIALLED))
        again = data.draw(st.sampled_from([None, at(20)]))
        asked_for += again is not None
        ends.append(disposition)
        end = AttemptEnd(disposition, Outcome.UNFINISHED, now, again)
        if decide(end, CallHistory.of(ends, asked_for), table, DAYTIME, None).retry_at is None:
            break
        assert len(ends) <= most


def test_a_table_of_ones_own_is_read_like_those_that_ship() -> None:
    changed = replace(DELIVERY, name="mine")
    assert (
        read_table(
            "\n".join(
                [
                    "table: mine",
                    "title: {zh: 我的, en: Mine}",
                    "rules:",
                    *(f"  {each.value}: never" for each in DIALLED if each.value != "interrupted"),
                ]
            ),
            "mine.yaml",
        ).limits
        == changed.limits
    )
