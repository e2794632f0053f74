"""Wishes that people let fall beside their answers, by tag."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from ivr.nlu.language import LanguageError
from ivr.nlu.wishes import WishExample, wishes_in, wishes_of

LANGUAGES = ("zh-CN", "en-US")
TAXONOMY = Path(__file__).parents[3] / "campaigns" / "data" / "taxonomy.yaml"


@pytest.mark.parametrize(
    ("language", "example"),
    [(code, one) for code in LANGUAGES for one in wishes_of(code).examples],
    ids=lambda one: f"{one.tag}-{one.said}" if isinstance(one, WishExample) else one,
)
def test_a_sentence_beside_the_phrases_is_the_wish_or_none(
    language: str, example: WishExample
) -> None:
    assert (example.tag in wishes_in(example.said, language)) is example.means


def test_both_languages_know_the_same_wishes_and_each_has_sentences_for_and_against_it() -> None:
    chinese, english = (wishes_of(code) for code in LANGUAGES)
    assert set(chinese.tags) == set(english.tags)
    assert len(chinese.tags) >= 12
    for known in (chinese, english):
        for tag in known.tags:
            assert {one.means for one in known.examples if one.tag == tag} == {True, False}, tag


def test_every_wish_has_a_label_for_whoever_counts_them() -> None:
    labels = yaml.safe_load(TAXONOMY.read_text("utf-8"))["wishes"]
    assert set(wishes_of("zh-CN").tags) <= set(labels)


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ("希望晚上送,来之前打个电话", ("evening", "ring_first")),
        ("别打电话发短信就行", ("no_call", "text_message")),
        ("不要放快递柜最好送上楼", ("no_locker", "upstairs")),
        ("门口别放,放柜子", ()),
        ("三点以后放门口", ()),
        ("可以的,没问题", ()),
        ("希王晚上宋", ("evening",)),
        ("", ()),
    ],
)
def test_wishes_of_one_breath_come_in_the_order_they_were_said(
    said: str, tags: tuple[str, ...]
) -> None:
    assert wishes_in(said, "zh-CN") == tags


def test_an_opt_out_is_no_wish_for_fewer_calls() -> None:
    assert wishes_in("以后别再给我打电话了", "zh-CN") == ()
    assert wishes_in("don't call me again", "en-US") == ()


def test_a_language_without_wishes_is_refused_by_name() -> None:
    with pytest.raises(LanguageError, match="tlh"):
        wishes_in("nuqneH", "tlh")


def test_looking_for_wishes_takes_a_fraction_of_a_millisecond() -> None:
    spent = []
    for example in wishes_of("zh-CN").examples:
        began = time.process_time()
        wishes_in(example.said, "zh-CN")
        spent.append(time.process_time() - began)
    # Ten times what a quiet machine needs: this fails for a wrong algorithm, not for a busy host.
    assert sorted(spent)[len(spent) // 2] < 0.005
