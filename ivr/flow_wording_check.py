"""Checks what a flow says: can it be read out, is it short enough, is every slot known by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from ivr.exchange import BargeIn, CallFacts
from ivr.facts import facts_known, samples_of
from ivr.flow_model import Fault, Flow, Prompt, Rule, Script, SlotKind, State
from ivr.flow_reader import one_of
from ivr.flow_ways import held_on_every_way
from ivr.meaning import Address, HandOver, SlotValue, Window
from ivr.wording import FACTS, HEARD, OPTIONAL, speak, values_of
from tts.prompts import LANGUAGES, PromptError, render, slots_of, spoken_seconds
from tts.unspeakable import unspeakable

LONGEST_SECONDS = 12.0
"""Nobody keeps listening to a machine for longer."""

OPENING_SECONDS = 8.0
"""From the first word to the end of the first question's wording."""

_AUTOMATED = {
    "zh-CN": ("自动", "机器人", "智能语音", "语音助手"),
    "en-US": ("automated", "automatic"),
}
_ASKS = {
    "zh-CN": ("请", "您说", "等"),
    "en-US": ("please", "Please", "tell me", "Tell me", "say", "Say", "take your time", "wait"),
}
"""Without a question mark, these ask for an answer."""
_OFFERS = {"zh-CN": ("还是",), "en-US": (" or ",)}
"""您想放在哪里?驿站,还是物业? is one question: the second half offers answers to the first."""
_SLOT_OF = {
    "window": "window",
    "new_address": "address",
    "hand_over": "hand_over",
    "other_window": "other_window",
    "other_address": "other_address",
    "other_hand_over": "other_hand_over",
}

_WORDS = {"zh-CN": "送得太慢了", "en-US": "it took far too long"}
_NOW = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=8)))
_SAMPLE = CallFacts(
    now=_NOW,
    company="顺达快递",
    recipient="欧阳建国",
    waybill="SF1234567890123",
    window_start=_NOW.replace(hour=14, minute=0) + timedelta(days=1),
    window_end=_NOW.replace(hour=16, minute=0) + timedelta(days=1),
    address="杭州市西湖区幸福路118号阳光花园12号楼2单元501室",
    item="运动鞋",
    merchant="小山户外旗舰店",
    cod_amount_fen=12850,
    callback_number="4001234567",
)
_SAMPLES = {
    "zh-CN": _SAMPLE,
    "en-US": replace(
        _SAMPLE,
        company="Shunda Express",
        recipient="Elizabeth Montgomery",
        address="West Lake, 118 Happiness Road, Sunshine Garden, building 12, room 501",
        item="running shoes",
        merchant="Little Mountain Outdoor",
    ),
}
_ADDRESSES = {
    "zh-CN": ("幸福路118号阳光花园12号楼2单元501室", "幸福路118号阳光花园12号楼2单元701室"),
    "en-US": (
        "118 Happiness Road, building 12, room 501",
        "118 Happiness Road, building 12, room 701",
    ),
}


def facts_of(script: Script) -> tuple[str, ...]:
    """Return the facts that a flow may speak of, besides those of every call."""
    return (*script.needs_facts, *script.may_use_facts)


def _sample(flow: Flow) -> CallFacts:
    """Return a delivery about which everything is known."""
    samples = samples_of(flow.language, _NOW)
    more = {name: samples[name] for name in facts_of(flow.script)}
    return replace(_SAMPLES[flow.language], more=more)


def _declared(flow: Flow) -> dict[str, SlotValue]:
    """Return what a callee may have said for each declared slot: the longest there is."""
    said: dict[str, SlotValue] = {}
    for name, spec in flow.script.slots.items():
        if spec.kind is SlotKind.CHOICE:
            said[name] = max(spec.choices, key=lambda each: len(spec.choices[each].said))
        else:
            said[name] = spec.highest if spec.kind is SlotKind.SCORE else _WORDS[flow.language]
    return said


def _heard(flow: Flow) -> dict[str, SlotValue]:
    first, other = _ADDRESSES[flow.language]
    return {
        **_declared(flow),
        "window": Window(_NOW.replace(hour=15) + timedelta(days=2)),
        "address": Address(first, complete=True),
        "hand_over": HandOver.PROPERTY_OFFICE,
        "other_window": Window(_NOW.replace(hour=16) + timedelta(days=2)),
        "other_address": Address(other, complete=True),
        "other_hand_over": HandOver.DOORSTEP,
    }


def wording_faults(flow: Flow) -> Iterator[Fault]:
    """Yield what is wrong with the words of a flow."""
    if flow.language not in LANGUAGES:
        what = f"Nobody can read {flow.language!r} aloud."
        yield Fault(flow.script.place, what, one_of(flow.language, LANGUAGES))
        return
    values = values_of(flow, _sample(flow), _heard(flow))
    unreadable = tuple(
        fault
        for prompt in flow.script.prompts.values()
        for fault in _readable(flow, prompt, values)
    )
    yield from unreadable
    if unreadable:
        return
    yield from _asks_one_thing(flow)
    too_early = tuple(_known_in_time(flow.script))
    yield from too_early or _opening(flow)


def _readable(flow: Flow, prompt: Prompt, values: Mapping[str, object]) -> Iterator[Fault]:
    speakable = {*FACTS, *HEARD, *facts_of(flow.script), *flow.script.slots}
    for variant, template in prompt.wordings.items():
        where = f"{prompt.id!r} ({variant})"
        try:
            unknown = slots_of(template) - speakable
            for slot in unknown:
                what = f"The prompt {where} speaks of an unknown value {slot!r}."
                mend = one_of(slot, speakable)
                if slot in facts_known():
                    mend = f"List it under `needs_facts` or `may_use_facts`: [{slot}]."
                yield Fault(prompt.place, what, mend)
            if unknown:
                continue
            seconds = spoken_seconds(render(template, values, _NOW, flow.language))
        except PromptError as error:
            what = f"The prompt {where} can't be read out: {error}."
            yield Fault(prompt.place, what, "See tts/prompts.py for the formats of slots.")
            continue
        if reason := unspeakable(template, flow.language):
            why, _, mend = reason.partition(". ")
            yield Fault(prompt.place, f"The prompt {where} can't be said: {why}.", mend)
        if seconds > LONGEST_SECONDS:
            what = f"The prompt {where} takes {seconds:.0f} s; people stop listening at 12."
            yield Fault(prompt.place, what, "Say less, or ask in two steps.")
        optional = {*OPTIONAL, *flow.script.may_use_facts} - set(flow.script.needs_facts)
        for slot in sorted(slots_of(template) & optional - set(prompt.needs)):
            what = f"The prompt {where} speaks of {slot!r}, which not every delivery has."
            mend = f"Add `needs: [{slot}]` and `otherwise: PROMPT` for the others."
            yield Fault(prompt.place, what, mend)
    if prompt.needs and not prompt.otherwise:
        what = f"The prompt {prompt.id!r} needs {', '.join(prompt.needs)} and has no stand-in."
        yield Fault(prompt.place, what, "Write `otherwise: PROMPT`.")
    if _ends_nowhere(flow.script, prompt):
        what = f"The stand-ins of the prompt {prompt.id!r} lead in a circle."
        yield Fault(prompt.place, what, "Let the last one need nothing.")


def _asks_one_thing(flow: Flow) -> Iterator[Fault]:
    """Yield questions that aren't any, that are several at once, or that nobody may interrupt."""
    prompts = flow.script.prompts
    asked = {s.question.prompt for s in flow.script.states.values() if s.question}
    for name in sorted(asked):
        prompt = prompts[name]
        if prompt.barge_in is BargeIn.NEVER:
            what = f"The question {name!r} can't be interrupted by its answer."
            yield Fault(prompt.place, what, "Only goodbyes may be `barge_in: never`.")
        for variant in ("first", "again", "resumed"):
            wording = prompt.wordings.get(variant, "")
            marks = sum(wording.count(mark) for mark in "?\uff1f")
            if wording and not marks and not any(w in wording for w in _ASKS[flow.language]):
                what = f"The prompt {name!r} ({variant}) doesn't sound like a question."
                yield Fault(prompt.place, what, "Ask it: people must know what to answer.")
            offers = any(word in wording for word in _OFFERS[flow.language])
            if marks > 1 + offers:
                what = f"The prompt {name!r} ({variant}) asks {marks} things at once."
                yield Fault(prompt.place, what, "Ask one thing, then the other.")


def _ends_nowhere(script: Script, prompt: Prompt) -> bool:
    passed = set()
    while prompt.otherwise:
        if prompt.id in passed:
            return True
        passed.add(prompt.id)
        prompt = script.prompts[prompt.otherwise]
    return False


def _opening(flow: Flow) -> Iterator[Fault]:
    for state, prompts in _openings(flow.script, flow.script.states[flow.script.starts], (), ()):
        if state.question is None:
            what = f"The opening {state.id!r} asks nothing."
            yield Fault(state.place, what, "Begin with a state that has `ask`.")
            continue
        said = (*prompts, *state.say)
        texts = [
            say.text
            for prompt in (*said, state.question.prompt)
            for say in speak(flow, _sample(flow), {}, prompt)
        ]
        if not any(word in "".join(texts) for word in _AUTOMATED[flow.language]):
            what = "The opening doesn't say that an automated voice is speaking."
            yield Fault(
                state.place, what, f"Say so in its first words: {_AUTOMATED[flow.language][0]}."
            )
        before = sum(spoken_seconds(text) for text in texts[:-1])
        if before > OPENING_SECONDS:
            what = f"It takes {before:.1f} s until the first question begins."
            yield Fault(state.place, what, f"Say less: {OPENING_SECONDS:.0f} s at most.")
        if any(flow.script.prompts[p].barge_in is BargeIn.NEVER for p in said):
            what = "The opening can't be interrupted."
            yield Fault(state.place, what, "Only goodbyes may be `barge_in: never`.")


def _openings(
    script: Script, state: State, said: tuple[str, ...], passed: tuple[str, ...]
) -> Iterator[tuple[State, tuple[str, ...]]]:
    """Yield each state in which a call may open, with what was said on the way to it."""
    if not state.branch or state.id in passed:
        yield state, said
        return
    for rule in state.branch:
        before = (*said, *state.say, *rule.say)
        yield from _openings(script, script.states[rule.then], before, (*passed, state.id))


def _known_in_time(script: Script) -> Iterator[Fault]:
    """Yield prompts that would speak of a slot nobody has filled on some way to them."""
    known = held_on_every_way(script, {*_SLOT_OF.values(), *script.slots}, _taken)
    for state in script.states.values():
        said = [*state.say, *state.repeat, *([state.question.prompt] if state.question else ())]
        for name in said:
            for slot in sorted(_slots_said(script, name) - known[state.id]):
                what = f"The state {state.id!r} speaks of {slot!r}, which may not be known there."
                mend = f"Lead there only by rules with `if: heard.{slot}` and `take: {slot}`."
                yield Fault(state.place, what, mend)


def _slots_said(script: Script, prompt_id: str) -> set[str]:
    prompt = script.prompts[prompt_id]
    names = set[str]().union(*(slots_of(template) for template in prompt.wordings.values()))
    slot_of = {**_SLOT_OF, **{name: name for name in script.slots}}
    needed = {name for name in prompt.needs if name in slot_of}
    return {slot_of[name] for name in names if name in slot_of} - {slot_of[n] for n in needed}


def _taken(rule: Rule) -> set[str]:
    doubtful = {
        guard.removesuffix(".doubtful") for guard in rule.guards if guard.endswith(".doubtful")
    }
    told = {
        slot
        for slot in rule.take
        if any(g == f"heard.{slot}" or g.startswith(f"{slot}.is.") for g in rule.guards)
    }
    told |= {
        guard.removeprefix("confirmed.") for guard in rule.guards if guard.startswith("confirmed.")
    }
    return told | {*rule.sets} | {f"other_{slot}" for slot in doubtful}
