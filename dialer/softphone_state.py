"""What a softphone is doing, and what may happen to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from types import MappingProxyType


class PhoneState(StrEnum):
    """Where a softphone is between two calls."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"


class PhoneStep(StrEnum):
    """What may happen to a softphone."""

    RING = "ring"
    ANSWER = "answer"
    END = "end"


STEPS: Mapping[PhoneState, Mapping[PhoneStep, PhoneState]] = MappingProxyType(
    {
        PhoneState.WAITING: {PhoneStep.RING: PhoneState.RINGING},
        PhoneState.RINGING: {
            PhoneStep.ANSWER: PhoneState.TALKING,
            PhoneStep.END: PhoneState.WAITING,
        },
        PhoneState.TALKING: {PhoneStep.END: PhoneState.WAITING},
    }
)


class Refusal(StrEnum):
    """Why a call was not let ring."""

    STRANGER = "stranger"
    """Who rings is none of those who may."""
    BUSY = "busy"
    DEVICE = "device"
    """The sound device is gone."""


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Who may ring."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    def lets(self, address: str) -> bool:
        """Answer whether a call from that address may ring."""
        try:
            known = ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in self.networks)


def next_phone_state(state: PhoneState, step: PhoneStep) -> PhoneState:
    """Return the state after a step; raises KeyError where the table has none."""
    return STEPS[state][step]
