"""Wish: a dialog is about to promise that a person calls back, while one could come now; pure.

step -> [answer to a question] [客服十二点之前给您回电话。再见。] HangUp
         lead                   farewell: said when nobody comes
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.dialog_state import Dialog
from ivr.exchange import Action, HangUp, Say
from ivr.flow_model import Flow
from ivr.wording import speak

BRIDGE = "bridge"
"""Prompt: somebody is coming."""
STILL_CONNECTING = "still_connecting"
"""Prompt: somebody is still coming."""
ONE_MOMENT = "one_moment"
"""Prompt: nothing is heard from whoever talks to the customer; without it he hears the tune."""
NOBODY_FREE = "nobody_free"
"""Prompt: nobody comes; the ending's own promise follows."""
LINE_BROKE = "line_broke"
"""Prompt: whoever was talking is gone, and somebody else is being fetched."""
BACK_AGAIN = "back_again"
"""Prompt: the robot goes on after a person."""
FAREWELL = "farewell"
"""Prompt: a goodbye that promises nothing."""
PROMPTS = (BRIDGE, STILL_CONNECTING, NOBODY_FREE, LINE_BROKE, BACK_AGAIN, FAREWELL)
"""What a flow must be able to say before people may come into its calls."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A person is wanted, and how the dialog goes on without one."""

    before: Dialog
    """Where the robot can go on after the person."""
    after: Dialog
    """In the ending that was put off."""
    lead: tuple[Action, ...]
    """Said and done in any case."""
    farewell: tuple[Action, ...]
    """What the ending says, and its HangUp."""
    reason: str
    """Why a person must look at it, as the ending tells it."""
    words: str = ""
    """What was said that led to it."""
    asked_for: bool = False
    """The customer asked for it, so that without a person the robot can go on as before."""


def can_bridge(flow: Flow) -> bool:
    """Answer whether a flow has the words for people who come into its calls."""
    return all(prompt in flow.script.prompts for prompt in PROMPTS)


def wish_in(
    flow: Flow, before: Dialog, after: Dialog, actions: tuple[Action, ...], words: str
) -> Wish | None:
    """Return the wish for a person in a step that was taken; None: it holds none."""
    state = flow.script.states[after.state]
    ending = state.ending
    if ending is None or not ending.needs_person or after.settled is before.settled:
        return None
    own = sum(len(speak(flow, after.facts, after.slots, prompt)) for prompt in state.say)
    said = [index for index, action in enumerate(actions) if isinstance(action, Say)]
    cut = said[-own] if own else len(actions) - 1
    if not isinstance(actions[-1], HangUp):
        return None
    return Wish(before, after, actions[:cut], actions[cut:], ending.needs_person, words)
