"""How much of what people say is understood: the corpora of sentences, measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from audio_fixtures.meant import (
    QUESTIONS,
    LabelError,
    Sentence,
    Verdict,
    judged,
    meant_of,
    sentences,
    share,
)
from ivr.meaning import Address, HandOver, Intent, Meaning, Window
from ivr.nlu.understanding import understand

CORPUS = Path(__file__).with_name("corpus")
BARS = {"zh-CN": (0.97, 0.95), "en-US": (0.95, 0.90)}
"""Least share of intents and of slots; of the few English ones kept apart each is 2 % or more."""
SHOWN = 60
"""Failures of the half that may be looked into."""


def verdicts(name: str, now: datetime) -> list[tuple[Sentence, Verdict]]:
    language = name.split(".")[1]
    judged_sentences = []
    for sentence in sentences(CORPUS / f"{name}.yaml"):
        meaning = understand(sentence.heard, 1.0, QUESTIONS[sentence.question], now, language)
        judged_sentences.append((sentence, judged(sentence.meant, meaning, now)))
    return judged_sentences


def figures(results: Sequence[tuple[Sentence, Verdict]]) -> tuple[float, float]:
    intents = share(verdict.intent for _, verdict in results)
    slots = share(right for _, verdict in results for right in verdict.slots.values())
    return intents, slots


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_nearly_all_sentences_kept_apart_are_understood(language: str, now: datetime) -> None:
    # Only figures: the sentences must stay unknown to whoever writes rules.
    intents, slots = figures(verdicts(f"test.{language}", now))
    assert intents >= BARS[language][0]
    assert slots >= BARS[language][1]


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_nearly_all_sentences_that_rules_are_written_with_are_understood(
    language: str, now: datetime
) -> None:
    results = verdicts(f"dev.{language}", now)
    missed = [
        f"{sentence.question}: {sentence.said}: {sentence.meant}"
        for sentence, verdict in results
        if not (verdict.intent and all(verdict.slots.values()))
    ]
    intents, slots = figures(results)
    shown = "\n".join([f"intents {intents:.3f}, slots {slots:.3f}", *missed[:SHOWN]])
    assert intents >= BARS[language][0], shown
    assert slots >= BARS[language][1], shown


def test_the_corpora_are_as_large_as_the_documentation_says() -> None:
    size = {path.stem: len(sentences(path)) for path in CORPUS.glob("*.yaml")}
    assert size["dev.zh-CN"] >= 1150
    assert size["test.zh-CN"] >= 350
    assert size["dev.en-US"] + size["test.en-US"] >= 150


def test_no_sentence_kept_apart_is_among_those_rules_are_written_with() -> None:
    for language in ("zh-CN", "en-US"):
        dev, test = (
            {(each.question, each.heard) for each in sentences(CORPUS / f"{half}.{language}.yaml")}
            for half in ("dev", "test")
        )
        assert not dev & test


@pytest.mark.parametrize("half", ["dev", "test"])
def test_every_intent_and_every_place_is_said_by_somebody(half: str) -> None:
    labels = [meant_of(each.meant) for each in sentences(CORPUS / f"{half}.zh-CN.yaml")]
    intents = {intent for label in labels for intent in (*label.first, *label.also)}
    assert intents == set(Intent)
    assert {label.slots.get("hand_over") for label in labels} == {None, *HandOver}


@pytest.mark.parametrize(
    ("label", "complaint"),
    [
        ("perhaps", "perhaps"),
        ("yes mood=good", "no slot"),
        ("tell window=tomorrow", "no window"),
        ("tell window=+1@15:00-tea", "no window"),
        ("hand_over hand_over=roof", "roof"),
    ],
)
def test_a_label_nobody_can_read_is_refused(label: str, complaint: str) -> None:
    with pytest.raises(LabelError, match=complaint):
        meant_of(label)


def _meaning(now: datetime, day: int, begins: int, ends: int | None) -> Meaning:
    start = now.replace(day=now.day + day, hour=begins)
    return Meaning(
        Intent.RESCHEDULE,
        1.0,
        {"window": Window(start, None if ends is None else start.replace(hour=ends))},
    )


@pytest.mark.parametrize(
    ("label", "day", "begins", "ends", "fits"),
    [
        ("reschedule window=+1@15:00-16:00", 1, 15, 16, True),
        ("reschedule window=+1@15:00-16:00", 1, 15, 17, True),
        ("reschedule window=+1@15:00-16:00", 1, 15, 18, False),
        ("reschedule window=+1@15:00-16:00", 1, 16, 17, False),
        ("reschedule window=+1@15:00-16:00", 2, 15, 16, False),
        ("reschedule window=+1@15:00-", 1, 15, None, True),
        ("reschedule window=+1@15:00-", 1, 15, 21, True),
        ("reschedule window=+1@15:00-", 1, 15, 16, False),
        ("reschedule window=~+1@15:00-16:00", 1, 14, 16, True),
        ("reschedule window=~+1@15:00-16:00", 1, 13, 16, False),
    ],
)
def test_a_window_is_right_when_the_courier_would_come_at_the_time_that_was_meant(
    label: str, day: int, begins: int, ends: int | None, fits: bool, now: datetime
) -> None:
    verdict = judged(label, _meaning(now, day, begins, ends), now)
    assert verdict == Verdict(True, True, {"window": fits})


@pytest.mark.parametrize(
    ("written", "understood", "by_sound", "right"),
    [
        ("阳光花园5号楼1单元302室", "阳光花园5栋1单元302", False, True),
        ("阳光花园5号楼1单元302室", "阳光花园5号楼1单元303室", False, False),
        ("长江大厦8层806室", "长江大厦8楼806室", False, True),
        ("中山路88号", "钟山路88号", False, False),
        ("中山路88号", "钟山路88号", True, True),
        ("中山路88号", "中山路80号", True, False),
    ],
)
def test_an_address_is_right_when_the_courier_would_find_the_door(
    written: str, understood: str, by_sound: bool, right: bool, now: datetime
) -> None:
    meaning = Meaning(Intent.TELL, 1.0, {"address": Address(understood, True)})
    verdict = judged(f"tell address={written}", meaning, now, by_sound)
    assert verdict.slots == {"address": right}


def test_a_slot_that_nobody_said_is_wrong_and_one_that_was_missed_too(now: datetime) -> None:
    unasked = judged("yes", Meaning(Intent.YES, 1.0, {"hand_over": HandOver.LOCKER}), now)
    missed = judged("hand_over hand_over=locker", Meaning(Intent.HAND_OVER, 1.0), now)
    assert unasked.slots == missed.slots == {"hand_over": False}


def test_either_of_two_intents_may_do_and_further_ones_are_looked_for(now: datetime) -> None:
    label = "no|reschedule+not_home"
    no = judged(label, Meaning(Intent.NO, 1.0, also=(Intent.NOT_HOME,)), now)
    yes = judged(label, Meaning(Intent.YES, 1.0), now)
    assert (no.intent, no.also) == (True, True)
    assert (yes.intent, yes.also) == (False, False)
