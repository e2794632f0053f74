"""Barging: is what is said into our words meant to stop them? Pure.

    looks      0.16   0.20   0.24        readings of the sound so far, and how likely each is
    "便利店"   遍 .44  遍 .44               any word at all: 1.0, twice -> we fall silent at 0.20
               别 .30  变 .35
    "嗯"       嗯 1.0  嗯 .9              a sign of life: 0.0
    a cough    啊 .9   啊 .9               no throat sounds

Which word it is need not be known, only that it is one: so the readings which mean something are
counted together. Two looks must agree, and a throat must have sounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from asr.hearing import Alternative, Partial
from asr.sounding import syllables
from audio.pcm import FRAME_SECONDS
from ivr.completeness import is_assent

THROAT_SECONDS = 0.06
"""Pitch within one look; breath, water and engines have none."""
CLEAR_THROAT_SECONDS = 0.1
"""The same for words of which the recogniser doesn't tell how likely they are."""
CERTAIN = 0.85
"""Probability, of two looks one after the other, that this is more than a sign of life."""
LIKELY = 0.65
"""The same for three looks."""
CREAKING = 0.9
"""The same where no pitch was found in two syllables: some voices creak."""
SYLLABLES_PER_SECOND = 2.4
"""People say three to six; what says fewer is a noise or a hum."""
UNTOLD_SECONDS = 0.85
"""From here on words are believed of which the recogniser doesn't tell how likely they are."""
UNTOLD_SYLLABLES = 3
"""So many of them are needed then: laughs and wind are taken for two."""
ASKED = 0.45
"""Confidence of 嗯 and 好 where they answer what we are just asking."""

_ASSENT = re.compile(r"^(?:很好|[嗯唔哦噢啊哎唉诶呃额对好行是喂的])+")
_SAYS_NOTHING = re.compile(r"[嗯唔哦噢啊哎唉诶呃额喂的了在会吧送按单拜零一二三四五六七八九十]")
"""What recognisers make of a cough, a bark or a melody, and of a hum that is cut off."""
_NEVER_NOISE = ("你", "您", "我", "不", "没", "别", "明", "今", "下", "放", "等", "能", "都", "周")
"""Words at the beginning of sentences that no noise was taken for."""
_LIKE_A_SIGH = frozenset("在再改拜百还来")
"""What 哎 is taken for."""
_SYLLABLE = re.compile(r"[a-z']+|[^\W\da-z]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the looks at an utterance have shown so far."""

    throat: float = 0.0
    """The most seconds of pitch that one look found."""
    likely: tuple[float, ...] = ()
    """Probability at the last looks, newest last, that it means something."""

    @property
    def has_throat(self) -> bool:
        """A throat has sounded."""
        return self.throat > THROAT_SECONDS - FRAME_SECONDS / 2

    def with_look(self, heard: Partial, after_seconds: float, language: str) -> Evidence:
        """Return the evidence after one more look, so long after the voice began."""
        untold = not heard.confidence
        if untold and after_seconds < UNTOLD_SECONDS:
            return self
        throat = max(self.throat, heard.pitched_seconds)
        likely = likelihood(heard, after_seconds, language)
        # What was said up to a pause, or for so long, needs no second look.
        looks = (likely, likely) if heard.settled or untold else (likely,)
        return Evidence(throat, (*self.likely, *looks)[-3:])

    def stops_us(self, heard: Partial) -> bool:
        """Answer whether it is enough; `heard` is the last look."""
        if len(self.likely) < 2:
            return False
        last_two = min(self.likely[-2:])
        if not heard.confidence:
            return last_two >= CERTAIN and self.throat > CLEAR_THROAT_SECONDS - FRAME_SECONDS / 2
        if self.has_throat:
            return last_two >= CERTAIN or (len(self.likely) > 2 and min(self.likely) >= LIKELY)
        return last_two >= CREAKING and (
            _count(heard.text) > 1 or heard.text.startswith(_NEVER_NOISE)
        )


NOTHING_YET = Evidence()


def likelihood(heard: Partial, after_seconds: float, language: str) -> float:
    """Return how likely the sound so far is more than a sign of life, 0 to 1."""
    told = heard.confidence or (1.0 if after_seconds >= UNTOLD_SECONDS else 0.0)
    readings = heard.alternatives or (Alternative(heard.text, told),)
    most = max(1.0, after_seconds * SYLLABLES_PER_SECOND - 0.5)
    if not heard.confidence:
        most = max(most, UNTOLD_SYLLABLES)
    return sum(
        each.confidence
        for each in readings
        if _count(each.text) >= most and _is_meant(each.text.lower(), language)
    )


def means_something(text: str, asking: bool, language: str) -> bool:
    """Answer whether what was said into our words is more than a sign of life."""
    if is_assent(text, language):
        return asking
    return _SAYS_NOTHING.sub("", text) != ""


def answers_us(heard: Partial, evidence: Evidence, language: str) -> bool:
    """Answer whether this is the 嗯 or 好 that answers the question we are just asking."""
    return evidence.has_throat and is_assent(heard.text, language) and heard.confidence >= ASKED


def _is_meant(text: str, language: str) -> bool:
    if is_assent(text, language):
        return False
    said = _SYLLABLE.findall(text)
    if not said:
        return False
    meant = said[_signs_of_life(text, said) :]
    if len(meant) < len(said) and len(meant) < 2:
        # The last syllable of 嗯嗯 or 好好好, cut off, is taken for many things.
        return False
    return _SAYS_NOTHING.sub("", "".join(meant)) != ""


def _signs_of_life(text: str, said: list[str]) -> int:
    """Return how many syllables at the beginning are 嗯, 对, 好, or sound like them."""
    found = _ASSENT.match(text)
    count = len(found.group()) if found else 0
    if said[0] in _LIKE_A_SIGH and all(_sound(each) in _SIGNS for each in said[1:]):
        return len(said)
    while count < len(said) and _sound(said[count]) in _SIGNS:
        count += 1
    return count


@lru_cache(maxsize=4096)
def _sound(syllable: str) -> str:
    return next(iter(syllables(syllable)), "")


def _count(text: str) -> int:
    return len(_SYLLABLE.findall(text.lower()))


_SIGNS = frozenset(map(_sound, "嗯哦啊哎诶呃对好行是喂"))
"""Signs of life by their sound: 是是是 is taken for 实施, too."""
