from __future__ import annotations

from pathlib import Path

import pytest

from dialer.leg import LegState
from dialer.transitions import TRANSITIONS, IllegalTransition, LegStep, diagram, next_state

PAIRS = [(state, step) for state in LegState for step in LegStep]
LEGAL = [(state, step) for state, step in PAIRS if step in TRANSITIONS[state]]
ILLEGAL = [pair for pair in PAIRS if pair not in LEGAL]


@pytest.mark.parametrize(("state", "step"), LEGAL)
def test_a_legal_step_leads_where_the_table_says(state: LegState, step: LegStep) -> None:
    assert next_state(state, step) is TRANSITIONS[state][step]


@pytest.mark.parametrize(("state", "step"), ILLEGAL)
def test_an_illegal_step_raises_and_names_state_and_step(state: LegState, step: LegStep) -> None:
    with pytest.raises(IllegalTransition, match=f"{state}.*{step}") as caught:
        next_state(state, step)
    assert (caught.value.state, caught.value.step) == (state, step)


def test_every_state_but_the_last_can_end() -> None:
    assert all(
        next_state(state, LegStep.END) is LegState.ENDED
        for state in LegState
        if state is not LegState.ENDED
    )


def test_a_ring_after_early_media_does_not_take_the_sound_away() -> None:
    assert next_state(LegState.EARLY_MEDIA, LegStep.RING) is LegState.EARLY_MEDIA


def test_the_diagram_in_the_documentation_is_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "dialer.md").read_text(encoding="utf-8")
    assert diagram() in text
