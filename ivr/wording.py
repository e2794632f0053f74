"""Puts a flow's prompts into sentences that are ready to be spoken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ivr import windows
from ivr.exchange import Action, CallFacts, Say
from ivr.flow_model import Flow, Prompt, Script, SlotKind
from ivr.meaning import HandOver, SlotValue
from tts.pieces import sentences_of
from tts.prompts import slots_of
from tts.speech import Piece

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "first": (),
    "again": ("first",),
    "shorter": ("again", "first"),
    "slower": ("again", "first"),
    "narrower": ("shorter", "again", "first"),
    "keypad": (),
    "resumed": ("again", "first"),
}
"""Every wording a prompt may have, and what stands in for it when it isn't written."""

FACTS = (
    "company",
    "recipient",
    "waybill",
    "promised",
    "address",
    "item",
    "merchant",
    "cod",
    "callback_number",
    "reply_by",
)
"""Values known before every call; `reply_by` is when a person has called back at the latest."""

RECORDED = "recorded"
"""Prompt: the call is recorded."""

CUT_JUST_NOW = "cut_off_just_now"
"""Prompt: it is us again, and the call was cut a moment ago."""
CUT_BEFORE = "cut_off_before"
"""Prompt: it is us again, and the last call did not come to its end."""
JUST_NOW_MINUTES = 90.0
"""Nobody says 刚才 of what was longer ago."""

OPTIONAL = ("item", "merchant", "cod", "callback_number")
"""Facts that a delivery may lack."""

HEARD = (
    "window",
    "new_address",
    "hand_over",
    "other_window",
    "other_address",
    "other_hand_over",
)
"""Values known once the callee has said them."""


def reply_by(flow: Flow, facts: CallFacts) -> datetime:
    """Return until when a person calls back who is asked to now."""
    limits = flow.limits
    return windows.reply_by(
        facts.now, limits.reply_minutes, limits.service_begins, limits.service_ends
    )


def values_of(flow: Flow, facts: CallFacts, slots: Mapping[str, SlotValue]) -> dict[str, object]:
    """Return everything a prompt may speak of now; what isn't known is left out."""
    script = flow.script
    known: dict[str, object] = {
        "company": facts.company,
        "recipient": facts.recipient,
        "waybill": facts.waybill,
        "promised": None if facts.window_start is None else (facts.window_start, facts.window_end),
        "address": facts.address,
        "item": facts.item,
        "merchant": facts.merchant,
        "cod": facts.cod_amount_fen,
        "callback_number": facts.callback_number,
        "window": slots.get("window"),
        "new_address": slots.get("address"),
        "reply_by": reply_by(flow, facts),
        **facts.more,
        **_declared(script, slots),
    }
    known |= {name: slots.get(name) for name in ("other_window", "other_address")}
    for name in ("hand_over", "other_hand_over"):
        choice = slots.get(name)
        if isinstance(choice, HandOver):
            known[name] = script.names[choice]
    return {
        name: value
        for name, value in known.items()
        if value not in (None, "") and (value != 0 or name in script.slots)
    }


def _declared(script: Script, slots: Mapping[str, SlotValue]) -> dict[str, object]:
    """Return the declared slots as they are spoken: a choice by its name."""
    known: dict[str, object] = {}
    for name, spec in script.slots.items():
        value = slots.get(name)
        if spec.kind is SlotKind.CHOICE and value in spec.choices:
            known[name] = spec.choices[str(value)].said
        elif value is not None:
            known[name] = value
    return known


def variant_of(prompt: Prompt, variant: str) -> str:
    """Return that variant, or the one that stands in for it; empty when there is none."""
    for name in (variant, *VARIANTS[variant]):
        if name in prompt.wordings:
            return name
    return ""


def speak(
    flow: Flow,
    facts: CallFacts,
    slots: Mapping[str, SlotValue],
    prompt_id: str,
    variant: str = "first",
) -> tuple[Say, ...]:
    """Return the sentences of a prompt, one Say each, so that each is synthesised only once.

    Raises tts.prompts.PromptError when a value it speaks of is missing.
    """
    prompts = flow.script.prompts
    values = values_of(flow, facts, slots)
    prompt = prompts[prompt_id]
    while prompt.otherwise and any(need not in values for need in prompt.needs):
        prompt = prompts[prompt.otherwise]
    wording = variant_of(prompt, variant)
    if not wording:
        return ()
    clip = flow.id, prompt.id, wording
    spoken = sentences_of(prompt.wordings[wording], values, facts.now, flow.language, clip)
    return tuple(Say(text, prompt.id, prompt.barge_in, pieces=pieces) for text, pieces in spoken)


def with_notice(flow: Flow, facts: CallFacts, opening: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return an opening that says, behind its first sentence, that the call is recorded.

    A flow without the prompt, one that was published before there was any, opens as it is.
    """
    first = next((at for at, each in enumerate(opening) if isinstance(each, Say)), None)
    if first is None or not facts.recorded or RECORDED not in flow.script.prompts:
        return opening
    notice = speak(flow, facts, {}, RECORDED)
    return (*opening[: first + 1], *notice, *opening[first + 1 :])


def taken_up(flow: Flow, facts: CallFacts) -> tuple[Say, ...]:
    """Return what a call begins with that takes up one that was cut; empty for a call of its own.

    A flow without the prompt, one that was published before there was any, opens as it is.
    """
    if facts.cut_minutes_ago is None:
        return ()
    prompt = CUT_JUST_NOW if facts.cut_minutes_ago <= JUST_NOW_MINUTES else CUT_BEFORE
    return speak(flow, facts, {}, prompt) if prompt in flow.script.prompts else ()


def all_prompts(flow: Flow, facts: CallFacts) -> tuple[Say, ...]:
    """Return every sentence that is known before the call, to be synthesised ahead of it."""
    says: dict[tuple[str, tuple[Piece, ...]], Say] = {}
    for prompt in flow.script.prompts.values():
        for variant, template in prompt.wordings.items():
            names = slots_of(template)
            choices = flow.script.names if "hand_over" in names else (None,)
            for choice in choices:
                slots: dict[str, SlotValue] = {} if choice is None else {"hand_over": choice}
                if names <= values_of(flow, facts, slots).keys():
                    for say in speak(flow, facts, slots, prompt.id, variant):
                        says[say.text, say.pieces] = say
    return tuple(says.values())
