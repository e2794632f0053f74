"""Who holds a call, and what may happen next."""

from __future__ import annotations

from itertools import product

import pytest

from ivr.takeover import (
    ALONE,
    MOVES,
    WITH_PEOPLE,
    Holder,
    IllegalMove,
    Move,
    may,
    next_holder,
)


@pytest.mark.parametrize(("holder", "move"), list(product(Holder, Move)))
def test_a_move_leads_where_the_table_says_or_is_refused(holder, move):
    if may(holder, move):
        assert next_holder(holder, move) is MOVES[holder][move]
    else:
        with pytest.raises(IllegalMove, match=f"{move} is not possible while {holder}"):
            next_holder(holder, move)


def _reachable(start: Holder) -> set[Holder]:
    found, open_ends = {start}, [start]
    while open_ends:
        for following in MOVES[open_ends.pop()].values():
            if following not in found:
                found.add(following)
                open_ends.append(following)
    return found


def test_every_holder_can_come_to_have_the_call():
    assert _reachable(Holder.ROBOT) == set(Holder)


@pytest.mark.parametrize("holder", [each for each in Holder if each is not Holder.OVER])
def test_nobody_is_trapped_the_robot_can_always_get_the_call_back(holder):
    assert Holder.ROBOT in _reachable(holder)


@pytest.mark.parametrize("holder", sorted(ALONE))
def test_nobody_is_left_alone_for_ever(holder):
    assert set(MOVES[holder].values()) & {Holder.ROBOT, Holder.AGENT}


@pytest.mark.parametrize("holder", sorted(WITH_PEOPLE - {Holder.THIRD}))
def test_a_lost_agent_always_brings_the_customer_back_to_us(holder):
    assert next_holder(holder, Move.LOST) is Holder.WAITING
