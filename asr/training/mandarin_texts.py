"""Sentences of delivery calls: hand-written ones, and patterns filled in at random.

The data lie in `zh/`: `sentences.txt`, `templates.yaml` and `held_out.txt`, which nothing but
evaluation may use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from asr.training.templates import (
    Templates,
    fill,
    one_category,
    read_lines,
    read_templates,
    without_choice,
    word_of,
)

_FOLDER = "zh"

DIGITS = "零一二三四五六七八九"


@cache
def templates() -> Templates:
    """Return the patterns."""
    return read_templates(_FOLDER)


@cache
def sentences() -> tuple[str, ...]:
    """Return the hand-written sentences, each once."""
    return read_lines(_FOLDER, "sentences.txt")


@cache
def held_out_sentences() -> tuple[str, ...]:
    """Return the sentences that only measure."""
    return read_lines(_FOLDER, "held_out.txt")


def generated(random: Random, held_out: bool = False) -> str:
    """Return a sentence of the patterns; held out: with streets and estates training never has."""
    categories = templates()["categories"]
    name = one_category(categories, random)
    category = categories[name]
    said = _say(random, category["say"], held_out)
    if not category.get("exact") and name != "number":
        said = _dressed(random, said)
        tails = category.get("tails", ())
        if tails and random.random() < 0.15:
            tail = random.choice(tails)
            more = categories[tail]["say"] if tail in categories else [f"{{{tail}}}"]
            said += random.choice(("", "", "", "不过", "然后", "那")) + _say(random, more, held_out)
    return said


def short_answer(random: Random) -> str:
    """Return an answer of at most four characters, what is heard most often in these calls."""
    return random.choice(_short_answers())


@cache
def _short_answers() -> tuple[str, ...]:
    plain = without_choice(templates()["categories"])
    digits = [
        f"{d}{unit}" for d in f"{DIGITS[1:]}两十" for unit in ("", "", "点", "号", "楼", "分")
    ]
    return tuple(s for s in (*plain, *sentences(), *digits) if len(s) <= 4)


def _say(random: Random, patterns: Sequence[str], held_out: bool) -> str:
    return filled(random.choice(patterns), random, templates()["slots"], held_out)


def _dressed(random: Random, said: str) -> str:
    slots = templates()["slots"]
    chance = random.random()
    before = random.choice(slots["opener"]) if chance < 0.22 else ""
    after = random.choice(slots["closer"]) if 0.15 < chance < 0.32 else ""
    return f"{before}{said}{after}"


def filled(
    pattern: str, random: Random, slots: Mapping[str, Sequence[str]], held_out: bool = False
) -> str:
    """Return a pattern with its choices made."""

    def perhaps(options: list[str]) -> str:
        return random.choice([*options, ""]) if random.random() < 0.7 else ""

    return fill(pattern, random, perhaps, lambda slot: _slot(slot, random, slots, held_out))


def _slot(slot: str, random: Random, slots: Mapping[str, Sequence[str]], held_out: bool) -> str:
    name, _, argument = slot.partition(":")
    if name == "number":
        low, high = map(int, argument.split("-"))
        return number(random.randint(low, high))
    if name in ("digits", "yao"):
        string = "".join(random.choice(DIGITS) for _ in range(int(argument)))
        return string.replace("一", "幺") if name == "yao" or random.random() < 0.3 else string
    return word_of(name, random, slots, held_out=held_out)


def number(value: int) -> str:
    """Return a number below ten thousand as it is said: 一百零五, 十二."""
    if value < 10:
        return DIGITS[value]
    if value < 20:
        return "十" + (DIGITS[value % 10] if value % 10 else "")
    for size, name in ((1000, "千"), (100, "百"), (10, "十")):
        if value >= size:
            head, rest = divmod(value, size)
            if not rest:
                return DIGITS[head] + name
            gap = "零" if rest < size // 10 else ""
            teen = "一" if 10 <= rest < 20 else ""
            return DIGITS[head] + name + gap + teen + number(rest)
    raise ValueError(f"{value} is no number of this kind")
