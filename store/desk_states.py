"""The tables of the desk: which state follows which, for agents and for transfers; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from store.desk_types import AgentState, TransferStatus
from store.errors import DeskError

IN_A_ROW: Final = 2
"""So many calls that an agent lets pass one after the other mean that nobody is there."""


class AgentStep(StrEnum):
    """What happens to a person at the desk."""

    SIGN_IN = "sign_in"
    GO_READY = "go_ready"
    GO_ON_BREAK = "go_on_break"
    SIGN_OFF = "sign_off"
    OFFER = "offer"
    PASS = "pass"
    """They declined, or let it ring."""
    WITHDRAW = "withdraw"
    """What was held out to them, or what they were about to take, is gone: the customer hung up."""
    ACCEPT = "accept"
    FINISH = "finish"
    """The call is over for them."""
    LOSE_DEVICE = "lose_device"
    """Their device could not be reached, or was gone in the middle of the call."""


class TransferStep(StrEnum):
    """What happens to a customer who waits for a person."""

    OFFER = "offer"
    WITHDRAW = "withdraw"
    """Who it was offered to doesn't take it, or could not be reached: the next."""
    ACCEPT = "accept"
    JOIN = "join"
    LEAVE = "leave"
    """The agent's part of the call is over, or their device is gone."""
    FILE = "file"
    """The form came."""
    GIVE_UP = "give_up"
    """Nobody came."""
    LOSE = "lose"
    """The customer hung up."""
    CALL_OFF = "call_off"
    """The customer wants nobody any more."""
    FAIL = "fail"
    """Our own side ended the call."""


_A, _T = AgentState, TransferStatus

AGENT_STEPS: Final[Mapping[AgentStep, Mapping[AgentState, AgentState]]] = MappingProxyType(
    {
        AgentStep.SIGN_IN: {_A.OFF: _A.BREAK, _A.BREAK: _A.BREAK, _A.READY: _A.READY},
        AgentStep.GO_READY: {
            _A.OFF: _A.READY,
            _A.BREAK: _A.READY,
            _A.READY: _A.READY,
            _A.WRAP_UP: _A.READY,
        },
        AgentStep.GO_ON_BREAK: {
            _A.OFF: _A.BREAK,
            _A.READY: _A.BREAK,
            _A.BREAK: _A.BREAK,
            _A.OFFERED: _A.BREAK,
            _A.WRAP_UP: _A.BREAK,
        },
        AgentStep.SIGN_OFF: {
            _A.OFF: _A.OFF,
            _A.READY: _A.OFF,
            _A.BREAK: _A.OFF,
            _A.OFFERED: _A.OFF,
            _A.WRAP_UP: _A.OFF,
        },
        AgentStep.OFFER: {_A.READY: _A.OFFERED},
        AgentStep.PASS: {_A.OFFERED: _A.READY},
        AgentStep.WITHDRAW: {_A.OFFERED: _A.READY, _A.TALKING: _A.READY},
        AgentStep.ACCEPT: {_A.OFFERED: _A.TALKING},
        AgentStep.FINISH: {_A.TALKING: _A.WRAP_UP},
        AgentStep.LOSE_DEVICE: {_A.TALKING: _A.BREAK},
    }
)

TRANSFER_STEPS: Final[Mapping[TransferStep, Mapping[TransferStatus, TransferStatus]]] = (
    MappingProxyType(
        {
            TransferStep.OFFER: {_T.WAITING: _T.OFFERED},
            TransferStep.WITHDRAW: {
                _T.OFFERED: _T.WAITING,
                _T.ACCEPTED: _T.WAITING,
            },
            TransferStep.ACCEPT: {_T.OFFERED: _T.ACCEPTED},
            TransferStep.JOIN: {_T.ACCEPTED: _T.JOINED},
            TransferStep.LEAVE: {_T.JOINED: _T.WRAP_UP},
            TransferStep.FILE: {_T.WRAP_UP: _T.DONE},
            TransferStep.GIVE_UP: {_T.WAITING: _T.NOBODY, _T.OFFERED: _T.NOBODY},
            TransferStep.LOSE: {
                _T.WAITING: _T.LOST,
                _T.OFFERED: _T.LOST,
                _T.ACCEPTED: _T.LOST,
            },
            TransferStep.CALL_OFF: {
                _T.WAITING: _T.UNWANTED,
                _T.OFFERED: _T.UNWANTED,
                _T.ACCEPTED: _T.UNWANTED,
            },
            TransferStep.FAIL: {
                _T.WAITING: _T.FAILED,
                _T.OFFERED: _T.FAILED,
                _T.ACCEPTED: _T.FAILED,
            },
        }
    )
)


def agent_after(state: AgentState, step: AgentStep) -> AgentState:
    """Return what an agent does after a step; raises DeskError for one that makes no sense."""
    after = AGENT_STEPS[step].get(state)
    if after is None:
        raise DeskError(f"An agent who is {state.value} can't {step.value.replace('_', ' ')}")
    return after


def passes_after(passes: int, step: AgentStep) -> int:
    """Return how many calls in a row an agent has let pass, after a step."""
    match step:
        case AgentStep.PASS:
            return passes + 1
        case AgentStep.OFFER | AgentStep.WITHDRAW:
            return passes
        case _:
            return 0


def transfer_after(status: TransferStatus, step: TransferStep) -> TransferStatus:
    """Return where a transfer stands after a step; raises DeskError where it makes no sense."""
    after = TRANSFER_STEPS[step].get(status)
    if after is None:
        raise DeskError(f"A transfer that is {status.value} can't {step.value.replace('_', ' ')}")
    return after
