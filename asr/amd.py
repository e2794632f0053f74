"""Who took the call: a person or a machine, from what was heard since the answer.

    answer |--"喂?"--|  silence                              -> person, at once
    answer |--"喂你好我在开|车呢"                             -> person: no machine says 喂
    answer |--"你好我刚才在忙没|接到电话,你是.."--|             -> person: nothing of a machine's
    answer |--"您好,您拨打|的用户现在无法..请在提示音后留言"--| beep
                           ^ recording: we are silent         ^ voicemail: the message
    answer |--"您好"--| pause |--"...请在滴声后留言"--|        -> person, then voicemail
    answer |--"您好我是机主的智能助理,请问.."--|               -> assistant
    answer |~~~~ 2100 Hz ~~~~                                -> fax
    answer |----------- six seconds -----------              -> silence

A verdict may change while more is heard; nothing a machine says is waited for in silence. A
person who is taken for a machine is lost, a machine that is taken for a person only costs a
sentence: without telling words it is a person, or unsure, and unsure is spoken to like a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from asr.announcements import Announcement, announcement_in
from asr.phrasebook import answerer_phrases
from asr.sounding import syllables


class Answerer(StrEnum):
    """Who or what answers."""

    PERSON = "person"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    """A service that asks for our business on behalf of the callee."""
    ANNOUNCEMENT = "announcement"
    """The network speaks, although the call counts as answered."""
    RECORDING = "recording"
    """Certainly no person; which machine, its next words tell."""
    FAX = "fax"
    SILENCE = "silence"
    """Nobody has said a word for long."""
    UNSURE = "unsure"

    @property
    def is_machine(self) -> bool:
        """Say whether it is certainly no person."""
        return self in _MACHINES


_MACHINES = frozenset(
    {
        Answerer.VOICEMAIL,
        Answerer.ASSISTANT,
        Answerer.ANNOUNCEMENT,
        Answerer.RECORDING,
        Answerer.FAX,
    }
)


RECORDED_AFTER = frozenset(
    {
        Announcement.NO_ANSWER,
        Announcement.OUT_OF_REACH,
        Announcement.BUSY_TALKING,
        Announcement.WAITING,
        Announcement.FORWARDED,
        Announcement.REMINDER,
    }
)
"""Announced after the answer, these may be the beginning of a voicemail's greeting."""


LONG_SPEECH_SYLLABLES = 8
"""People who answer mostly say less."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One stretch of speech since the answer; also one still going on."""

    text: str
    began: float
    """Seconds since the answer."""
    ended: float
    """Seconds since the answer; for one going on: now."""
    going_on: bool = False
    alternatives: tuple[str, ...] = ()
    """Other readings that are about as likely."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who it is, as far as one can tell now."""

    answerer: Answerer
    why: str
    """For the log and for figures, in a few words."""


@dataclass(frozen=True, slots=True)
class AnswererSettings:
    """Where people and machines differ in time."""

    watch_seconds: float = 20.0
    """Later nobody but the callee speaks: phrases of machines are not looked for any more."""
    short_greeting_seconds: float = 2.5
    """People say less than this before they wait for us."""
    listened_seconds: float = 2.0
    """Machines have given themselves away in so much speech; most of them much earlier."""
    listened_syllables: int = 4
    """Fewer that were understood say nothing."""
    monologue_seconds: float = 6.0
    """Machines speak longer than this without a pause; hardly anybody answers so."""
    breath_seconds: float = 1.2
    """Machines pause for less than this between two sentences."""
    silence_seconds: float = 6.0
    """After so long without a word nobody is taken to be there."""


def who_answers(
    heard: Sequence[Heard], beeped: bool = False, settings: AnswererSettings | None = None
) -> Verdict:
    """Return who took the call, from all that was heard since the answer, oldest first."""
    limits = settings or AnswererSettings()
    early = [each for each in heard if each.began <= limits.watch_seconds]
    if not early:
        return Verdict(Answerer.UNSURE, "nothing was said")
    text = "，".join(each.text for each in early if each.text)
    machine = _machine_in(text, going_on=early[-1].going_on) or _machine_among(early)
    if machine is not None:
        return machine
    longest = max(each.ended - each.began for each in early)
    if beeped and longest >= limits.short_greeting_seconds:
        return Verdict(Answerer.VOICEMAIL, "a beep after a long greeting")
    if is_surely_person(text):
        return Verdict(Answerer.PERSON, "a person's words")
    if _monologue(early, limits.breath_seconds) >= limits.monologue_seconds:
        return Verdict(Answerer.UNSURE, "a monologue")
    if early[0].going_on:
        enough = len(syllables(text)) >= limits.listened_syllables
        if enough and longest >= limits.listened_seconds:
            return Verdict(Answerer.PERSON, "nothing of a machine's so far")
        return Verdict(Answerer.UNSURE, "still speaking")
    if answerer_phrases().kind_of(early[0].text, (Answerer.PERSON,)):
        return Verdict(Answerer.PERSON, "a greeting")
    if longest <= limits.short_greeting_seconds and syllables(text):
        return Verdict(Answerer.PERSON, "few words")
    return Verdict(Answerer.UNSURE, "no telling words")


def _machine_in(text: str, going_on: bool) -> Verdict | None:
    """Return the machine that says such things; an announcement only once it is over.

    "您拨打的用户暂时无法接听,请在提示音后留言" begins like an announcement.
    """
    found = answerer_phrases().best(text, (Answerer.VOICEMAIL, Answerer.ASSISTANT))
    if found and (found.share == 1.0 or not is_surely_person(text)):
        return Verdict(Answerer(found.kind), "its words")
    if is_surely_person(text):
        return None
    announced = announcement_in(text)
    if announced and not going_on and not _may_go_on_to_record(text):
        return Verdict(Answerer.ANNOUNCEMENT, announced.value)
    if announced or answerer_phrases().kind_of(text, (Answerer.RECORDING,)):
        return Verdict(Answerer.RECORDING, announced.value if announced else "its words")
    return None


def _machine_among(heard: Sequence[Heard]) -> Verdict | None:
    """Return the machine that other readings tell of: noise may have cost the best one its words.

    Only much speech is looked at, and none of which a reading has a person's words.
    """
    readings = [reading for each in heard for reading in (each.text, *each.alternatives)]
    if len(readings) == len(heard) or any(is_surely_person(each) for each in readings):
        return None
    for reading in readings:
        found = answerer_phrases().best(
            reading, (Answerer.VOICEMAIL, Answerer.ASSISTANT, Answerer.RECORDING)
        )
        if found and found.share == 1.0 and len(syllables(reading)) >= LONG_SPEECH_SYLLABLES:
            return Verdict(Answerer(found.kind), "another reading")
    return None


@lru_cache(maxsize=64)
def is_surely_person(text: str) -> bool:
    """Say whether there are words in it that no machine says."""
    book = answerer_phrases()
    return bool(book.kind_of(text[:3], ("surely_person",)) or book.kind_of(text, ("also_person",)))


def _may_go_on_to_record(text: str) -> bool:
    """Say whether voicemails begin so: the callee is there, and does not pick up."""
    return announcement_in(text) in RECORDED_AFTER


def _monologue(heard: Sequence[Heard], breath_seconds: float) -> float:
    """Return the length of the longest speech, short pauses included."""
    longest, began, until = 0.0, heard[0].began, heard[0].began
    for each in heard:
        if each.began - until > breath_seconds:
            began = each.began
        until = each.ended
        longest = max(longest, until - began)
    return longest
