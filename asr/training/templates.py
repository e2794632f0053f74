"""Sentences from patterns: `[你好](我想|我要)改到{day}`, filled in at random.

`[…]` may be left out, `(a|b)` is one of several, `{slot}` a word of a slot or what the language
makes of it. The patterns lie in `templates.yaml` of a language's folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from random import Random
from typing import TypedDict

import yaml

CHOICE = re.compile(r"\[([^][(){}]*)\]|\(([^][(){}]*)\)|\{([^{}]*)\}")
"""A choice that holds no other: may be left out, one of several, a slot."""


class Category(TypedDict, total=False):
    """Sentences about one thing."""

    weight: float
    exact: bool
    """Machines say it: no word before or after it."""
    tails: list[str]
    """Categories or slots that may follow in the same breath."""
    say: list[str]


class Templates(TypedDict):
    """All patterns of a language."""

    slots: dict[str, list[str]]
    categories: dict[str, Category]


def read_templates(folder: str) -> Templates:
    """Return the patterns in a folder of `asr/training`."""
    data = yaml.safe_load(read_text(folder, "templates.yaml"))
    return {
        "slots": {name: [str(v) for v in values] for name, values in data["slots"].items()},
        "categories": data["categories"],
    }


def read_lines(folder: str, name: str) -> tuple[str, ...]:
    """Return the sentences in a file, each once, without comments."""
    lines = (line.strip() for line in read_text(folder, name).splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def read_text(folder: str, name: str) -> str:
    """Return the content of a file in a folder of `asr/training`."""
    return resources.files("asr.training").joinpath(folder, name).read_text(encoding="utf-8")


def one_category(categories: Mapping[str, Category], random: Random) -> str:
    """Return the name of a category, by weight."""
    names = list(categories)
    return random.choices(names, [categories[name]["weight"] for name in names])[0]


def without_choice(categories: Mapping[str, Category]) -> list[str]:
    """Return the patterns that are sentences already."""
    said = (pattern for category in categories.values() for pattern in category["say"])
    return [pattern for pattern in said if CHOICE.search(pattern) is None]


def fill(
    pattern: str,
    random: Random,
    perhaps: Callable[[list[str]], str],
    slot: Callable[[str], str],
) -> str:
    """Return a pattern with its choices made, from the left; `perhaps` decides about `[…]`."""
    while (match := CHOICE.search(pattern)) is not None:
        optional, one_of, named = match.groups()
        if named is not None:
            chosen = slot(named)
        elif one_of is not None:
            chosen = random.choice(one_of.split("|"))
        else:
            chosen = perhaps(optional.split("|"))
        pattern = pattern[: match.start()] + chosen + pattern[match.end() :]
    return pattern


def word_of(
    name: str, random: Random, slots: Mapping[str, Sequence[str]], *, held_out: bool
) -> str:
    """Return a word of a slot; held out: one that training never has, where there are such."""
    unseen = f"{name}_held_out"
    return random.choice(slots[unseen if held_out and unseen in slots else name])
