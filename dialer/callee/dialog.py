"""The callee's side of a SIP dialog as a table, and how often an unanswered message is repeated.

RFC 3261 sections 13.3, 15 and 17.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

T1_SECONDS = 0.5
T2_SECONDS = 4.0
GIVE_UP_SECONDS = 64 * T1_SECONDS


class DialogState(StrEnum):
    """Where a call is, seen from the one who is called."""

    INVITED = "invited"
    RINGING = "ringing"
    EARLY = "early"
    ANSWERED = "answered"
    """200 is sent, ACK is not yet here."""
    TALKING = "talking"
    REFUSED = "refused"
    """A final refusal is sent, ACK is not yet here."""
    HANGING_UP = "hanging_up"
    """BYE is sent, its 200 is not yet here."""
    ENDED = "ended"


class DialogEvent(StrEnum):
    """What can happen to a call."""

    RING = "ring"
    PLAY_EARLY = "play_early"
    ANSWER = "answer"
    REFUSE = "refuse"
    HANG_UP = "hang_up"
    CANCEL_CAME = "cancel_came"
    ACK_CAME = "ack_came"
    BYE_CAME = "bye_came"
    BYE_ANSWERED = "bye_answered"
    TIMED_OUT = "timed_out"


class DialogError(ValueError):
    """The event can't happen in this state."""


BEFORE_THE_ANSWER = frozenset({DialogState.INVITED, DialogState.RINGING, DialogState.EARLY})
_S, _E = DialogState, DialogEvent
_WAYS_OUT_OF_THE_WAIT = {
    _E.ANSWER: _S.ANSWERED,
    _E.REFUSE: _S.REFUSED,
    _E.CANCEL_CAME: _S.REFUSED,
    _E.PLAY_EARLY: _S.EARLY,
}
TRANSITIONS: Mapping[DialogState, Mapping[DialogEvent, DialogState]] = MappingProxyType(
    {
        _S.INVITED: {**_WAYS_OUT_OF_THE_WAIT, _E.RING: _S.RINGING},
        _S.RINGING: {**_WAYS_OUT_OF_THE_WAIT, _E.RING: _S.RINGING},
        _S.EARLY: _WAYS_OUT_OF_THE_WAIT,
        # A callee may not send BYE before ACK came or was given up (RFC 3261 section 15).
        _S.ANSWERED: {
            _E.ACK_CAME: _S.TALKING,
            _E.BYE_CAME: _S.ENDED,
            _E.TIMED_OUT: _S.HANGING_UP,
        },
        _S.TALKING: {
            _E.ACK_CAME: _S.TALKING,
            _E.BYE_CAME: _S.ENDED,
            _E.HANG_UP: _S.HANGING_UP,
        },
        _S.REFUSED: {_E.ACK_CAME: _S.ENDED, _E.TIMED_OUT: _S.ENDED},
        _S.HANGING_UP: {
            _E.ACK_CAME: _S.HANGING_UP,
            _E.BYE_CAME: _S.ENDED,
            _E.BYE_ANSWERED: _S.ENDED,
            _E.TIMED_OUT: _S.ENDED,
        },
        _S.ENDED: {},
    }
)


def next_state(state: DialogState, event: DialogEvent) -> DialogState:
    """Return the state after an event; raises DialogError when it can't happen."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise DialogError(f"{event} can't happen to a call that is {state}") from None


def can_happen(state: DialogState, event: DialogEvent) -> bool:
    """Tell whether an event is possible in a state."""
    return event in TRANSITIONS[state]


def repetition_delays() -> Iterator[float]:
    """Return the seconds between repetitions over UDP, until it is time to give up."""
    passed, delay = 0.0, T1_SECONDS
    while passed + delay < GIVE_UP_SECONDS:
        yield delay
        passed += delay
        delay = min(2 * delay, T2_SECONDS)
    yield GIVE_UP_SECONDS - passed
