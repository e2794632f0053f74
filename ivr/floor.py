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

from dataclasses import dataclass

from asr.hearing import Alternative, Recognition, Utterance
from asr.turn import joined
from ivr.barging import NOTHING_YET, Evidence
from ivr.dialog_state import Dialog
from ivr.exchange import Listen, Said

SAME_TURN_SECONDS = 0.8
"""Who goes on so soon after his last word had not finished."""
NOISES_ENDURED = 2
"""A sentence that noise has cut so often is not cut again before there is a word."""
WORDLESS_SECONDS = 1.5
"""A sound that has gone on for so long without a word is not somebody who is talking to us."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a talk stands."""

    dialog: Dialog
    listen: Listen | None = None
    """What is being asked; None: the goodbye is being said, or a person is being fetched."""
    waits: bool = False
    """A person is being fetched, or has the call."""


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
    evidence: Evidence = NOTHING_YET
    """That it is more than a sign of life."""
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
