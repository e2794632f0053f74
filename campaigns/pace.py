"""Pace: long work on the store is done in pieces, and others write between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from store.database import LETS_OTHERS_IN
from store.traces import chunks

GoOn = Callable[[], bool]
Rest = Callable[[float], object]


def to_the_end() -> bool:
    """Go on whatever happens."""
    return True


@dataclass(frozen=True, slots=True)
class Pace:
    """How long work goes: for how long at all, and with what rests."""

    go_on: GoOn = to_the_end
    rest: Rest = time.sleep

    def pieces(self, ids: Collection[Any]) -> Iterator[list[Any]]:
        """Cut work into pieces; none follows once it is not to go on."""
        for number, some in enumerate(chunks(ids)):
            if number:
                self.let_others_in()
            if not self.go_on():
                return
            yield some

    def let_others_in(self) -> None:
        """Let whoever waits to write on SQLite have a turn."""
        self.rest(LETS_OTHERS_IN.total_seconds())
