"""Numbers that are never called again, whoever says so, and whenever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import sqlalchemy as sa

from store.database import Database
from store.models import Suppression
from store.suppression import suppress
from store.types import SuppressionReason

ROUNDS = 10


def test_of_two_who_hear_the_wish_at_one_moment_one_writes_it_and_neither_fails(
    database: Database, now: datetime
) -> None:
    both = Barrier(2, timeout=60)

    def heard(who: str) -> list[bool]:
        written = []
        for number in range(ROUNDS):
            both.wait()
            with database.transaction() as session:
                phone = f"+861380013800{number}"
                written.append(suppress(session, phone, SuppressionReason.OPTED_OUT, now, who))
        return written

    with ThreadPoolExecutor(2) as pool:
        call, agent = pool.map(heard, ("call", "agent"))
    assert [one != other for one, other in zip(call, agent, strict=True)] == [True] * ROUNDS
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Suppression)) == ROUNDS
