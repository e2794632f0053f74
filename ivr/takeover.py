"""Takeover: who holds a call, and what may happen next; a pure table.

                 wanted                joined
    ROBOT ───────────────▶ WAITING ───────────────▶ AGENT ──consult──▶ RINGING ──▶ CONSULTING
      ▲  ◀────nobody─────────┘  ▲                   │ │ ▲                 │ ▲          │
      │                         └──────lost─────────┘ │ └────cancel───────┘ └──────────┤
      └───────────────handed_back─────────────────────┘                              passed
                                                                        THIRD ◀────────┘

The robot holds the call in ROBOT, also while it says goodbye; in WAITING it keeps the customer
company. Supervisors who only listen, whisper or barge change nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Holder(StrEnum):
    """Who talks to the customer."""

    ROBOT = "robot"
    WAITING = "waiting"
    """Nobody yet: the customer was told that somebody is coming."""
    AGENT = "agent"
    RINGING = "ringing"
    """Nobody for the moment: a third is being rung and the agent hears how."""
    CONSULTING = "consulting"
    """Nobody for the moment: the agent talks to the third."""
    THIRD = "third"
    OVER = "over"
    """Nobody any more; the line is about to be closed."""


class Move(StrEnum):
    """What happens to a call with people in it."""

    WANTED = "wanted"
    WITHDRAWN = "withdrawn"
    """The customer no longer waits: he asked for something else."""
    NOBODY = "nobody"
    JOINED = "joined"
    LOST = "lost"
    """The device of whoever held the call is gone without a goodbye."""
    HANDED_BACK = "handed_back"
    SAID_GOODBYE = "said_goodbye"
    CONSULT = "consult"
    THIRD_ANSWERED = "third_answered"
    PASSED = "passed"
    THIRD_GONE = "third_gone"
    CANCELLED = "cancelled"
    ENDED = "ended"
    """Somebody who may ends the call."""


class IllegalMove(Exception):  # noqa: N818  reads as what it says
    """A move that the call does not allow now."""

    def __init__(self, holder: Holder, move: Move) -> None:
        super().__init__(f"{move} is not possible while {holder} holds the call.")
        self.holder = holder
        self.move = move


_H, _M = Holder, Move

MOVES: Mapping[Holder, Mapping[Move, Holder]] = MappingProxyType(
    {
        _H.ROBOT: MappingProxyType(
            {_M.WANTED: _H.WAITING, _M.JOINED: _H.AGENT, _M.ENDED: _H.ROBOT}
        ),
        _H.WAITING: MappingProxyType(
            {
                _M.JOINED: _H.AGENT,
                _M.NOBODY: _H.ROBOT,
                _M.WITHDRAWN: _H.ROBOT,
                _M.ENDED: _H.ROBOT,
            }
        ),
        _H.AGENT: MappingProxyType(
            {
                _M.LOST: _H.WAITING,
                _M.HANDED_BACK: _H.ROBOT,
                _M.SAID_GOODBYE: _H.OVER,
                _M.CONSULT: _H.RINGING,
                _M.JOINED: _H.AGENT,
                _M.ENDED: _H.ROBOT,
            }
        ),
        _H.RINGING: MappingProxyType(
            {
                _M.THIRD_ANSWERED: _H.CONSULTING,
                _M.PASSED: _H.THIRD,
                _M.THIRD_GONE: _H.AGENT,
                _M.CANCELLED: _H.AGENT,
                _M.LOST: _H.WAITING,
                _M.JOINED: _H.AGENT,
                _M.ENDED: _H.ROBOT,
            }
        ),
        _H.CONSULTING: MappingProxyType(
            {
                _M.PASSED: _H.THIRD,
                _M.THIRD_GONE: _H.AGENT,
                _M.CANCELLED: _H.AGENT,
                _M.LOST: _H.WAITING,
                _M.JOINED: _H.AGENT,
                _M.ENDED: _H.ROBOT,
            }
        ),
        _H.THIRD: MappingProxyType(
            {
                _M.THIRD_GONE: _H.ROBOT,
                _M.SAID_GOODBYE: _H.OVER,
                _M.JOINED: _H.AGENT,
                _M.ENDED: _H.ROBOT,
            }
        ),
        _H.OVER: MappingProxyType({}),
    }
)
"""Who holds the call after a move."""

ALONE = frozenset({Holder.WAITING, Holder.RINGING, Holder.CONSULTING})
"""The customer has nobody to talk to and must not wait in silence."""
WITH_PEOPLE = frozenset({Holder.AGENT, Holder.RINGING, Holder.CONSULTING, Holder.THIRD})
"""A person has the call, so the robot is silent."""


def next_holder(holder: Holder, move: Move) -> Holder:
    """Return who holds the call after a move; raises IllegalMove when it may not happen now."""
    following = MOVES[holder].get(move)
    if following is None:
        raise IllegalMove(holder, move)
    return following


def may(holder: Holder, move: Move) -> bool:
    """Answer whether a move may happen now."""
    return move in MOVES[holder]
