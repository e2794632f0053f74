"""What is kept of people in a call once it is over: why they were wanted, and who came."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import CallFlag, CallVisit, DeskOrder
from store.desk_values import FlagRecord, VisitRecord


def keep_flags(session: Session, attempt_id: int, flags: Iterable[FlagRecord]) -> None:
    """Keep why a call deserved a person's eye; of each rule the first."""
    by_rule: dict[str, FlagRecord] = {}
    for flag in flags:
        by_rule.setdefault(flag.rule, flag)
    session.add_all(
        CallFlag(
            attempt_id=attempt_id,
            rule=flag.rule,
            priority=flag.priority,
            line=flag.line,
            label=dict(flag.label),
            words=flag.words,
        )
        for flag in by_rule.values()
    )


def keep_visits(
    session: Session, attempt_id: int, visits: Iterable[tuple[int, VisitRecord]]
) -> None:
    """Keep who was in a call; a visit comes with the number of its join, which is that of an order.

    Who it was is told by that order.
    """
    told = list(visits)
    joins = [join for join, _ in told]
    orders = session.scalars(sa.select(DeskOrder).where(DeskOrder.id.in_(joins))).all()
    asked = {order.id: (order.user_id, order.user_name) for order in orders}
    for join, visit in told:
        ours = visit.role != "third"
        user_id, name = asked.get(join, (visit.user_id, visit.name)) if ours else (None, "")
        session.add(
            CallVisit(
                attempt_id=attempt_id,
                user_id=user_id,
                name=name,
                role=visit.role,
                began_seconds=visit.began_seconds,
                ended_seconds=visit.ended_seconds,
                spoke=visit.spoke,
            )
        )
