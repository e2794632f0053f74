"""Which call of a worker an order is for, and how a person's device is reached."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from asr.detectors import DetectorKind
from campaigns.order import CallOrder
from campaigns.worker_people import PeopleInCalls
from dialer.settings import SipSettings
from dialer.sip_thread import SipThread
from ivr.desk import NoWayIn
from ivr.exchange import CallFacts
from ivr.people import (
    DeskStaffed,
    EndCall,
    JoinCall,
    JoinFailed,
    JoinMode,
    JoinRole,
    PeopleNews,
    SipDevice,
)

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))
FACTS = CallFacts(
    now=NOW,
    company="顺达快递",
    recipient="王小明",
    waybill="SD1",
    window_start=None,
    window_end=None,
    address="",
)
ORDER = CallOrder(
    7, "sip:1@127.0.0.1", "pre-delivery", "zh-CN", FACTS, timedelta(seconds=5), recording=None
)
JOIN = JoinCall(7, 1, JoinRole.AGENT, JoinMode.TALK, SipDevice("sip:801@127.0.0.1"))


@pytest.fixture
def news() -> list[PeopleNews]:
    return []


@pytest.fixture
def people(news, tmp_path) -> PeopleInCalls:
    """The people side of a worker that has no free line."""
    sip = SipThread(SipSettings())
    return PeopleInCalls(tmp_path / "hold.wav", sip, DetectorKind.WEBRTC, news.append)


def test_an_order_reaches_the_call_it_is_for(people, news):
    desk = people.desk(ORDER, ())
    people.take(JOIN)
    people.take(EndCall(8))
    assert list(desk.orders) == [JOIN]
    assert not news


def test_who_wants_to_join_a_call_that_is_over_is_told(people, news):
    people.desk(ORDER, ())
    people.over(7)
    people.take(JOIN)
    assert news == [JoinFailed(7, 1, "over")]


def test_who_was_too_late_by_a_moment_is_told_as_well(people, news):
    people.desk(ORDER, ())
    people.take(JOIN)
    people.over(7)
    assert news == [JoinFailed(7, 1, "over")]


def test_a_call_knows_for_which_languages_somebody_could_come(people):
    desk = people.desk(ORDER, ())
    assert not desk.staffed("zh-CN")
    people.take(DeskStaffed(frozenset({"zh-CN"})))
    assert desk.staffed("zh-CN")
    assert not desk.staffed("en-US")


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("801", "no SIP URI"),
        ("sip:801@127.0.0.1", "every line of this worker is in use"),
        ("sip:801@localhost;transport=tcp", "every line of this worker is in use"),
    ],
)
def test_a_device_that_can_not_be_rung_says_why(people, uri, why):
    desk = people.desk(ORDER, ())
    with pytest.raises(NoWayIn, match=why):
        asyncio.run(desk.leg_to(SipDevice(uri)))


def test_a_conversation_after_a_person_is_one_that_ships(people):
    assert people.desk(ORDER, ()).flow("survey").language == "zh-CN"
