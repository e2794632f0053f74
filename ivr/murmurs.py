"""Murmurs: short sentences that somebody hears alone who has a call; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dialer.leg import HangupCause


class Murmur(StrEnum):
    """What he is told."""

    UNHEARD = "unheard"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    NOT_REACHED = "not_reached"
    THIRD_LEFT = "third_left"


_WORDS: Mapping[str, Mapping[Murmur, str]] = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                Murmur.UNHEARD: "客户听不到您的声音,请检查麦克风。",
                Murmur.NO_ANSWER: "对方没有接听。",
                Murmur.BUSY: "对方正忙。",
                Murmur.NOT_REACHED: "对方没有接通。",
                Murmur.THIRD_LEFT: "对方已挂断。",
            }
        ),
        "en": MappingProxyType(
            {
                Murmur.UNHEARD: "The customer can't hear you. Please check your microphone.",
                Murmur.NO_ANSWER: "They didn't answer.",
                Murmur.BUSY: "They are busy.",
                Murmur.NOT_REACHED: "They couldn't be reached.",
                Murmur.THIRD_LEFT: "They have hung up.",
            }
        ),
    }
)
_CAUSES: Mapping[str, Murmur] = MappingProxyType(
    {
        HangupCause.NO_ANSWER: Murmur.NO_ANSWER,
        HangupCause.BUSY: Murmur.BUSY,
        HangupCause.DECLINED: Murmur.BUSY,
    }
)


def murmur(what: Murmur, language: str) -> str:
    """Return the sentence in the language of the call; in English where it has none."""
    return _WORDS.get(language[:2], _WORDS["en"])[what]


def not_reached(why: str) -> Murmur:
    """Return what an agent is told of a third whose telephone was not connected."""
    return _CAUSES.get(why, Murmur.NOT_REACHED)
