"""Templates: what recipients read, per event and language, checked before anything starts."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from campaigns.messages.events import PersonEvent
from campaigns.settings import SettingsError
from store.message_types import MessageKind

LANGUAGES: Final = ("zh-CN", "en-US")
PLACEHOLDERS: Final = frozenset(
    {"company", "name", "parcel", "when", "new_when", "address", "call_us", "callback_by", "note"}
)
"""What a template may speak of."""
PHRASES: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "parcel": frozenset({"tail"}),
    "parcels": frozenset({"tail", "count"}),
    "when": frozenset({"window"}),
    "no_when": frozenset(),
    "call_us": frozenset({"number"}),
    "moment": frozenset({"month", "day", "hour", "minute"}),
    "moments": frozenset({"start", "end"}),
})  # fmt: skip
"""Pieces of sentences, and what each is made of."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message to a recipient may speak of."""

    company: str
    name: str = ""
    waybills: tuple[str, ...] = ()
    window_start: datetime | None = None
    window_end: datetime | None = None
    new_window_start: datetime | None = None
    new_window_end: datetime | None = None
    address: str = ""
    callback_number: str = ""
    callback_by: datetime | None = None
    note: str = ""
    """What went wrong, or where the parcel is, in words of ours."""
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the recipient reads it."""

    text: str
    subject: str = ""
    """Of an e-mail."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language."""

    language: str
    signature: str
    """Before an SMS: Chinese operators ask for it."""
    opt_out: str
    """After an SMS."""
    phrases: Mapping[str, str]
    sms: Mapping[PersonEvent, str]
    subjects: Mapping[PersonEvent, str]
    emails: Mapping[PersonEvent, str]

    def events(self, kind: MessageKind) -> Iterable[PersonEvent]:
        """Return the events that have a text of a kind."""
        return self.sms if kind is MessageKind.SMS else self.emails

    def render(self, event: PersonEvent, kind: MessageKind, facts: Facts) -> Rendered:
        """Return the message. Raises SettingsError when there is no such text."""
        template = (self.sms if kind is MessageKind.SMS else self.emails).get(event)
        if template is None:
            raise SettingsError(f"There is no {kind} text for {event} in {self.language}")
        values = self._values(facts)
        text = _capital(template.format_map(values))
        if kind is MessageKind.SMS:
            return Rendered(self.signature.format_map(values) + text + self.opt_out)
        # A name or a note may hold a line break, which would end the header.
        subject = " ".join(self.subjects[event].format_map(values).split())
        return Rendered(text.strip() + "\n", _capital(subject))

    def _values(self, facts: Facts) -> dict[str, str]:
        zone, phrases = ZoneInfo(facts.time_zone), self.phrases
        tail = facts.waybills[0][-4:] if facts.waybills else ""
        parcel = "parcels" if len(facts.waybills) > 1 else "parcel"
        window = self._span(facts.window_start, facts.window_end, zone)
        number = facts.callback_number
        return {
            "company": facts.company,
            "name": facts.name,
            "parcel": phrases[parcel].format(tail=tail, count=len(facts.waybills)),
            "when": phrases["when"].format(window=window) if window else phrases["no_when"],
            "new_when": self._span(facts.new_window_start, facts.new_window_end, zone),
            "address": facts.address,
            "call_us": phrases["call_us"].format(number=number) if number else "",
            "callback_by": self._span(facts.callback_by, None, zone),
            "note": facts.note,
        }

    def _span(self, start: datetime | None, end: datetime | None, zone: ZoneInfo) -> str:
        if start is None:
            return ""
        begin = start.astimezone(zone)
        first = self.phrases["moment"].format(
            month=begin.month, day=begin.day, hour=f"{begin:%H}", minute=f"{begin:%M}"
        )
        if end is None:
            return first
        return self.phrases["moments"].format(start=first, end=f"{end.astimezone(zone):%H:%M}")


def texts_of(own: Path | None = None) -> Mapping[str, Texts]:
    """Return the texts per language: those that ship, with what a file of one's own says instead.

    Raises SettingsError naming the language, the event and what is wrong.
    """
    written = {language: dict(_shipped(language)) for language in LANGUAGES}
    if own is not None:
        for language, table in _own(own).items():
            if language not in LANGUAGES:
                raise SettingsError(f"{own}: {language} is none of {', '.join(LANGUAGES)}")
            for key, value in _table(own, language, table).items():
                both = isinstance(value, dict) and isinstance(written[language].get(key), dict)
                written[language][key] = {**written[language][key], **value} if both else value
    source = "campaigns/messages/templates" if own is None else str(own)
    return MappingProxyType(
        {language: _texts(language, table, source) for language, table in written.items()}
    )


def placeholders(template: str) -> frozenset[str]:
    """Return what a template speaks of. Raises ValueError when a brace is left open."""
    return frozenset(
        name for _, name, _, _ in string.Formatter().parse(template) if name is not None
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _texts(language: str, table: Mapping[str, Any], source: str) -> Texts:
    faults: list[str] = []

    def sound(where: str, text: object, allowed: frozenset[str]) -> str:
        if not isinstance(text, str) or not text.strip():
            faults.append(f"{where}: write a text")
            return ""
        try:
            strange = placeholders(text) - allowed
        except ValueError as error:
            faults.append(f"{where}: {error}; write {{{{ and }}}} for braces")
            return ""
        faults.extend(
            f"{where}: there is no {{{name}}}; there are {', '.join(sorted(allowed)) or 'none'}"
            for name in sorted(strange)
        )
        return text

    known = {"signature", "opt_out", "phrases", "events"}
    faults += [f"{key}: there is no such key" for key in table if key not in known]
    phrases = {
        name: sound(f"phrases.{name}", table.get("phrases", {}).get(name), allowed)
        for name, allowed in PHRASES.items()
    }
    sms: dict[PersonEvent, str] = {}
    subjects: dict[PersonEvent, str] = {}
    emails: dict[PersonEvent, str] = {}
    for word, event in table.get("events", {}).items():
        if word not in set(PersonEvent):
            faults.append(f"events.{word}: there is no such event; see docs/messages.md")
            continue
        name = PersonEvent(word)
        shelves = {"sms": sms, "subject": subjects, "email": emails}
        for kind, text in _fields(word, event, faults).items():
            if kind in shelves:
                shelves[kind][name] = sound(f"events.{word}.{kind}", text, PLACEHOLDERS)
            else:
                faults.append(f"events.{word}.{kind}: write sms, subject or email")
        if (name in subjects) != (name in emails):
            faults.append(f"events.{word}: an e-mail needs subject and email, both")
    signature = sound("signature", table.get("signature"), frozenset({"company"}))
    opt_out = table.get("opt_out", "")
    if faults:
        raise SettingsError(f"{source}, {language}: " + "\n  ".join(faults))
    return Texts(language, signature, str(opt_out), phrases, sms, subjects, emails)


def _fields(word: str, event: object, faults: list[str]) -> Mapping[str, object]:
    if isinstance(event, dict):
        return event
    faults.append(f"events.{word}: write a table with sms, subject and email")
    return {}


def _table(own: Path, language: str, table: object) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise SettingsError(f"{own}: {language} must be a table like the ones in docs/messages.md")
    return table


def _own(path: Path) -> Mapping[str, object]:
    try:
        loaded = yaml.safe_load(path.expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"messages.templates_file {path} can't be read: {error}") from error
    if not isinstance(loaded, dict):
        raise SettingsError(f"{path}: write a table per language: zh-CN, en-US")
    return loaded


@cache
def _shipped(language: str) -> Mapping[str, Any]:
    file = resources.files("campaigns.messages").joinpath(f"templates/{language}.yaml")
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded
