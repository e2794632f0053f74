"""What was found in an utterance: slots where they were said, and the phrases around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.meaning import Address, HandOver, Intent, Window
from ivr.nlu.english_numbers import WORD
from ivr.nlu.landmarks import find_landmarks
from ivr.nlu.language import NO_PLACE, Language
from ivr.nlu.names import find_names
from ivr.nlu.numerals import CHARACTERS
from ivr.nlu.patterns import Tokens, tokens_of
from ivr.nlu.scores import rated
from ivr.nlu.sound import EXACT
from ivr.nlu.spotting import Spot
from ivr.nlu.time_words import Spoken

_LONGEST = 160
"""Characters; a turn is at most twenty seconds."""
_NOISE = re.compile(r"[^0-9a-z一-鿿〇' ]+")
_OF_THE_CALL = frozenset(
    {
        *(Intent.OPT_OUT, Intent.PERSON, Intent.WRONG_NUMBER, Intent.NOT_THE_RECIPIENT),
        *(Intent.CHILD, Intent.OTHER_LANGUAGE, Intent.LOUDER, Intent.SLOWER, Intent.CALL_LATER),
    }
)
"""Whoever says this rates nothing, unless a number is named."""
_SPACES = re.compile(r"\s+")
_SPACES_BETWEEN_CHARACTERS = re.compile(
    r" (?![a-z']{2})(?<![a-z']{2} )| (?![a-z'])|(?<![a-z'])(?<=.) "
)
"""All but those of English words among Chinese ones."""
_TAIL = re.compile("(?<=[吧了的吗呢啊呀来送行家好口去以用意])[五二八]{1,4}$")
"""Syllables that recognisers hear in the noise after the last word."""
_SCORE = re.compile(
    f"(?:[打给评]+个?)?(?P<score>[{CHARACTERS}]{{1,3}})分(?!钟|之)|(?:[打给评]+个?)?(?P<top>满分)"
)
_ENGLISH_SCORE = re.compile(
    rf"\b(?:give|rate) (?:it|you|them|that) (?:an? )?(?P<given>{WORD})\b"
    rf"|\b(?P<score>{WORD})(?: points?| stars?| out of (?:five|ten)| over ten)\b"
    r"|(?P<top>full marks)"
)
_ASKED_FOR = re.compile(r"(?:到|地址|是|成|为|在|去|往|\bto|address is|at) ?$")


@dataclass(frozen=True, slots=True)
class Slot:
    """A value and the token that stands for it."""

    kind: str
    """time, over (a time that has passed), address, place, number, name, score, or rated (the
    score that was asked for)."""
    value: Spoken | Window | Address | HandOver | str
    at: int
    """Index of its token."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An utterance taken apart."""

    tokens: Tokens
    slots: tuple[Slot, ...]
    spots: tuple[Spot, ...]
    """The phrases that explain it best, in order, without overlap."""

    def slots_in(self, spot: Spot, kind: str) -> list[Slot]:
        """Return the slots of a kind that a phrase takes in."""
        return [s for s in self.slots if s.kind == kind and spot.start <= s.at < spot.end]


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    kind: str
    value: Spoken | Window | Address | HandOver | str


def clean(text: str, language: Language) -> str:
    """Return a text as a recogniser would give it: small letters, no punctuation."""
    plain = _NOISE.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST]).lower())
    plain = _SPACES.sub(" ", plain).strip()
    return plain if language.spaced else _SPACES_BETWEEN_CHARACTERS.sub("", plain)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the question asks for, so that words which say little elsewhere count."""

    addresses: bool = False
    """A lone road or estate is one."""
    landmarks: bool = False
    """学校对面 is an address."""
    scale: tuple[int, int] | None = None
    """Lowest and highest of a score: 一般 is one, and 五."""


def read(text: str, language: Language, wanted: Wanted) -> Reading:
    """Take an utterance apart."""
    said = clean(text, language)
    if not language.spaced:
        said = _as_meant(_TAIL.sub("", said), language)
    found = _values(said, language, wanted)
    tokens, slots = _tokens(said, found)
    tokens, slots = _with_places(tokens, slots, language)
    return Reading(tokens, tuple(slots), tuple(language.phrases.best_cover(tokens)))


def _as_meant(said: str, language: Language) -> str:
    """Write the words of time and address for what only sounds like them."""
    tokens = tuple(said)
    written = list(tokens)
    for spot in language.meant.best_cover(tokens):
        if spot.likeness < EXACT and spot.kind not in language.kept:
            written[spot.start : spot.end] = list(spot.kind)
    return "".join(written)


def _values(said: str, language: Language, wanted: Wanted) -> list[_Found]:
    found: list[_Found] = []
    if wanted.scale is not None:
        found += _rating(said, wanted.scale, language)
    spans = language.find_addresses(said)
    if wanted.landmarks:
        known = [_Found(s.start, s.end, "address", s.address) for s in spans if not s.weak]
        landmarks = (
            _Found(start, end, "address", Address(written, complete=False))
            for start, end, written in find_landmarks(said)
        )
        found += _apart(landmarks, known)
    for span in spans:
        if not _apart([_Found(span.start, span.end, "address", span.address)], found):
            continue
        if span.weak and not wanted.addresses and not _ASKED_FOR.search(said[: span.start]):
            continue
        found.append(_Found(span.start, span.end, "address", span.address))
    times = (
        _Found(time.start, time.end, "over" if time.spoken.over else "time", time.spoken)
        for time in language.find_times(said)
    )
    found += _apart(times, found)
    scores = (
        _Found(match.start(), match.end(), "score", _score_of(match))
        for match in (_ENGLISH_SCORE if language.spaced else _SCORE).finditer(said)
    )
    found += _apart(scores, found)
    names = (
        _Found(start, end, "name", name)
        for start, end, name in find_names(said, spaced=language.spaced)
    )
    found += _apart(names, found)
    numbers = (
        _Found(start, end, "number", written) for start, end, written in language.find_numbers(said)
    )
    found += _apart(numbers, found)
    return sorted(found, key=lambda one: one.start)


def _rating(said: str, scale: tuple[int, int], language: Language) -> list[_Found]:
    rating = rated(said, scale, language.code)
    if rating is None or (rating.in_words and _is_said_of_the_call(said, language)):
        return []
    return [_Found(start, end, "rated", str(rating.score)) for start, end in rating.spans]


def _is_said_of_the_call(said: str, language: Language) -> bool:
    """我不会说普通话 is no opinion, though 不会 may be one."""
    return any(spot.kind in _OF_THE_CALL for spot in language.phrases.best_cover(tokens_of(said)))


def _score_of(match: re.Match[str]) -> str:
    return next(said for said in match.groupdict().values() if said)


def _apart(some: Iterable[_Found], others: list[_Found]) -> list[_Found]:
    taken = [(other.start, other.end) for other in others]
    return [one for one in some if all(one.end <= a or one.start >= b for a, b in taken)]


def _tokens(said: str, found: list[_Found]) -> tuple[Tokens, list[Slot]]:
    tokens: list[str] = []
    slots: list[Slot] = []
    position = 0
    for one in found:
        tokens += tokens_of(said[position : one.start])
        slots.append(Slot(one.kind, one.value, len(tokens)))
        tokens.append("{" + one.kind + "}")
        position = one.end
    tokens += tokens_of(said[position:])
    return tuple(tokens), slots


def _with_places(
    tokens: Tokens, slots: list[Slot], language: Language
) -> tuple[Tokens, list[Slot]]:
    by_index = {slot.at: slot for slot in slots}
    written: list[str] = []
    kept: list[Slot] = []
    position = 0
    places = [s for s in language.places.best_cover(tokens) if s.kind != NO_PLACE]
    for spot in [*places, None]:
        for index in range(position, spot.start if spot else len(tokens)):
            if index in by_index:
                kept.append(Slot(by_index[index].kind, by_index[index].value, len(written)))
            written.append(tokens[index])
        if spot is not None:
            kept.append(Slot("place", HandOver(spot.kind), len(written)))
            written.append("{place}")
            position = spot.end
    return tuple(written), kept
