"""The sentences beside the phrases of each intent, and what they must not mean."""

from __future__ import annotations

from datetime import datetime

import pytest

from asr.hearing import Alternative
from ivr.meaning import Address, Intent, Window, WindowProblem
from ivr.nlu.language import Example, language_of
from ivr.nlu.understanding import understand

MAIN = (
    Intent.YES,
    Intent.NO,
    Intent.RESCHEDULE,
    Intent.NOT_HOME,
    Intent.CHANGE_ADDRESS,
    Intent.HAND_OVER,
)
HOME = "文三路18号阳光花园3号楼2单元501室"


@pytest.mark.parametrize(
    ("language", "example"),
    [(code, one) for code in ("zh-CN", "en-US") for one in language_of(code).examples],
    ids=lambda one: getattr(one, "said", one),
)
def test_a_sentence_beside_the_phrases_means_what_the_file_says(
    language: str, example: Example, now: datetime
) -> None:
    meaning = understand(example.said, 1.0, MAIN, now, language)
    found = {meaning.intent, *meaning.also}
    assert (example.intent in found) is example.means


def test_the_reading_that_answers_the_question_is_taken(now: datetime) -> None:
    readings = (Alternative("夯门口刀吧", 0.5), Alternative("放门口就行", 0.4))
    meaning = understand("夯门口刀吧", 0.8, MAIN, now, alternatives=readings)
    assert meaning.text == "放门口就行"


def test_readings_that_disagree_make_it_less_sure(now: datetime) -> None:
    split = (Alternative("可以", 0.5), Alternative("不可以", 0.5))
    alone = understand("可以", 0.9, MAIN, now)
    torn = understand("可以", 0.9, MAIN, now, alternatives=split)
    assert torn.confidence < alone.confidence


def test_a_new_building_in_the_same_estate_asks_for_its_door(now: datetime) -> None:
    meaning = understand("还是原来那个小区换成八号楼", 1.0, MAIN, now, known_address=HOME)
    assert meaning.slots["address"] == Address("文三路18号阳光花园8号楼", complete=False)


def test_a_corrected_room_keeps_everything_above_it(now: datetime) -> None:
    meaning = understand("不对是五零二", 1.0, (Intent.YES, Intent.NO), now, known_address=HOME)
    assert meaning.slots["address"] == Address("文三路18号阳光花园3号楼2单元502室", complete=True)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("今天早上八点", WindowProblem.PAST),
        ("凌晨三点", WindowProblem.CLOSED),
        ("明天下午三点", None),
    ],
)
def test_a_time_nobody_can_keep_says_why(
    said: str, problem: WindowProblem | None, now: datetime
) -> None:
    window = understand(said, 1.0, (Intent.TELL,), now).slots["window"]
    assert isinstance(window, Window)
    assert window.problem is problem
    assert window.certain is (problem is None)
