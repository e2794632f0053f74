"""What a sentence of a corpus means, as its label says it, and whether a Meaning agrees. Pure.

A label reads `reschedule+not_home window=+1@15:00-16:00 hand_over=doorstep`: the intent that
matters most, further ones after `+`, then the slots. `no|reschedule`: either will do. A window is
days from now @ begin - end; an open end is the end of the delivery day. `~`: about that time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path

import yaml
from pypinyin import lazy_pinyin

from ivr.meaning import Address, HandOver, Intent, Meaning, SlotValue, Window

_MAIN = (
    Intent.YES,
    Intent.NO,
    Intent.RESCHEDULE,
    Intent.NOT_HOME,
    Intent.CHANGE_ADDRESS,
    Intent.HAND_OVER,
)
QUESTIONS: Mapping[str, tuple[Intent, ...]] = {
    "main": _MAIN,
    "confirm": (Intent.YES, Intent.NO),
    "when": (Intent.TELL, Intent.RESCHEDULE),
    "where_to": (Intent.TELL, Intent.CHANGE_ADDRESS),
    "place": (Intent.HAND_OVER, Intent.TELL),
    "score": (Intent.TELL,),
    "phone": (Intent.TELL,),
    "none": (),
}
"""By section of a corpus: what the open question hopes for."""

SLOTS = ("window", "hand_over", "address", "number")
UNASKED_MATTERS = frozenset({"window", "hand_over", "address"})
"""Slots that change a delivery: understood where none was said, they are wrong."""
DAY_ENDS = time(21)
END_TOLERANCE = timedelta(hours=1)
"""A dispatcher does the same with 15:00-16:00 and 15:00-17:00."""
ABOUT = timedelta(hours=1)

_MOMENT = re.compile(r"(?:\+(?P<days>\d+)@)?(?P<hour>\d\d):(?P<minute>\d\d)")
_HOUSE = re.compile(r"(?<=\d)(?:号楼|栋|幢|座)")
_LEVEL = re.compile(r"(?<=\d)(?:层|楼(?!\d*号))")
_ROOM = re.compile(r"(?:室|号房|房间|房)$")


class LabelError(ValueError):
    """A label can't be read; the message names it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Span:
    """A window as a label writes it: moments relative to a day."""

    start: tuple[int, time]
    end: tuple[int, time] | None
    about: bool

    def fits(self, window: Window, now: datetime) -> bool:
        """Tell whether a dispatcher would do with `window` what was asked for."""
        start = _at(self.start, now)
        end = _at(self.end or (self.start[0], DAY_ENDS), now)
        got_end = window.end or datetime.combine(window.start, DAY_ENDS, window.start.tzinfo)
        off, end_off = abs(window.start - start), abs(got_end - end)
        most = ABOUT if self.about else timedelta(0)
        return off <= most and end_off <= END_TOLERANCE + most


@dataclass(frozen=True, slots=True)
class Meant:
    """What a sentence means."""

    first: tuple[Intent, ...]
    """The intent that matters most; several: any of them."""
    also: tuple[Intent, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    """By name, as written in the label."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a corpus."""

    question: str
    said: str
    """With the punctuation of a writer."""
    meant: str

    @property
    def heard(self) -> str:
        """Return it as a recogniser writes it."""
        return as_heard(self.said)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a Meaning agrees with a label."""

    intent: bool
    also: bool
    """All further intents were understood too."""
    slots: Mapping[str, bool]
    """Every slot that was said, and every one understood that was not (False)."""


def as_heard(said: str) -> str:
    """Return a sentence as a recogniser writes it: no punctuation, no capitals."""
    if said.isascii():
        return " ".join(re.findall(r"[a-z0-9']+", said.lower()))
    return "".join(character for character in said.lower() if character.isalnum())


@cache
def meant_of(label: str) -> Meant:
    """Return what a label says; raises LabelError."""
    head, *slots = label.split()
    first, *also = head.split("+")
    try:
        meant = Meant(
            tuple(Intent(each) for each in first.split("|")),
            tuple(Intent(each) for part in also for each in part.split("|")[:1]),
            dict(_pair(slot) for slot in slots),
        )
    except ValueError as error:
        raise LabelError(f"{label!r}: {error}; see audio_fixtures/meant.py") from error
    return meant


def span_of(written: str) -> Span:
    """Return the window `+1@15:00-16:00`; raises LabelError."""
    start, dash, end = written.removeprefix("~").partition("-")
    begins = _MOMENT.fullmatch(start)
    ends = _MOMENT.fullmatch(end)
    if not (begins and begins["days"] and dash) or (end and not ends):
        raise LabelError(f"{written!r} is no window; write +1@15:00-16:00 or +1@15:00-")
    days = int(begins["days"])
    until = (int(ends["days"] or days), _clock(ends)) if ends else None
    return Span((days, _clock(begins)), until, written.startswith("~"))


def judged(label: str, meaning: Meaning, now: datetime, by_sound: bool = False) -> Verdict:
    """Compare what was understood with a label.

    By sound: a road that is written with other characters of the same syllables is right, because
    nobody can hear which characters it has.
    """
    meant = meant_of(label)
    slots = {
        name: _agrees(name, written, meaning.slots.get(name), now, by_sound)
        for name, written in meant.slots.items()
    }
    unasked = UNASKED_MATTERS & set(meaning.slots) - set(meant.slots)
    understood = {meaning.intent, *meaning.also}
    return Verdict(
        meaning.intent in meant.first,
        set(meant.also) <= understood,
        {**slots, **dict.fromkeys(sorted(unasked), False)},
    )


def sentences(path: Path) -> tuple[Sentence, ...]:
    """Return the lines of a corpus file: by question, `said: label`."""
    sections = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    return tuple(
        Sentence(question, said, meant)
        for question, lines in sections.items()
        for said, meant in lines.items()
    )


def share(values: Iterable[bool]) -> float:
    """Return how much of it is right, 0 to 1; nothing to judge is all right."""
    judged_values: Sequence[bool] = list(values)
    return sum(judged_values) / len(judged_values) if judged_values else 1.0


def address_parts(address: str) -> str:
    """Return an address with one writing for houses, floors and rooms."""
    return _ROOM.sub("", _LEVEL.sub("层", _HOUSE.sub("号楼", address.replace(" ", ""))))


def _agrees(
    name: str, written: str, value: SlotValue | None, now: datetime, by_sound: bool
) -> bool:
    match name, value:
        case "window", Window():
            return span_of(written).fits(value, now)
        case "hand_over", HandOver():
            return value.value == written
        case "address", Address():
            wanted, got = address_parts(written), address_parts(value.text)
            return lazy_pinyin(wanted) == lazy_pinyin(got) if by_sound else wanted == got
        case "number", int() | str():
            return str(value) == written
    return False


def _pair(slot: str) -> tuple[str, str]:
    name, equals, written = slot.partition("=")
    if name not in SLOTS or not (equals and written):
        raise LabelError(f"{slot!r} is no slot; write one of {', '.join(SLOTS)} = value")
    if name == "window":
        span_of(written)
    if name == "hand_over":
        HandOver(written)
    return name, written


def _clock(match: re.Match[str]) -> time:
    return time(int(match["hour"]), int(match["minute"]))


def _at(moment: tuple[int, time], now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=moment[0]), moment[1], now.tzinfo)
