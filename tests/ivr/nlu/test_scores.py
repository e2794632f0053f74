"""Scores told by voice: numbers, ranges, words, homophones, corrections, on two scales."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from ivr.meaning import Intent
from ivr.nlu.understanding import understand

HERE = Path(__file__).parent
LEAST_RIGHT = 0.97
SURVEY = (Intent.TELL, Intent.DONT_KNOW)


def answers(language: str) -> list[tuple[tuple[int, int], str, int | None]]:
    """Return (scale, what was said, the score or None) of a corpus beside this module."""
    text = (HERE / f"scores.{language}.yaml").read_text("utf-8")
    listed = []
    for written, said in yaml.load(text, yaml.BaseLoader).items():
        low, high = map(int, written.split("-"))
        for sentence, score in said.items():
            listed.append(((low, high), sentence, None if score == "none" else int(score)))
    return listed


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("expecting", [(Intent.TELL,), SURVEY])
def test_nearly_all_scores_are_written_down_as_they_were_meant(
    language: str, expecting: tuple[Intent, ...], now: datetime
) -> None:
    missed = []
    corpus = answers(language)
    for scale, said, score in corpus:
        meaning = understand(said, 1.0, expecting, now, language, scale=scale)
        got = meaning.slots.get("number")
        on_it = isinstance(got, int) and scale[0] <= got <= scale[1]
        right = (got == score and meaning.intent is Intent.TELL) if score is not None else not on_it
        if not right:
            missed.append(f"{scale} {said}: {score}, not {meaning.intent} {got}")
    assert 1 - len(missed) / len(corpus) >= LEAST_RIGHT, missed


def test_the_corpus_of_scores_is_as_large_as_the_documentation_says() -> None:
    assert len(answers("zh-CN")) >= 160


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("别再打电话了一分", Intent.OPT_OUT),
        ("打一分太差了", Intent.TELL),
        ("转人工", Intent.PERSON),
        ("不知道", Intent.DONT_KNOW),
        ("你再说一遍", Intent.REPEAT),
    ],
)
def test_a_score_gives_way_only_to_what_ends_or_interrupts_the_survey(
    said: str, intent: Intent, now: datetime
) -> None:
    assert understand(said, 1.0, SURVEY, now, scale=(1, 5)).intent is intent


def test_words_of_praise_are_no_score_where_none_was_asked_for(now: datetime) -> None:
    for said in ("非常满意", "一般", "五", "会推荐"):
        assert "number" not in understand(said, 1.0, (Intent.YES, Intent.NO), now).slots
