from __future__ import annotations

import pytest

from asr.amd import Answerer
from asr.answering import AnswerWatch
from asr.hearing import Alternative
from audio.level import tone
from audio.pcm import FRAME_SECONDS, frames, silence


def test_a_recording_is_known_while_it_speaks_and_a_voicemail_by_its_next_words() -> None:
    watch = AnswerWatch(answered_at=10.0)
    watch.started(10.5)
    assert watch.saying("您好", 11.2).answerer is Answerer.UNSURE
    watch.saying("您好您拨打", 12.0)
    assert watch.saying("您好您拨打的用户", 12.3).answerer is Answerer.RECORDING
    assert watch.saying("您好您拨打的用户正在通话中请在提示音后留言", 14.9).answerer is (
        Answerer.VOICEMAIL
    )


def test_a_person_is_known_by_the_first_word() -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.started(0.4)
    assert watch.saying("喂", 0.9).answerer is Answerer.PERSON
    assert watch.said("喂你好我现在在开车你说", 0.4, 3.4).answerer is Answerer.PERSON


def test_what_was_announced_is_sure_once_no_voicemail_follows() -> None:
    watch = AnswerWatch(answered_at=0.0)
    text = "您拨打的用户暂时无法接通请稍后再拨"
    assert watch.said(text, 0.4, 4.0).answerer is Answerer.RECORDING
    changes = [
        verdict.answerer
        for number, frame in enumerate(frames(silence(3.0)))
        if (verdict := watch.hear(frame, 4.0 + number * FRAME_SECONDS))
    ]
    assert changes == [Answerer.ANNOUNCEMENT]


def test_nothing_more_can_follow_a_vacant_number() -> None:
    watch = AnswerWatch(answered_at=0.0)
    assert watch.said("您拨打的号码是空号", 0.4, 3.0).answerer is Answerer.ANNOUNCEMENT


def test_noise_is_no_speech() -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.started(0.5)
    watch.dismissed()
    assert watch.verdict(5.0).answerer is Answerer.UNSURE
    assert watch.verdict(6.0).answerer is Answerer.SILENCE


def test_a_fax_is_known_by_its_tone() -> None:
    watch = AnswerWatch(answered_at=0.0)
    told = [
        (round(number * FRAME_SECONDS, 1), verdict.answerer)
        for number, frame in enumerate(frames(silence(0.8) + tone(2100.0, 3.0)))
        if (verdict := watch.hear(frame, number * FRAME_SECONDS))
    ]
    assert told == [(pytest.approx(1.6, abs=0.1), Answerer.FAX)]


def test_a_fax_that_calls_is_known_by_one_tone_before_anybody_has_spoken() -> None:
    def told(watch: AnswerWatch) -> list[Answerer]:
        sound = frames(silence(0.4) + tone(1100.0, 0.5) + silence(1.0))
        verdicts = [watch.hear(frame, 4.0 + n * FRAME_SECONDS) for n, frame in enumerate(sound)]
        return [verdict.answerer for verdict in verdicts if verdict]

    assert told(AnswerWatch(answered_at=4.0)) == [Answerer.FAX]
    spoken_to = AnswerWatch(answered_at=0.0)
    spoken_to.said("欢迎光临本店", 0.5, 3.0)
    assert told(spoken_to) == []


def test_words_of_a_machine_that_are_gone_again_at_once_are_not_believed() -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.started(0.4)
    assert watch.saying("你好我现在不方便", 2.4).answerer is Answerer.PERSON
    assert watch.saying("你好我现在不方便接听电话", 3.1).answerer is Answerer.PERSON
    assert watch.saying("你好我现在不方便接电话", 3.2).answerer is Answerer.PERSON


def test_words_of_a_machine_that_stand_are_believed_though_nothing_follows() -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.started(0.4)
    watch.saying("您好您拨打", 1.5)
    told = [
        (round(now, 2), verdict.answerer)
        for number, frame in enumerate(frames(silence(0.5)))
        if (verdict := watch.hear(frame, now := 1.52 + number * FRAME_SECONDS))
    ]
    assert told == [(pytest.approx(1.7), Answerer.RECORDING)]
    assert watch.saying("您好你打", 2.0).answerer is Answerer.RECORDING
    assert watch.saying("您好你打错了", 2.2).answerer is Answerer.PERSON


def test_who_has_said_much_and_nothing_of_a_machines_is_a_person_so_far() -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.started(0.4)
    assert watch.saying("我现在城邦", 2.2).answerer is Answerer.UNSURE
    assert watch.saying("我现在城邦这个", 2.5).answerer is Answerer.PERSON
    watch.saying("我现在没法接电话请在嘀声后留言", 4.0)
    assert watch.saying("我现在没法接电话请在嘀声后留言", 4.2).answerer is Answerer.VOICEMAIL


def test_another_likely_reading_tells_a_machine_where_noise_has_cost_the_best_its_words() -> None:
    best = "你好衣服四四八九四四五可以防御换到"
    likely = Alternative("你好机主不在忙就是不是我可以防御换到", 0.09)
    far_fetched = Alternative(likely.text, 0.02)
    persons = Alternative("你好我在开车四四八九四四五", 0.08)
    readings = [Alternative(best, 0.13)]

    def found(*more: Alternative) -> Answerer:
        watch = AnswerWatch(answered_at=0.0)
        return watch.said(best, 0.6, 5.3, [*readings, *more]).answerer

    assert found(likely).is_machine
    assert not found(far_fetched).is_machine
    assert not found(likely, persons).is_machine


def test_a_beep_tells_only_after_the_last_words() -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.beeped(0.5)
    assert not watch.said("欢迎光临本店", 1.0, 5.0).answerer.is_machine
    assert watch.beeped(6.0).answerer is Answerer.VOICEMAIL


@pytest.mark.parametrize(
    "text",
    [
        "你好我现在不方便接电话你晚一点再打过来吧",
        "喂我不看留言的有事你直接说",
        "喂你好我刚才在忙没接到电话你是哪里打来的有什么事情吗",
        "你好王经理现在不在您有什么事我帮他记一下",
        "您好阳光物业服务中心请问有什么可以帮您",
        "您好顺风饭店请问您几位",
        "您好幸福公司前台请问您找哪位",
        "喂我妈妈不在你找她有什么事",
    ],
)
def test_people_who_say_much_are_never_taken_for_a_machine(text: str) -> None:
    watch = AnswerWatch(answered_at=0.0)
    watch.started(0.4)
    for length in range(1, len(text)):
        assert not watch.saying(text[:length], 0.4 + 0.25 * length).answerer.is_machine
    assert not watch.said(text, 0.4, 0.4 + 0.25 * len(text)).answerer.is_machine
