"""Agents and transfers take the steps of their tables and no others."""

from __future__ import annotations

import pytest

from store.desk_states import (
    AGENT_STEPS,
    TRANSFER_STEPS,
    AgentStep,
    TransferStep,
    agent_after,
    passes_after,
    transfer_after,
)
from store.desk_types import AgentState, TransferStatus
from store.errors import DeskError


@pytest.mark.parametrize("state", AgentState)
def test_only_who_is_ready_is_offered_a_call(state: AgentState) -> None:
    if state is AgentState.READY:
        assert agent_after(state, AgentStep.OFFER) is AgentState.OFFERED
        return
    with pytest.raises(DeskError, match=f"who is {state.value} can't offer"):
        agent_after(state, AgentStep.OFFER)


@pytest.mark.parametrize("step", [AgentStep.GO_READY, AgentStep.GO_ON_BREAK, AgentStep.SIGN_OFF])
def test_nobody_walks_away_from_a_customer(step: AgentStep) -> None:
    with pytest.raises(DeskError):
        agent_after(AgentState.TALKING, step)


def test_a_call_ends_in_writing_and_then_the_agent_is_ready_again() -> None:
    state = AgentState.OFF
    for step in (
        AgentStep.SIGN_IN,
        AgentStep.GO_READY,
        AgentStep.OFFER,
        AgentStep.ACCEPT,
        AgentStep.FINISH,
        AgentStep.GO_READY,
    ):
        state = agent_after(state, step)
    assert state is AgentState.READY


def test_calls_let_pass_are_counted_until_one_is_taken() -> None:
    assert passes_after(1, AgentStep.PASS) == 2
    assert passes_after(1, AgentStep.OFFER) == 1
    assert passes_after(1, AgentStep.WITHDRAW) == 1
    assert passes_after(1, AgentStep.ACCEPT) == 0
    assert passes_after(1, AgentStep.GO_READY) == 0


def test_every_step_of_an_agent_leads_somewhere_and_every_state_can_be_left() -> None:
    assert set(AGENT_STEPS) == set(AgentStep)
    for state in AgentState:
        assert any(row.get(state, state) is not state for row in AGENT_STEPS.values())


@pytest.mark.parametrize("status", [each for each in TransferStatus if each.is_over])
@pytest.mark.parametrize("step", TransferStep)
def test_what_is_over_stays_over(status: TransferStatus, step: TransferStep) -> None:
    with pytest.raises(DeskError, match=f"that is {status.value} can't"):
        transfer_after(status, step)


def test_whoever_waits_can_be_helped_lost_or_given_up_and_whoever_talks_can_do_neither() -> None:
    over = (TransferStep.GIVE_UP, TransferStep.LOSE, TransferStep.CALL_OFF, TransferStep.FAIL)
    for step in over:
        assert transfer_after(TransferStatus.WAITING, step).is_over
        with pytest.raises(DeskError):
            transfer_after(TransferStatus.JOINED, step)


def test_an_agent_who_is_already_coming_is_not_given_up() -> None:
    with pytest.raises(DeskError):
        transfer_after(TransferStatus.ACCEPTED, TransferStep.GIVE_UP)


def test_an_agent_who_does_not_come_makes_the_customer_wait_on() -> None:
    for status in (TransferStatus.OFFERED, TransferStatus.ACCEPTED):
        assert transfer_after(status, TransferStep.WITHDRAW) is TransferStatus.WAITING


def test_a_talk_that_was_begun_is_written_down_even_if_its_agent_was_lost() -> None:
    assert transfer_after(TransferStatus.JOINED, TransferStep.LEAVE) is TransferStatus.WRAP_UP
    with pytest.raises(DeskError):
        transfer_after(TransferStatus.JOINED, TransferStep.WITHDRAW)


def test_every_step_of_a_transfer_is_in_the_table() -> None:
    assert set(TRANSFER_STEPS) == set(TransferStep)
