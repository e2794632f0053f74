"""Callers: those who place calls for a campaign, whether over a trunk or on paper."""

from __future__ import annotations

from typing import Protocol

from dialer.supervisor import WorkerLost, WorkerMessage, WorkerReady

CallersNews = WorkerMessage | WorkerLost | WorkerReady


class Callers(Protocol):
    """Slots that take orders and send back what becomes of them, as `dialer.supervisor` does."""

    async def start(self) -> None:
        """Get ready to take orders."""

    async def stop(self) -> None:
        """End all calls and take no more orders."""

    def free_slots(self) -> int:
        """Return how many orders would be taken now."""

    def submit(self, key: int, message: object) -> None:
        """Hand over an order; raises NoFreeSlot."""

    def tell(self, key: int, message: object) -> bool:
        """Pass a message on to whoever holds the call of `key`; False: nobody does any more."""

    def tell_all(self, message: object) -> None:
        """Pass a message on to all who can hold calls now."""

    async def receive(self) -> CallersNews:
        """Return the next news, in order."""

    def release(self, key: int) -> None:
        """The call of `key` is over; its slot is free again."""
