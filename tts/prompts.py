"""Prompts: wording with slots, rendered into text that is ready to be spoken.

A slot is `{waybill|tail4}`: the name of a value and the way it is said. Formats:

    plain     text as it is, figures and signs resolved; numbers counted; the default
    name      a person's or a shop's name, without what a label masks
    window    明天下午两点到四点; a (start, end) pair or anything with .start and .end
    part      后天下午 when a window fills that part of the day, else like window
    date      明天, 周三, 十一月二十二号; of a window: the day it begins
    full_date 明天,十一月二十二号,周日
    time      下午两点半
    moment    明天下午两点半
    money     十二块五, from fen
    count     两, before a measure word
    tail4     幺二三四, the end of a waybill
    waybill   S F,幺二三四,五六七八
    phone     幺三八,零零幺三,八零零幺
    digits    figure by figure
    address   幸福路十八号三号楼二单元五零幺
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import ModuleType
from typing import Protocol, runtime_checkable

from tts import free_text, free_text_en, numerals, numerals_en, speakable, speakable_en

LANGUAGES = ("zh-CN", "en-US")

_SLOT = re.compile(r"\{\s*(?P<name>\w+)\s*(?:\|\s*(?P<format>\w+)\s*)?\}")
_SENTENCE = re.compile(r".+?(?:[!?\u3002\uff01\uff1f]+[”’」』]*|\.(?=\s|$)|$)", re.DOTALL)

_CORE = re.compile(
    r"[^,;:\s\u3001\uff0c\uff1b\uff1a](?:.*[^,;:\s\u3001\uff0c\uff1b\uff1a])?", re.DOTALL
)

_HANZI_SECONDS = 0.21
_LETTER_SECONDS = 0.28
_WORD_SECONDS = 0.38
_PAUSE_SECONDS = {
    **dict.fromkeys(",;:\u3001\uff0c\uff1b\uff1a", 0.22),
    **dict.fromkeys(".!?\u3002\uff01\uff1f", 0.3),
}


class PromptError(ValueError):
    """A prompt can't be said; the message names the slot and says what to do."""


@runtime_checkable
class Span(Protocol):
    """Anything with a beginning and, perhaps, an end."""

    @property
    def start(self) -> datetime:
        """First moment, aware."""

    @property
    def end(self) -> datetime | None:
        """Last moment, aware; None: open."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing Menling says, worded anew each time it has to be said again."""

    id: str
    wordings: tuple[str, ...]
    """For the first, second, … time; the last one serves ever after."""

    def __post_init__(self) -> None:
        if not self.wordings:
            raise PromptError(f"prompt {self.id!r} has no wording; write at least one")

    def wording(self, occasion: int) -> str:
        """Return the template for the `occasion`-th time (0 is the first)."""
        return self.wordings[min(occasion, len(self.wordings) - 1)]

    @property
    def slots(self) -> frozenset[str]:
        """Names of all values the wordings speak of."""
        return frozenset().union(*(slots_of(wording) for wording in self.wordings))

    def render(
        self,
        values: Mapping[str, object],
        now: datetime,
        language: str = "zh-CN",
        occasion: int = 0,
    ) -> str:
        """Return what to say now; PromptError names this prompt."""
        try:
            return render(self.wording(occasion), values, now, language)
        except PromptError as error:
            raise PromptError(f"prompt {self.id!r}: {error}") from error


def render(
    template: str, values: Mapping[str, object], now: datetime, language: str = "zh-CN"
) -> str:
    """Return the template with its slots said as of `now`; no digit is left in it.

    Raises PromptError for an unknown language or format, and for a slot whose value is missing,
    empty or of another kind than its format speaks of.
    """
    _check(template)
    _check_aware(now)
    spoken = ""
    end = 0
    for slot in _SLOT.finditer(template):
        spoken += render_literal(template[end : slot.start()], language)
        spoken += render_slot(slot.group(), values, now, language)
        end = slot.end()
    return tidied(spoken + render_literal(template[end:], language), language)


def render_slot(slot: str, values: Mapping[str, object], now: datetime, language: str) -> str:
    """Return what is said for one slot, `{name|format}`; raises PromptError as `render` does."""
    _check_aware(now)
    found = _SLOT.fullmatch(slot)
    if found is None:
        raise PromptError(f"{slot!r} is no slot; write {{name}} or {{name|format}}")
    return _say(found["name"], found["format"] or "plain", values, now, _voice(language))


def tidied(spoken: str, language: str) -> str:
    """Return text put together of parts, with single blanks and pauses."""
    return free_text.tidy(spoken) if _voice(language) is speakable else " ".join(spoken.split())


def slots_of(template: str) -> frozenset[str]:
    """Return the names of the values a template speaks of.

    Raises PromptError for stray braces and unknown formats.
    """
    _check(template)
    return frozenset(slot["name"] for slot in _SLOT.finditer(template))


def slots_in(template: str) -> tuple[tuple[int, int], ...]:
    """Return where the slots of a template begin and end.

    Raises PromptError for stray braces and unknown formats.
    """
    _check(template)
    return tuple(slot.span() for slot in _SLOT.finditer(template))


def render_literal(text: str, language: str) -> str:
    """Return words of a template that stand outside its slots, as they are said."""
    return _literal(text, _voice(language))


def formats() -> frozenset[str]:
    """Return the names a slot may use after the bar."""
    return frozenset(_FORMATS)


def sentences(text: str) -> tuple[str, ...]:
    """Split text after 。!? so that each sentence has its own cached sound."""
    found = (match.group().strip() for match in _SENTENCE.finditer(text))
    return tuple(sentence for sentence in found if any(char.isalnum() for char in sentence))


def spoken_seconds(text: str) -> float:
    """Estimate how long the text takes to say, pauses included."""
    seconds = sum(_PAUSE_SECONDS.get(char, 0.0) for char in text)
    seconds += _HANZI_SECONDS * sum("\u4e00" <= char <= "\u9fff" for char in text)
    for word in re.findall(r"[A-Za-z']+", text):
        seconds += _LETTER_SECONDS if len(word) == 1 else _WORD_SECONDS
    return seconds


def _voice(language: str) -> ModuleType:
    if language not in LANGUAGES:
        raise PromptError(f"no wording rules for {language!r}; use one of {', '.join(LANGUAGES)}")
    return speakable if language == "zh-CN" else speakable_en


@lru_cache(maxsize=1024)
def _check(template: str) -> None:
    stray = _SLOT.sub("", template)
    if "{" in stray or "}" in stray:
        raise PromptError(
            f"stray brace in {template!r}; a slot is written {{name}} or {{name|format}}"
        )
    for slot in _SLOT.finditer(template):
        if slot["format"] is not None and slot["format"] not in _FORMATS:
            raise PromptError(
                f"slot {slot['name']!r} has the unknown format {slot['format']!r}; "
                f"use one of {', '.join(sorted(_FORMATS))}"
            )


@lru_cache(maxsize=2048)  # texts of flows: few, and said on every call
def _literal(text: str, voice: ModuleType) -> str:
    if voice is speakable_en:
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{lead}{free_text_en.speakable(text)}{trail}" if text.strip() else text
    # a stop at either end belongs to the slot beside it and must survive
    found = _CORE.search(text)
    if found is None:
        return text
    return text[: found.start()] + free_text.speakable(found.group()) + text[found.end() :]


def _check_aware(now: datetime) -> None:
    if now.tzinfo is None:
        raise PromptError("`now` has no time zone; pass the recipient's local time, aware")


def _say(
    name: str, format_name: str, values: Mapping[str, object], now: datetime, voice: ModuleType
) -> str:
    if name not in values:
        known = ", ".join(sorted(values)) or "none"
        raise PromptError(f"slot {name!r} has no value; pass it or remove it (values: {known})")
    value = values[name]
    if value is None or value == "":
        raise PromptError(
            f"slot {name!r} is empty; give it a value or choose a wording that does without"
        )
    try:
        spoken = _FORMATS[format_name](value, now, voice)
    except (TypeError, ValueError) as error:
        raise PromptError(f"slot {name!r} can't be said as {format_name}: {error}") from error
    if not spoken:
        raise PromptError(f"slot {name!r} has nothing to say in {value!r}")
    return spoken


def _words(value: object) -> str:
    text = getattr(value, "text", value)
    if not isinstance(text, str):
        raise TypeError(f"wants text, got {type(value).__name__}")
    return text


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"wants a whole number, got {type(value).__name__}")
    return value


def _moment(value: object) -> datetime:
    if isinstance(value, Span):
        value = value.start
    elif isinstance(value, tuple) and len(value) == 2:
        value = value[0]
    if not isinstance(value, datetime):
        raise TypeError(f"wants a datetime, got {type(value).__name__}")
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone; pass an aware datetime")
    return value


def _span(value: object) -> tuple[datetime, datetime | None]:
    if isinstance(value, Span):
        start, end = value.start, value.end
    elif isinstance(value, tuple) and len(value) == 2:
        start, end = value
    else:
        raise TypeError(f"wants (start, end), got {type(value).__name__}")
    return _moment(start), None if end is None else _moment(end)


def _plain(value: object, now: datetime, voice: ModuleType) -> str:
    if isinstance(value, datetime):
        return str(voice.moment(_moment(value), now))
    if isinstance(value, int) and not isinstance(value, bool):
        return str((numerals if voice is speakable else numerals_en).number(value))
    if isinstance(value, Span | tuple):
        return str(voice.window(*_span(value), now))
    return str((free_text if voice is speakable else free_text_en).speakable(_words(value)))


def _name(value: object, _now: datetime, voice: ModuleType) -> str:
    text = _words(value)
    return speakable.name(text) if voice is speakable else free_text_en.speakable(text)


def _count(value: object, _now: datetime, voice: ModuleType) -> str:
    whole = _whole(value)
    return numerals.count(whole) if voice is speakable else numerals_en.number(whole)


def _digits(value: object, _now: datetime, voice: ModuleType) -> str:
    text = str(value) if isinstance(value, int) else _words(value)
    return (numerals if voice is speakable else numerals_en).figures(text)  # type: ignore[no-any-return]


_FORMATS: Mapping[str, Callable[[object, datetime, ModuleType], str]] = {
    "plain": _plain,
    "name": _name,
    "window": lambda value, now, voice: str(voice.window(*_span(value), now)),
    "part": lambda value, now, voice: str(voice.loose_window(*_span(value), now)),
    "date": lambda value, now, voice: str(voice.day(_moment(value), now)),
    "full_date": lambda value, now, voice: str(voice.full_day(_moment(value), now)),
    "time": lambda value, now, voice: str(voice.hour(_moment(value), now)),
    "moment": lambda value, now, voice: str(voice.moment(_moment(value), now)),
    "money": lambda value, _now, voice: str(voice.money(_whole(value))),
    "count": _count,
    "tail4": lambda value, _now, voice: str(voice.tail(_words(value))),
    "waybill": lambda value, _now, voice: str(voice.waybill(_words(value))),
    "phone": lambda value, _now, voice: str(voice.phone(_words(value))),
    "digits": _digits,
    "address": lambda value, _now, voice: str(voice.address(_words(value))),
}
