"""The points of a flow at which the robot can go on after a person, as an agent reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from ivr.flow import load_flow
from ivr.flow_model import FlowError

_SLOT = re.compile(r"\{[^}]*\}")
_GAP = "…"


def points_told(
    flow_id: str, language: str, points: Iterable[str] | None = None
) -> tuple[tuple[str, str], ...]:
    """Return each point with the question that the robot would ask there; None: all there are.

    A point that the flow which ships has not (a published one may) is told by its id.
    """
    questions = _questions(flow_id, language)
    wanted = questions if points is None else points
    return tuple((point, questions.get(point, point)) for point in wanted)


@cache
def _questions(flow_id: str, language: str) -> dict[str, str]:
    try:
        flow = load_flow(flow_id, language)
    except FlowError:
        return {}
    script = flow.script
    return {
        state.id: _SLOT.sub(_GAP, script.prompts[state.question.prompt].wordings["first"])
        for state in script.states.values()
        if state.question is not None
        and not state.aside
        and state.question.prompt in script.prompts
    }
