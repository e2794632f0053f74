from __future__ import annotations

import pytest

from asr.announcements import (
    CUT_SHORT,
    TRY_LATER,
    Announcement,
    announcement_in,
    early_announcement_in,
)
from asr.phrasebook import PhrasebookError, announcement_phrases, read_phrasebook


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("您拨打的电话已关机,请稍后再拨", Announcement.SWITCHED_OFF),
        ("您好您所拨打的电话已关机", Announcement.SWITCHED_OFF),
        ("宁波打的电话已观机请稍后再播", Announcement.SWITCHED_OFF),
        ("您拨打的号码是空号,请核对后再拨", Announcement.VACANT_NUMBER),
        ("您拨打的号码不存在请查证后再拨", Announcement.VACANT_NUMBER),
        ("宁波达的号码是控号请和对后再拨", Announcement.VACANT_NUMBER),
        ("您拨打的电话已停机", Announcement.SUSPENDED),
        ("您拨打的电话暂时无法接通,请稍后再拨", Announcement.OUT_OF_REACH),
        ("您拨打的电话正在通话中,请稍后再拨", Announcement.BUSY_TALKING),
        ("您拨打的用户正忙,请稍后再拨", Announcement.BUSY_TALKING),
        ("您拨打的用户正在通话中请不要挂官正在接听", Announcement.WAITING),
        ("您拨打的用户已设置呼入限制", Announcement.RESTRICTED),
        ("您拨打的号码几乎如限制", Announcement.RESTRICTED),
        ("您拨打的用户不在服务区", Announcement.NOT_IN_SERVICE),
        ("Sorry, the subscriber you dialed is powered off", Announcement.SWITCHED_OFF),
        ("the number you dialled does not exist please check it", Announcement.VACANT_NUMBER),
        (
            "the subscriber you dialed can not be connected for the moment",
            Announcement.OUT_OF_REACH,
        ),
        ("sorry the number you dialed is busy now", Announcement.BUSY_TALKING),
        ("the number you dialed is out of service", Announcement.SUSPENDED),
    ],
)
def test_announcements_are_told_apart_despite_recognition_errors(
    text: str, kind: Announcement
) -> None:
    assert announcement_in(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "喂你好",
        "我现在在开会",
        "放快递柜吧",
        "明天下午三点以后打我电话",
        "不用打电话放门口",
        "别打电话发短信就行",
        "短信通知我就行",
        "号码是一三八",
        "正在开车",
        "我现在正忙",
        "谁啊",
        "你打错了",
    ],
)
def test_what_people_say_is_no_announcement(text: str) -> None:
    assert announcement_in(text) is None


def test_every_kind_has_phrases_and_every_phrase_file_kind_is_known() -> None:
    known = {kind.value for kind in Announcement}
    assert set(announcement_phrases().kinds) == known | {TRY_LATER, CUT_SHORT}


def test_a_reason_that_noise_has_swallowed_means_that_nobody_can_be_reached_now() -> None:
    assert announcement_in("你好用户行行请稍后再拨") is Announcement.OUT_OF_REACH
    assert announcement_in("您呼叫的用户行不能就送是我好好再拨") is Announcement.OUT_OF_REACH
    assert announcement_in("现在线路忙请稍后再拨") is Announcement.LINES_BUSY


def test_before_the_answer_less_is_left_of_it_and_still_enough() -> None:
    assert early_announcement_in("五八送稍后再拨") is Announcement.OUT_OF_REACH
    assert early_announcement_in("现在线路忙请稍后再拨") is Announcement.LINES_BUSY
    assert announcement_in("我在开会你稍后再拨") is None


@pytest.mark.parametrize("text", ["- a", "busy: 正忙", "busy: [1]", "busy: ['…']"])
def test_a_malformed_phrase_file_is_named(text: str) -> None:
    with pytest.raises(PhrasebookError, match="mine"):
        read_phrasebook(text, "mine")
