"""Yes and no to questions about anything: was it received, is it whole, is an invoice needed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from ivr.meaning import Intent
from ivr.nlu.understanding import understand

ANYTHING = (Intent.YES, Intent.NO)
DELIVERY = (Intent.YES, Intent.NO, Intent.RESCHEDULE, Intent.NOT_HOME, Intent.HAND_OVER)
HERE = Path(__file__).parent


def answers() -> list[tuple[str, str, Intent]]:
    """Return (language, what was said, what it answers) of the corpora beside this module."""
    return [
        (language, said, Intent(answer))
        for language in ("zh-CN", "en-US")
        for answer, sentences in yaml.load(
            (HERE / f"yes_no.{language}.yaml").read_text("utf-8"), yaml.BaseLoader
        ).items()
        for said in sentences
    ]


@pytest.mark.parametrize(("language", "said", "answer"), answers())
def test_what_is_so_or_not_answers_a_question_for_yes_or_no(
    language: str, said: str, answer: Intent, now: datetime
) -> None:
    assert understand(said, 1.0, ANYTHING, now, language).intent is answer


@pytest.mark.parametrize("said", ["没收到", "坏了", "少了一件", "需要", "没解决", "满意"])
def test_the_same_words_settle_nothing_where_a_delivery_is_arranged(
    said: str, now: datetime
) -> None:
    assert understand(said, 1.0, DELIVERY, now).intent not in {Intent.YES, Intent.NO}


@pytest.mark.parametrize(
    ("said", "expecting", "intent"),
    [
        ("我不要", ANYTHING, Intent.NO),
        ("我不要了", ANYTHING, Intent.NO),
        ("不需要了", ANYTHING, Intent.NO),
        ("这个快递我不要了", ANYTHING, Intent.REFUSE),
        ("我要退货", ANYTHING, Intent.REFUSE),
        ("我不要了", DELIVERY, Intent.REFUSE),
        ("我不要了", (*ANYTHING, Intent.REFUSE), Intent.REFUSE),
        ("没空", ANYTHING, Intent.NO),
        ("没空", DELIVERY, Intent.NOT_HOME),
    ],
)
def test_not_wanting_something_refuses_the_parcel_only_where_the_parcel_is_spoken_of(
    said: str, expecting: tuple[Intent, ...], intent: Intent, now: datetime
) -> None:
    assert understand(said, 1.0, expecting, now).intent is intent
