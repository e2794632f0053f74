"""Whoever may take part no more leaves the call and the desk at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.people import HowJoinEnded, JoinCall, Joined, JoinEnded, ShowOut
from store.desk_types import AgentState, OrderKind, TransferStatus
from store.people_queries import add_user, begin_session, change_user, end_sessions
from store.people_types import Role


@pytest.fixture
def hire(database):
    """Add somebody who is signed in."""

    def hired(house, role: Role, login: str, hours: float = 8) -> int:
        now = house.clock.now
        with database.transaction() as session:
            user = add_user(session, login=login, name=login, role=role, language="zh-CN", now=now)
            begin_session(session, user.id, login, now, now + timedelta(hours=hours))
        return user.id

    return hired


@pytest.fixture(params=["switched off", "signed out", "viewer"])
def dismiss(request, database):
    """Let somebody take part no more, in one of the ways there are."""

    def dismissed(user: int) -> None:
        with database.transaction() as session:
            if request.param == "switched off":
                change_user(session, user, active=False)
            elif request.param == "signed out":
                end_sessions(session, user)
            else:
                change_user(session, user, role=Role.VIEWER)

    return dismissed


async def test_an_agent_in_a_call_is_shown_out_and_signed_off(serve, hire, dismiss):
    async with serve() as house:
        hire(house, Role.ADMIN, "admin")
        li = hire(house, Role.AGENT, "li")
        house.comes(li)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(li, attempt)
        await house.until(lambda: house.live(attempt).people)
        assert house.told(ShowOut) == []
        dismiss(li)
        assert (await house.one(ShowOut)).join == join
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LOST))
        await house.until(lambda: house.state_of(li) is AgentState.OFF)
        assert len(house.told(ShowOut)) == 1
        assert house.transfer(attempt).status is TransferStatus.WRAP_UP


async def test_a_supervisor_who_listens_is_shown_out_and_one_who_is_agent_now_too(
    serve, hire, database
):
    async with serve() as house:
        hire(house, Role.ADMIN, "admin")
        chen = hire(house, Role.SUPERVISOR, "chen")
        attempt = await house.talking()
        listens = house.asks(OrderKind.LISTEN, chen, attempt, uri="sip:9@127.0.0.1")
        await house.one(JoinCall)
        house.callers.say(Joined(attempt, listens))
        await house.until(lambda: house.live(attempt).people)
        with database.transaction() as session:
            change_user(session, chen, role=Role.AGENT)
        assert (await house.one(ShowOut)).join == listens


async def test_whoever_waits_for_calls_is_signed_off_and_offered_none(serve, hire, dismiss):
    async with serve() as house:
        hire(house, Role.ADMIN, "admin")
        li = hire(house, Role.AGENT, "li")
        house.comes(li)
        attempt = await house.talking()
        dismiss(li)
        await house.until(lambda: house.state_of(li) is AgentState.OFF)
        await house.wants_person(attempt)
        house.clock.passes(30)
        await house.until(lambda: house.is_(attempt, TransferStatus.NOBODY))


async def test_a_session_that_is_merely_too_old_ends_no_talk(serve, hire):
    async with serve() as house:
        hire(house, Role.ADMIN, "admin")
        li = hire(house, Role.AGENT, "li", hours=1)
        house.comes(li)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(li, attempt)
        await house.until(lambda: house.live(attempt).people)
        house.clock.passes(3601)
        # Others who sign in have old sessions forgotten.
        hire(house, Role.AGENT, "wang")
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LEFT))
        await house.until(lambda: house.is_(attempt, TransferStatus.WRAP_UP))
        assert house.told(ShowOut) == []
