"""The phrase file of a language, ready for use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ivr.meaning import HandOver, Intent
from ivr.nlu import (
    addresses,
    english_addresses,
    english_numbers,
    english_times,
    numerals,
    time_words,
)
from ivr.nlu.spotting import Spotter
from ivr.nlu.time_words import TimeSpan
from ivr.nlu.windows import DayTable, PartOfDay

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's is twelve times as fast; not every build of PyYAML has it."""

MARKS = (
    "affirmed",
    "denied",
    "acks",
    "weak_acks",
    "sounds",
    "at_home",
    "not_place",
    "not_time",
    "elsewhere",
    "unchanged",
    "plain",
    "corrections",
    "but",
    "fillers",
)
"""Sections of a phrase file that are no intent by themselves."""
ASKED = ("yes", "no")
"""What the question before an example hopes for unless its intent says otherwise."""
_WORTHS = {
    "affirmed": 0.9,
    "denied": 0.9,
    "fillers": 0.3,
    "sounds": 0.3,
    "acks": 0.6,
    "weak_acks": 0.4,
    "corrections": 1.1,
    "plain": 0.95,
    "but": 0.5,
    "elsewhere": 0.8,
}
_STRICT = (Intent.OPT_OUT, Intent.WRONG_NUMBER, Intent.REFUSE, Intent.PERSON, Intent.ANGRY)


NO_PLACE = "no_place"
"""Kind of what only sounds like a place."""


class LanguageError(ValueError):
    """There is no usable phrase file for a language; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence beside the phrases of an intent."""

    intent: Intent
    said: str
    means: bool
    """False: the intent must not be found in it."""
    asked: tuple[Intent, ...]
    """What the question before it hopes for."""


@dataclass(frozen=True, slots=True)
class Language:
    """Everything `understand` knows of one language."""

    code: str
    phrases: Spotter
    places: Spotter
    """Its kinds are the values of HandOver, and NO_PLACE."""
    meant: Spotter
    """Words to write for what only sounds like them; kinds are the words."""
    kept: frozenset[str]
    light: tuple[str, ...]
    """Words that may stand inside any phrase."""
    days: DayTable
    find_times: Callable[[str], list[TimeSpan]]
    find_addresses: Callable[[str], list[addresses.AddressSpan]]
    find_numbers: Callable[[str], list[tuple[int, int, str]]]
    """Where digits are read out, and the digits."""
    spaced: bool
    """Words are parted by spaces."""
    examples: tuple[Example, ...] = ()
    """What the phrase file says of itself, for its tests."""


@cache
def language_of(code: str) -> Language:
    """Return a language by its code, loaded once.

    Raises LanguageError when there is no phrase file for it or the file is not as it must be.
    """
    source = resources.files("ivr.nlu") / f"phrases.{code}.yaml"
    if not source.is_file():
        known = sorted(
            entry.name.removeprefix("phrases.").removesuffix(".yaml")
            for entry in resources.files("ivr.nlu").iterdir()
            if entry.name.startswith("phrases.")
        )
        raise LanguageError(f"language {code!r} is not understood; use one of {', '.join(known)}")
    return read_language(yaml.load(source.read_text("utf-8"), _READER), code)


def read_language(content: Mapping[str, Any], code: str) -> Language:
    """Return a language from the content of its phrase file.

    Raises LanguageError naming the section that is missing or means nothing, and PatternError
    for a pattern that cannot be read.
    """
    classes = _classes(content.get("classes", {}), code)
    sections: dict[str, Mapping[str, Any]] = dict(content.get("intents", {}))
    intents = {name: _expanded(section["phrases"], classes) for name, section in sections.items()}
    strangers = set(intents) - set(Intent)
    if strangers:
        raise LanguageError(
            f"phrases.{code}.yaml: {', '.join(sorted(strangers))} under intents; "
            f"use the values of Intent"
        )
    places = {name: _expanded(said, classes) for name, said in content.get("places", {}).items()}
    if set(places) - set(HandOver):
        raise LanguageError(
            f"phrases.{code}.yaml: {', '.join(sorted(set(places) - set(HandOver)))} under places; "
            f"use the values of HandOver"
        )
    marks = {name: _expanded(content.get(name, ()), classes) for name in MARKS}
    kept = list(content.get("kept", ()))
    chinese = code.startswith("zh")
    meant = list(content.get("meant", ()))
    return Language(
        code=code,
        phrases=Spotter({**intents, **marks}, _WORTHS, _STRICT, content.get("light", ())),
        places=Spotter({**places, NO_PLACE: list(content.get("no_places", ()))}),
        meant=Spotter({word: [word] for word in (*meant, *kept)}, strict=(*meant, *kept)),
        kept=frozenset(kept),
        light=tuple(content.get("light", ())),
        days=_days(content, code),
        find_times=time_words.find_times if chinese else english_times.find_times,
        find_addresses=(addresses if chinese else english_addresses).find_addresses,
        find_numbers=(numerals if chinese else english_numbers).runs,
        spaced=not chinese,
        examples=tuple(
            Example(Intent(name), said, means, tuple(map(Intent, section.get("asked", ASKED))))
            for name, section in sections.items()
            for key, means in (("means", True), ("not", False))
            for said in section.get(key, ())
        ),
    )


_CLASS = re.compile("<([a-z_]+)>")


def _classes(written: Mapping[str, str], code: str) -> dict[str, str]:
    """Return the word classes by name as choices; a class may use those before it."""
    classes: dict[str, str] = {}
    for name, words in written.items():
        missing = [used for used in _CLASS.findall(words) if used not in classes]
        if missing:
            raise LanguageError(
                f"phrases.{code}.yaml: class {name!r} uses {missing[0]!r}; put that one before it"
            )
        classes[name] = f"({_expanded([words], classes)[0]})"
    return classes


def _expanded(patterns: Iterable[str], classes: Mapping[str, str]) -> list[str]:
    """Return the patterns with `<class>` written out; an unknown class stays and is refused."""
    return [
        _CLASS.sub(lambda match: classes.get(match[1], match[0]), pattern) for pattern in patterns
    ]


def _days(content: Mapping[str, Any], code: str) -> DayTable:
    try:
        parts = {name: _part(hours) for name, hours in content["parts_of_day"].items()}
        return DayTable(parts, _part(content["whole_day"]))
    except KeyError as missing:
        raise LanguageError(
            f"phrases.{code}.yaml has no {missing.args[0]!r}; see docs/understanding.md"
        ) from missing


def _part(hours: Mapping[str, Any]) -> PartOfDay:
    return PartOfDay(
        float(hours["begins"]), float(hours["ends"]), hours.get("afternoon"), hours.get("else", "")
    )
