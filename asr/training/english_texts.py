"""English sentences of delivery calls: hand-written ones, and patterns filled in at random.

The data lie in `en/`: `sentences.txt`, `templates.yaml` and `held_out.txt`, which nothing but
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

_FOLDER = "en"
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ONES = tuple(_SMALL.split())
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = tuple(_ROUND.split())
_SHORT = 3
"""Words of a short answer at most."""


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
    """Return a sentence of the patterns; held out: with streets that training never has."""
    categories = templates()["categories"]
    name = one_category(categories, random)
    category = categories[name]
    said = _say(random, category["say"], held_out)
    if category.get("exact") or name == "number":
        return said
    said = _dressed(random, said)
    tails = category.get("tails", ())
    if tails and random.random() < 0.15:
        more = _say(random, categories[random.choice(tails)]["say"], held_out)
        said = f"{said} {random.choice(('', '', '', 'but', 'and', 'so', 'then'))} {more}"
    return _plain(said)


def short_answer(random: Random) -> str:
    """Return an answer of at most three words, what is heard most often in these calls."""
    return random.choice(_short_answers())


@cache
def _short_answers() -> tuple[str, ...]:
    plain = without_choice(templates()["categories"])
    slots = templates()["slots"]
    times = [*slots["hour"], *slots["weekday"], *(f"on {day}" for day in slots["weekday"])]
    return tuple(s for s in (*plain, *sentences(), *times) if len(s.split()) <= _SHORT)


def _say(random: Random, patterns: Sequence[str], held_out: bool) -> str:
    return filled(random.choice(patterns), random, templates()["slots"], held_out)


def _dressed(random: Random, said: str) -> str:
    slots = templates()["slots"]
    chance = random.random()
    before = random.choice(slots["opener"]) if chance < 0.2 else ""
    after = random.choice(slots["closer"]) if 0.13 < chance < 0.3 else ""
    return _plain(f"{before} {said} {after}")


def filled(
    pattern: str, random: Random, slots: Mapping[str, Sequence[str]], held_out: bool = False
) -> str:
    """Return a pattern with its choices made."""

    def perhaps(options: list[str]) -> str:
        return random.choice(options) if random.random() < 0.5 else ""

    return _plain(fill(pattern, random, perhaps, lambda slot: _slot(slot, random, slots, held_out)))


def _slot(slot: str, random: Random, slots: Mapping[str, Sequence[str]], held_out: bool) -> str:
    name, _, argument = slot.partition(":")
    if name == "number":
        low, high = map(int, argument.split("-"))
        return number(random.randint(low, high), joined=random.random() < 0.5)
    if name == "digits":
        zero = random.choice(("oh", "zero"))
        digits = [random.choice([zero, *_ONES[1:10]]) for _ in range(int(argument))]
        return " ".join(digits)
    return word_of(name, random, slots, held_out=held_out)


def number(value: int, joined: bool = True) -> str:
    """Return a number below a thousand as it is said; not joined: one hundred five."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(value, 100)
    if not rest:
        return f"{_ONES[hundreds]} hundred"
    return f"{_ONES[hundreds]} hundred {'and ' if joined else ''}{number(rest)}"


def _plain(text: str) -> str:
    return " ".join(text.split())
