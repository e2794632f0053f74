"""Withdrawal: a customer who waits for a person doesn't want one any more; pure.

不用了 -> STAY     the robot goes on with its question, where it can
再见   -> LEAVE    he is let go
晚点再打 -> LATER   what the flow makes of it
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from asr.hearing import Utterance
from ivr.dialog import Step, go_on, step
from ivr.dialog_state import Dialog, DialogError
from ivr.exchange import HangUp, Said, Say
from ivr.flow_model import Flow
from ivr.meaning import Intent, Meaning
from ivr.wish import BACK_AGAIN, FAREWELL, Wish
from ivr.wording import speak
from tts.prompts import PromptError


class Withdrawal(StrEnum):
    """What somebody wants who no longer waits."""

    STAY = "stay"
    LEAVE = "leave"
    LATER = "later"


def _words(**patterns: str) -> Mapping[str, re.Pattern[str]]:
    return MappingProxyType({name: re.compile(each, re.I) for name, each in patterns.items()})


_WAITS = _words(
    zh=r"(?<!不)(?<!不想)(?<!不用)(?<!不要)(?<!不用再)(?<!不想再)(?<!别)等(着|吧|一|会|等|你)"
    r"|(别|不要|不能|先不|没|不会)(再)?挂|(再不|不然|要不|否则|还不).*(挂|算)"
    r"|(这么|这样|不能|不会|别想|岂能)算了|挂了(吗|么|没)|是不是",
    en=r"\b(i'?ll|i will|i can|happy to|keep|let me) (wait|hold)\b|\bdon'?t hang up\b"
    r"|\bor (else )?(i'?ll|i will)\b",
)
"""He waits on, however impatiently."""
_NO_MORE = _words(
    zh=r"不用了|不用(再|你们|给我)?(转|等|找|叫|接|人工|客服|麻烦)|不(想|要|愿)?(再)?等了|不等|不转|别转|不要转"
    r"|不需要(了|人工|客服|转)|不(要|找|想找)(人工|客服)|算了|没事了|取消转|^(我)?(都)?不要了",
    en=r"\b(never ?mind|forget (it|that)|don'?t bother|no need|no,? thanks?|cancel (it|that))\b"
    r"|\b(don'?t|do not) (want|need) (to (wait|hold|talk)|anyone|anybody|a person|an agent)\b"
    r"|\bnot (going to )?wait\w*\b|\bcan'?t wait\b",
)
_PARTING = _words(zh=r"再见|拜拜|挂了|先挂|我挂|挂电话", en=r"\b(good ?bye|bye|hang(ing)? up)\b")


def withdrawal(meaning: Meaning, language: str) -> Withdrawal | None:
    """Return what somebody wants instead of waiting; None: he waits on."""
    tongue, text = language[:2], meaning.text
    if _says(_WAITS, tongue, text) or meaning.intent is Intent.WAIT:
        return None
    if _says(_PARTING, tongue, text):
        return Withdrawal.LEAVE
    if _says(_NO_MORE, tongue, text) or meaning.intent is Intent.BACK:
        return Withdrawal.STAY
    if meaning.intent is Intent.GOODBYE:
        return Withdrawal.LEAVE
    return Withdrawal.LATER if meaning.intent is Intent.CALL_LATER else None


def without_person(flow: Flow, wish: Wish, wants: Withdrawal, event: Said) -> Step:
    """Return how a dialog goes on whose customer no longer waits for a person.

    Nobody calls back who is not wanted: where the robot has nothing left to ask that it could
    settle, it says goodbye.
    """
    before = wish.before
    is_over = flow.script.states[before.state].ending is not None
    following: Step | None = None
    try:
        if not is_over and wants is Withdrawal.STAY and wish.asked_for:
            following = going_on(flow, before)
        elif not is_over:
            later = wants is Withdrawal.LATER
            following = step(flow, before, event if later else _goodbye(event))
    except (DialogError, PromptError):
        following = None
    if following is None or _promises(flow, following[0]):
        farewell = speak(flow, before.facts, before.slots, FAREWELL)
        following = before, (*farewell, HangUp())
    return following


def going_on(flow: Flow, dialog: Dialog, point: str = "") -> Step:
    """Return how the robot takes the call up again: at a state, or (empty) at the open question.

    Raises DialogError or PromptError where it can't.
    """
    if point and point not in flow.script.states:
        raise DialogError(f"{flow.id} has no state {point!r}.")
    after, actions = go_on(flow, dialog, point)
    says: tuple[Say, ...] = ()
    if BACK_AGAIN in flow.script.prompts:
        says = speak(flow, dialog.facts, dialog.slots, BACK_AGAIN)
    return after, (*says, *actions)


def _promises(flow: Flow, dialog: Dialog) -> bool:
    ending = flow.script.states[dialog.state].ending
    return ending is not None and bool(ending.needs_person)


def _goodbye(event: Said) -> Said:
    said = event.utterance
    meaning = Meaning(Intent.GOODBYE, 1.0, text=event.meaning.text)
    return Said(meaning, Utterance(said.text, 1.0, said.began, said.ended), interrupted=False)


def _says(words: Mapping[str, re.Pattern[str]], tongue: str, text: str) -> bool:
    pattern = words.get(tongue)
    return pattern is not None and pattern.search(text) is not None
