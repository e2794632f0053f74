"""A supervisor in a call."""

from __future__ import annotations

from ivr.people import (
    ChangeMode,
    EndCall,
    HowJoinEnded,
    JoinCall,
    Joined,
    JoinEnded,
    JoinMode,
    LeaveCall,
)
from store.desk_types import OrderKind, TransferStatus

CHEN = 9


async def test_a_supervisor_listens_whispers_takes_over_and_hands_back(serve):
    async with serve() as house:
        attempt = await house.talking()
        alone = house.asks(OrderKind.WHISPER, CHEN, attempt, uri="sip:9@127.0.0.1")
        assert "whisper" in (await house.answered(alone)).refused["en"]
        listens = house.asks(OrderKind.LISTEN, CHEN, attempt, uri="sip:9@127.0.0.1")
        join = await house.one(JoinCall)
        assert (join.role.value, join.mode) == ("supervisor", JoinMode.LISTEN)
        house.callers.say(Joined(attempt, listens))
        await house.answered(listens)
        await house.until(lambda: house.live(attempt).people)
        takes = house.asks(OrderKind.TAKE_OVER, CHEN, attempt)
        change = await house.one(ChangeMode)
        assert (change.join, change.mode) == (listens, JoinMode.TAKE_OVER)
        assert (await house.answered(takes)).answer == {"join": listens}
        await house.until(lambda: house.live(attempt).people[0].mode == "take_over")
        assert house.transfer(attempt).status is TransferStatus.JOINED
        house.asks(OrderKind.LISTEN, CHEN, attempt)
        assert (await house.one(ChangeMode, 2)).mode is JoinMode.LISTEN
        await house.until(lambda: house.is_(attempt, TransferStatus.WRAP_UP))
        house.asks(OrderKind.LEAVE, CHEN, attempt)
        assert (await house.one(LeaveCall)).then.value == "robot"
        house.callers.say(JoinEnded(attempt, listens, HowJoinEnded.LEFT))
        await house.until(lambda: not house.live(attempt).people)
        house.asks(OrderKind.END_CALL, CHEN, attempt)
        assert (await house.one(EndCall)).attempt == attempt
