"""Calls over several trunks, one of which fails; time is an argument, and nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.order import CallReport
from campaigns.settings import Settings
from campaigns.settings_sections import TrunkSettings
from campaigns.settings_trunks import BreakerSettings
from campaigns.trunk_watch import TrunkWatch
from campaigns.trunks.choice import Barred, CampaignTrunks
from campaigns.trunks.ends import TrunkEnd, explained, trunk_end
from campaigns.trunks.opening import open_trunks
from campaigns.trunks.trunks import Trunks
from campaigns.trunks.watching import TrunkWatcher
from dialer.leg import HangupCause
from dialer.ping import NoPongError, Pong
from dialer.registration import RegistrationNews
from store.types import Disposition

NOON = datetime.now(UTC)
PHONE = "+8613800138000"
ANY = CampaignTrunks()


@pytest.fixture
def trunks() -> Trunks:
    """Two trunks that are never asked whether they are there; main comes first."""
    return opened(ping=0)


def opened(ping: float, **main: object) -> Trunks:
    both = {
        "main": TrunkSettings(host="127.0.0.1", options_ping_seconds=ping, **main),
        "spare": TrunkSettings(host="127.0.0.2", options_ping_seconds=ping, priority=-1),
    }
    settings = Settings(
        trunk=both["main"], trunks={"spare": both["spare"]}, breaker=BreakerSettings(failures=2)
    )
    return asyncio.run(open_trunks(settings))


def report(attempt: int, cause: HangupCause, status: int, *, answered: bool = False) -> CallReport:
    return CallReport(attempt, cause, status, answered, 0.0, 0.0)


def call(trunks: Trunks, contact: int, now: datetime = NOON) -> str:
    """Place a call to a contact, whose number is the attempt's, too; return its trunk."""
    route = trunks.pick(contact, PHONE, ANY, now)
    assert not isinstance(route, Barred), route
    trunks.placed(contact, route, contact, PHONE, ANY)
    return route.trunk


@pytest.mark.parametrize(
    ("cause", "status", "rang", "end"),
    [
        (HangupCause.BUSY, 486, False, TrunkEnd.CARRIED),
        (HangupCause.CONGESTION, 503, False, TrunkEnd.REFUSED),
        (HangupCause.CONGESTION, 503, True, TrunkEnd.CARRIED),
        (HangupCause.FORBIDDEN, 403, False, TrunkEnd.REFUSED),
        (HangupCause.TRUNK_UNREACHABLE, 503, False, TrunkEnd.REFUSED),
        (HangupCause.UNANSWERED_INVITE, 408, False, TrunkEnd.SILENT),
        (HangupCause.UNANSWERED_INVITE, 503, True, TrunkEnd.SILENT),
        (HangupCause.FAILED, 0, False, TrunkEnd.UNSAID),
        (HangupCause.FAILED, 420, False, TrunkEnd.REFUSED),
        (HangupCause.CANCELLED, 487, False, TrunkEnd.UNSAID),
    ],
)
def test_what_an_end_says_of_the_trunk(
    cause: HangupCause, status: int, rang: bool, end: TrunkEnd
) -> None:
    assert trunk_end(cause, status, rang=rang) is end
    assert trunk_end(cause, status, answered=True) is TrunkEnd.CARRIED


def test_a_refused_call_goes_over_the_other_trunk_at_once_and_once_only(trunks: Trunks) -> None:
    assert call(trunks, 1) == "main"
    verdict = trunks.ended(1, report(1, HangupCause.CONGESTION, 503), NOON)
    assert verdict.at_once
    assert call(trunks, 1) == "spare"
    assert not trunks.ended(1, report(1, HangupCause.CONGESTION, 503), NOON).at_once


def test_an_invite_of_unknown_fate_is_tried_over_no_other_trunk(trunks: Trunks) -> None:
    call(trunks, 1)
    verdict = trunks.ended(1, report(1, HangupCause.UNANSWERED_INVITE, 408), NOON)
    assert (verdict.at_once, verdict.opened) == (False, True)
    assert call(trunks, 2) == "spare"


def test_a_trunk_that_refuses_too_often_rests_and_one_call_tries_it_again(trunks: Trunks) -> None:
    for contact in (1, 2):
        assert call(trunks, contact) == "main"
        verdict = trunks.ended(contact, report(contact, HangupCause.FORBIDDEN, 403), NOON)
    assert verdict.opened
    main, _ = trunks.all
    assert "forbids our calls" in main.fault(NOON)
    assert call(trunks, 3) == "spare"
    later = NOON + timedelta(seconds=10)
    assert [call(trunks, 4, later), call(trunks, 5, later)] == ["main", "spare"]
    trunks.ended(4, report(4, HangupCause.NO_ANSWER, 487), later)
    assert call(trunks, 6, later) == "main"
    assert main.fault(later) == ""


def test_a_wrong_password_is_told_with_what_to_do() -> None:
    assert "user, realm and password" in explained(HangupCause.FORBIDDEN, 401)


def test_channels_and_calls_per_second_are_kept(trunks: Trunks) -> None:
    assert trunks.room(NOON) == 10
    placed = [call(trunks, contact) for contact in range(10)]
    assert placed == ["main"] * 5 + ["spare"] * 5
    assert trunks.room(NOON) == 0
    assert trunks.pick(11, PHONE, ANY, NOON) is Barred.FOR_NOW
    assert trunks.room(NOON + timedelta(seconds=0.4)) == 4
    narrow = opened(ping=0, max_channels=1)
    assert [call(narrow, 1), call(narrow, 2)] == ["main", "spare"]
    narrow.ended(1, report(1, HangupCause.THEY_HUNG_UP, 200, answered=True), NOON)
    assert call(narrow, 3) == "main"


def test_a_trunk_that_wants_us_registered_carries_calls_only_while_we_are() -> None:
    trunks = opened(ping=0, registers=True, user="menling")
    assert call(trunks, 1) == "spare"
    trunks.registered(RegistrationNews("main", True, 200, "OK", 60), NOON)
    assert call(trunks, 2) == "main"
    assert call(trunks, 3, NOON + timedelta(seconds=60)) == "spare"
    trunks.registered(RegistrationNews("main", False, 403, "Forbidden"), NOON)
    assert call(trunks, 4) == "spare"
    assert "SIP 403 Forbidden" in trunks.all[0].fault(NOON)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def watched(trunks: Trunks, is_there: Callable[[str], bool], clock: Clock, looks: int) -> list[str]:
    """Let the trunks be looked at so often, half a second apart; return what was told."""

    async def ask(target: object) -> Pong:
        host = str(getattr(target, "host", ""))
        if is_there(host):
            return Pong(200, "OK")
        raise NoPongError(f"{host} refused")

    async def look() -> list[str]:
        watcher = TrunkWatcher(trunks, None, "ours", ask)
        told: list[str] = []
        for _ in range(looks):
            told += await watcher.watch(clock)
            await asyncio.sleep(0)
            clock.now += timedelta(seconds=0.5)
        return told + list(await watcher.watch(clock))

    return asyncio.run(look())


def test_nobody_is_dialled_over_a_trunk_that_was_not_heard_a_moment_ago() -> None:
    trunks, clock = opened(ping=15), Clock()
    assert trunks.room(clock.now) == 0
    assert trunks.outage(clock.now) == ""
    watched(trunks, lambda host: True, clock, 2)
    assert trunks.room(clock.now) == 10
    assert trunks.room(clock.now + timedelta(seconds=3)) == 0


def test_a_dead_trunk_gets_no_call_at_all_and_comes_back_when_it_answers() -> None:
    trunks, clock = opened(ping=15), Clock()
    told = watched(trunks, lambda host: host == "127.0.0.2", clock, 2)
    assert [news.partition(";")[0] for news in told] == [
        "Trunk main: it does not answer: 127.0.0.1 refused"
    ]
    assert "options_ping_seconds = 0" in told[0]
    assert call(trunks, 1, clock.now) == "spare"
    trunks.room(clock.now)
    watched(trunks, lambda host: True, clock, 8)
    assert trunks.all[0].fault(clock.now) == ""
    assert call(trunks, 2, clock.now) == "main"


def test_with_all_trunks_dead_there_is_an_outage_that_says_why() -> None:
    trunks, clock = opened(ping=15), Clock()
    watched(trunks, lambda host: False, clock, 2)
    assert "trunk main: it does not answer" in trunks.outage(clock.now)
    assert "trunk spare: it does not answer" in trunks.outage(clock.now)
    assert trunks.pick(1, PHONE, ANY, clock.now) is Barred.FOR_NOW


def test_a_trunk_that_is_only_being_tried_does_not_end_the_trouble() -> None:
    trunks = opened(ping=0)
    for contact in range(1, 5):
        call(trunks, contact)
        trunks.ended(contact, report(contact, HangupCause.FORBIDDEN, 403), NOON)
    assert "forbids our calls" in trunks.outage(NOON)
    later = NOON + timedelta(seconds=10)
    assert trunks.outage(later) == ""
    assert "forbids our calls" in trunks.trouble(later)
    trunks.ended(5, report(5, HangupCause.BUSY, 486), later)
    assert call(trunks, 5, later) == "main"
    trunks.ended(5, report(5, HangupCause.BUSY, 486), later)
    assert trunks.trouble(later) == ""


def test_no_call_tries_a_silent_trunk_that_an_options_can_try() -> None:
    trunks, clock = opened(ping=15), Clock()
    watched(trunks, lambda host: False, clock, 2)
    clock.now += timedelta(minutes=5)
    assert trunks.room(clock.now) == 0
    assert trunks.outage(clock.now)


def test_a_refused_connection_is_no_sign_of_life() -> None:
    trunks, clock = opened(ping=15), Clock()
    watched(trunks, lambda host: True, clock, 2)
    now, main = clock.now, trunks.all[0]
    call(trunks, 1, now)
    heard = main.health.heard_at
    trunks.ended(1, report(1, HangupCause.TRUNK_UNREACHABLE, 503), now + timedelta(seconds=1))
    assert main.health.heard_at == heard


def test_a_name_that_can_not_be_resolved_stops_no_other_trunk(tmp_path: Path) -> None:
    settings = Settings(
        trunk=TrunkSettings(host="no-such-host.invalid", options_ping_seconds=0),
        trunks={"spare": TrunkSettings(host="127.0.0.2", options_ping_seconds=0)},
    )
    trunks = asyncio.run(open_trunks(settings))
    assert "can't be resolved" in trunks.all[0].fault(NOON)
    assert call(trunks, 1) == "spare"


def test_a_campaign_pauses_for_failures_that_are_its_own_and_for_long_outages() -> None:
    watch = TrunkWatch(2, timedelta(minutes=30))
    assert not watch.saw(Disposition.TRUNK_FAILURE)
    assert not watch.saw(Disposition.TRUNK_FAILURE, trunk_rests=True)
    assert not watch.saw(Disposition.TRUNK_FAILURE)
    assert watch.saw(Disposition.TRUNK_FAILURE)
    assert not watch.is_out_for_too_long(NOON, is_out=True)
    assert not watch.is_out_for_too_long(NOON + timedelta(minutes=29), is_out=True)
    assert watch.is_out_for_too_long(NOON + timedelta(minutes=30), is_out=True)
    assert not watch.is_out_for_too_long(NOON + timedelta(minutes=31), is_out=False)
    assert not watch.is_out_for_too_long(NOON + timedelta(minutes=61), is_out=True)
