"""Floor: who may speak now. What a talk remembers of the callee between two frames; pure.

informing  [say ........................]     嗯 对 好 喂, a cough, a lorry: we go on
                 嗯
informing  [say ....]                         words: we give way as soon as one is heard
                我不在家
asking     [say .....]                        嗯 too: it answers the question
                 嗯
too early  可以 [say .]                       he goes on within 0.8 s: we fall silent at once,
                    不过放门口就行            and both halves are one answer
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from asr.hearing import Alternative, Partial, Recognition, Utterance
from asr.turn import joined
from ivr.completeness import is_assent
from ivr.dialog_state import Dialog
from ivr.exchange import Listen, Said

SAME_TURN_SECONDS = 0.8
"""Who goes on so soon after his last word had not finished."""
NOISES_ENDURED = 2
"""A sentence that noise has cut so often is not cut again before there is a word."""
WORDLESS_SECONDS = 1.5
"""A sound that has gone on for so long without a word is not somebody who is talking to us."""

SYLLABLES_PER_SECOND = 2.4
"""People say three to six; what says fewer is a noise or a hum."""
THROAT_SECONDS = 0.06
"""Pitch needed to believe a syllable: breath, water and engines have none."""
BELIEVED = 0.45
"""Confidence of a word that a throat said."""
BELIEVED_BEGINNING = 0.7
"""Confidence of a syllable that sentences begin with, and that noise was never taken for."""
BELIEVED_ANYWAY = 0.85
"""Confidence of two syllables and more, throat or not: some voices creak."""

_ASSENT = re.compile(r"^(?:很好|[嗯唔哦噢啊哎唉诶对好行是喂的])+")
_SAYS_NOTHING = re.compile(r"[嗯唔哦噢啊哎唉诶呃额喂的了在会吧送按单拜零一二三四五六七八九十]")
"""What recognisers make of a cough, a bark or a melody, and of a hum that is cut off."""
_BEGINNING = frozenset("你您我不等别没改放转明今后下上可能换打谁先这那哪怎什为请要快人退拒投")
_SYLLABLE = re.compile(r"[a-z']+|[^\W\da-z]")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a talk stands."""

    dialog: Dialog
    listen: Listen | None = None
    """What is being asked; None: the goodbye is being said."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that may turn out to be the first half of one."""

    before: Position
    said: Said
    is_final: bool
    """It ended the conversation and was kept as evidence; nothing is added to that."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a talk has to remember about the callee between two frames."""

    speaking_since: float | None = None
    words: bool = False
    """A word was recognised in what is being said."""
    interrupted: bool = False
    """The utterance in progress cut our sentence."""
    goes_on: bool = False
    """The utterance in progress began so soon after the last one that it is part of it."""
    last: Answered | None = None
    held: Said | None = None
    """Said while a sentence was playing that may not be cut; answered after it."""
    pressed_at: float = 0.0
    """When the last key was pressed; what was being said then is not taken for an answer."""
    noises: int = 0
    """How often noise has cut the sentence being said."""
    time_is_up: bool = False

    def is_talking(self, now: float) -> bool:
        """Answer whether somebody is talking, as opposed to a noise that goes on and on."""
        if self.speaking_since is None:
            return False
        return self.words or now - self.speaking_since < WORDLESS_SECONDS

    def continues(self, began: float) -> bool:
        """Answer whether speech that began then belongs to the last answer."""
        last = self.last
        if last is None or last.is_final:
            return False
        return began - last.said.utterance.ended <= SAME_TURN_SECONDS


def interrupts(heard: Partial, after_seconds: float, asking: bool, language: str) -> bool:
    """Answer whether these first words, heard after so long, make us fall silent.

    `asking`: our question is being said, and 嗯 answers it.
    """
    text = heard.text.lower()
    said = len(_SYLLABLE.findall(text))
    if said < max(1.0, after_seconds * SYLLABLES_PER_SECOND - 0.5):
        return False
    if is_assent(text, language):
        return asking and _is_believed(heard, said)
    meant = _ASSENT.sub("", text)
    left = len(_SYLLABLE.findall(meant))
    # The last syllable of 嗯嗯 or 好好好, cut off, is taken for many things.
    if left < said and left < 2:
        return False
    return _SAYS_NOTHING.sub("", meant) != "" and _is_believed(heard, left)


def means_something(text: str, asking: bool, language: str) -> bool:
    """Answer whether what was said into our words is more than a sign of life."""
    if is_assent(text, language):
        return asking
    return _SAYS_NOTHING.sub("", text) != ""


def _is_believed(heard: Partial, syllables: int) -> bool:
    if heard.settled or not heard.confidence:
        return True
    if heard.text in _BEGINNING and heard.confidence >= BELIEVED_BEGINNING:
        return True
    if syllables > 1 and heard.confidence >= BELIEVED_ANYWAY:
        return True
    throat = heard.pitched_seconds > THROAT_SECONDS - 0.01
    return throat and heard.confidence >= BELIEVED


def as_one(first: Utterance, second: Utterance) -> Utterance:
    """Return two halves of one answer as one utterance."""
    whole = joined(_recognition(first), _recognition(second))
    return Utterance(
        text=whole.text,
        confidence=whole.confidence,
        began=first.began,
        ended=second.ended,
        words=whole.words,
        decided=second.decided,
        alternatives=whole.alternatives,
    )


def is_same_course(one: Dialog, other: Dialog) -> bool:
    """Answer whether two dialogs ask or settle the same, however they came to it."""
    ends = [at.settled and (at.settled.outcome, at.settled.reports) for at in (one, other)]
    return (one.state, one.slots) == (other.state, other.slots) and ends[0] == ends[1]


def _recognition(utterance: Utterance) -> Recognition:
    alternatives: tuple[Alternative, ...] = utterance.alternatives
    return Recognition(utterance.text, utterance.confidence, utterance.words, alternatives)
