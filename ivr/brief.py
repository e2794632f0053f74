"""Brief: what a person has to know before they talk to a customer the robot had; pure."""

from __future__ import annotations

from ivr.answers import OTHER
from ivr.dialog_state import Dialog
from ivr.flow_model import Flow
from ivr.meaning import Address, Window
from ivr.people import Brief, Flag
from ivr.transcript import Turn
from ivr.wording import values_of
from tts.prompts import PromptError, render, spoken_seconds

LAST_TURNS = 6
"""What was said last, from the first word that still matters."""
LONGEST_SECONDS = 5.0
"""Nobody lets a customer wait for a longer speech."""

_STOP = {"zh-CN": "。", "en-US": ". "}
_FORMATS = {"window": "window", "new_address": "address", "call_at": "moment"}


def brief_of(flow: Flow, dialog: Dialog, flag: Flag, turns: tuple[Turn, ...]) -> Brief:
    """Return the brief of a call that stands where `dialog` does."""
    facts = dialog.facts
    settled = settled_in(flow, dialog)
    question = flow.script.states[dialog.state].question
    return Brief(
        reason=flag.label,
        recipient=facts.recipient,
        waybill=facts.waybill,
        language=flow.language,
        settled=settled,
        last_turns=turns[-LAST_TURNS:],
        question=dialog.state if question is not None else "",
        points=points_of(flow),
        spoken=_spoken(flow, dialog, flag, settled),
    )


def settled_in(flow: Flow, dialog: Dialog) -> tuple[tuple[str, str], ...]:
    """Return what the customer has said of slots, as it is spoken; what he agreed to comes first.

    Slots that were heard and not yet read back bear the prefix `heard_`.
    """
    confirmed = dialog.gathered.confirmed
    names = sorted(
        (name for name in dialog.slots if not name.startswith(OTHER)),
        key=lambda name: name not in confirmed,
    )
    found = ((name, _value(flow, dialog, name)) for name in names)
    return tuple(
        (name if name in confirmed else f"heard_{name}", value) for name, value in found if value
    )


def points_of(flow: Flow) -> tuple[str, ...]:
    """Return the states at which the robot can go on after a person, in the order of the flow."""
    return tuple(
        state.id
        for state in flow.script.states.values()
        if state.question is not None and not state.aside
    )


def _value(flow: Flow, dialog: Dialog, name: str) -> str:
    spoken_as = "new_address" if name == "address" else name
    values = values_of(flow, dialog.facts, dialog.slots)
    value = dialog.slots[name]
    if spoken_as not in values:
        return value.text if isinstance(value, Address) else str(value)
    kind = "window" if isinstance(value, Window) else _FORMATS.get(spoken_as, "plain")
    try:
        return render(f"{{{spoken_as}|{kind}}}", values, dialog.facts.now, flow.language)
    except PromptError:
        return str(value)


def _spoken(flow: Flow, dialog: Dialog, flag: Flag, settled: tuple[tuple[str, str], ...]) -> str:
    """Return the reason, who it is, and as much of what is settled as fits."""
    stop = _STOP.get(flow.language, "。")
    reason = flag.label.get(flow.language[:2]) or flag.label["zh"]
    values = values_of(flow, dialog.facts, dialog.slots)
    try:
        name = render("{recipient|name}", values, dialog.facts.now, flow.language)
    except PromptError:
        name = ""
    said = ""
    for part in (reason, name, *(value for _, value in settled)):
        longer = f"{said}{part}{stop}" if part else said
        if said and spoken_seconds(longer) > LONGEST_SECONDS:
            break
        said = longer
    return said.strip()
