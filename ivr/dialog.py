"""Dialog: the reducer of a conversation. An event goes in, what to say and do comes out.

    begin -> Say... Listen        step(Said) -> Say... Listen | Resume | HangUp

Everything that decides what is said next lives here and in the flow file; nothing here knows what
a particular flow is about, nor how sound is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from asr.hearing import Expectation
from ivr.answers import UNMISTAKABLE, in_order, pressed, remembered, said
from ivr.asides import Replies, replies_to
from ivr.dialog_state import Answer, Dialog, DialogError
from ivr.exchange import (
    Action,
    AnsweredBy,
    CallFacts,
    Consent,
    DialogEvent,
    DialogResult,
    HangUp,
    Keep,
    Listen,
    NoInput,
    Pressed,
    Resume,
    Said,
    Say,
    TimeIsUp,
)
from ivr.flow_model import BACK, STAY, TIME_IS_UP, TURN_LIMIT, Flow, Question, Rule, Rung, State
from ivr.gathering import gathered, ordered
from ivr.guards import Situation, holds
from ivr.meaning import HandOver, Intent, Meaning
from ivr.settling import result_of, settle
from ivr.wording import speak, taken_up, with_notice
from tts.speech import Manner

__all__ = ["Dialog", "DialogError", "Step", "begin", "go_on", "result", "step"]

CHATTER = 2
"""So many 喂 or 嗯 in a row are only politeness; more of them are no answer."""

Step = tuple[Dialog, tuple[Action, ...]]
"""A dialog and what to do now: sentences, then exactly one of Listen, Resume, HangUp."""


def begin(flow: Flow, facts: CallFacts) -> Step:
    """Open the conversation, once a person has answered; after a cut call, with its question."""
    dialog, actions = _enter(flow, Dialog(facts, flow.script.starts), flow.script.starts)
    again = taken_up(flow, facts)
    if again and flow.script.states[dialog.state].question is not None:
        dialog, actions = _ask(flow, dialog, ("resumed",), again)
    return dialog, with_notice(flow, facts, actions)


def step(flow: Flow, dialog: Dialog, event: DialogEvent) -> Step:
    """Take one event; raises DialogError for an event after the end that can't matter any more."""
    dialog = replace(dialog, followed=())
    if flow.script.states[dialog.state].ending is not None:
        return _after_the_end(flow, dialog, event)
    match event:
        case TimeIsUp():
            return _enter(flow, dialog, flow.script.events[TIME_IS_UP])
        case AnsweredBy(machine):
            return _enter(flow, dialog, flow.script.events[machine.value])
    dialog = replace(dialog, tally=replace(dialog.tally, turns=dialog.tally.turns + 1))
    if dialog.tally.turns > flow.limits.turn_limit:
        return _enter(flow, dialog, flow.script.events[TURN_LIMIT])
    match event:
        case Said(meaning, utterance, interrupted, rival):
            heard = replace(dialog, heard_seconds=utterance.ended)
            return _hear(flow, heard, said(meaning, interrupted, rival))
        case Pressed(digit, at_seconds):
            dialog = replace(dialog, heard_seconds=at_seconds)
            key = _question(flow, dialog).keys.get(digit)
            if key is None:
                return _climb(flow, dialog, _question(flow, dialog).no_match)
            return _hear(flow, dialog, pressed(key, digit, dialog.facts.now))
        case NoInput():
            return _climb(flow, dialog, _question(flow, dialog).no_input, silent=True)


def go_on(flow: Flow, dialog: Dialog, point: str = "") -> Step:
    """Go on after a person had the call: at that state, or with the question that was open."""
    dialog = replace(dialog.patient_again(), followed=())
    if point or flow.script.states[dialog.state].ending is not None:
        return _enter(flow, dialog, point or dialog.state)
    return _ask(flow, dialog, ("again",))


def result(flow: Flow, dialog: Dialog) -> DialogResult:
    """Return what dispatch should know, also of a conversation that was cut short."""
    return result_of(flow, dialog)


def _hear(flow: Flow, dialog: Dialog, answer: Answer) -> Step:
    """Follow the first rule that fits what was said, after answering what was asked."""
    state = flow.script.states[dialog.state]
    everywhere = flow.script.everywhere
    wanted = {name for name, spec in flow.script.slots.items() if spec.anywhere}
    wanted |= {state.question.fills} if state.question else set()
    fills = any(name in wanted for name in answer.meaning.slots)
    intents = in_order(answer.meaning, everywhere.order, fills=fills)
    asides = replies_to(flow, state, intents, answer.meaning)
    dialog = _replying(flow, dialog, asides, answer)
    replies = _spoken(flow, dialog, asides.say)
    situation = _situation(flow, dialog, answer.meaning)
    for intent in intents:
        for rules in (state.on.get(intent, ()), everywhere.on.get(intent, ())):
            for rule in rules:
                if all(holds(guard, situation) for guard in rule.guards):
                    return _follow(flow, dialog, rule, answer, replies)
    beneath = flow.script.states.get(dialog.under)
    if beneath and beneath.question and answer.meaning.intent is not Intent.NOTHING:
        return _hear(flow, dialog.returned(), answer)
    if asides:
        return _ask(flow, dialog.patient_again(), (asides.ask,), replies)
    if dialog.tally.chatter < CHATTER and any(i in everywhere.chatter for i in intents):
        tally = replace(dialog.tally, chatter=dialog.tally.chatter + 1)
        dialog = replace(dialog, tally=tally)
        if answer.interrupted:
            return dialog, (Resume(),)
        return _ask(flow, dialog, ("again",))
    if answer.interrupted and dialog.tally.no_match == 0:
        return dialog.counted(silent=False), (Resume(),)
    return _climb(flow, dialog, _question(flow, dialog).no_match)


def _replying(flow: Flow, dialog: Dialog, replies: Replies, answer: Answer) -> Dialog:
    """Return the dialog as the answers to side questions leave it."""
    held = dialog.manner
    manner = Manner(held.slow or replies.manner.slow, held.loud or replies.manner.loud)
    dialog = replace(dialog, manner=manner)
    for order in replies.tickets:
        dialog = ordered(flow, dialog, order, answer.meaning.text)
    return dialog


def _follow(
    flow: Flow, dialog: Dialog, rule: Rule, answer: Answer, before: tuple[Action, ...]
) -> Step:
    actions: list[Action] = [*before]
    dialog = dialog.patient_again().along(rule)
    dialog = replace(dialog, slots=remembered(dialog.slots, rule, answer))
    dialog = gathered(flow, dialog, rule, answer.meaning)
    if rule.keep and answer.has_sound:
        actions.append(Keep(rule.keep))
    if rule.consent:
        choice = dialog.slots.get("hand_over")
        if not isinstance(choice, HandOver):
            raise DialogError(f"{rule.place}: consent was given but no hand-over is known.")
        consent = Consent(choice, answer.meaning.text, dialog.heard_seconds)
        dialog = replace(dialog, gathered=replace(dialog.gathered, consent=consent))
    actions += _spoken(flow, dialog, rule.say)
    if rule.then == STAY:
        return _ask(flow, dialog, ("again",), tuple(actions))
    if rule.then == BACK:
        return _back(flow, dialog, tuple(actions))
    return _enter(flow, dialog, rule.then, tuple(actions), answer.meaning)


def _enter(
    flow: Flow,
    dialog: Dialog,
    state_id: str,
    before: tuple[Action, ...] = (),
    meaning: Meaning | None = None,
) -> Step:
    """Go to a state and on through branches, until something is asked or the call ends."""
    actions = list(before)
    for _ in flow.script.states:
        state = flow.script.states[state_id]
        under = _under(flow, dialog, state)
        actions += _spoken(flow, dialog, state.say)
        if not state.branch:
            break
        situation = _situation(flow, dialog, None)
        dialog = replace(dialog, state=state.id, under=under).visited()
        rule = next(r for r in state.branch if all(holds(g, situation) for g in r.guards))
        dialog = dialog.along(rule)
        actions += _spoken(flow, dialog, rule.say)
        state_id = rule.then
    else:
        raise DialogError(f"{state.place}: the branches around {state.id!r} lead in a circle.")
    dialog = replace(dialog, state=state.id, under=under).visited()
    if state.ending is not None:
        return settle(flow, dialog, state, meaning), (*actions, HangUp())
    return _ask(flow, dialog.patient_again(), ("first",), tuple(actions), entering=True)


def _ask(
    flow: Flow,
    dialog: Dialog,
    variants: tuple[str, ...],
    before: tuple[Action, ...] = (),
    entering: bool = False,
    no_input_seconds: float = 0.0,
) -> Step:
    state, question = flow.script.states[dialog.state], _question(flow, dialog)
    patience = question.patience
    actions: list[Action] = [*before]
    if "first" in variants and not entering:
        actions += _spoken(flow, dialog, state.repeat)
    for variant in variants:
        actions += _said(dialog, speak(flow, dialog.facts, dialog.slots, question.prompt, variant))
    listen = Listen(
        question=state.id,
        expecting=question.expects,
        expectation=Expectation(
            phrases=question.phrases,
            end_silence_seconds=patience.end_silence_seconds,
            complete_silence_seconds=patience.complete_silence_seconds,
            unfinished_silence_seconds=patience.unfinished_silence_seconds,
            boost=question.hopes,
        ),
        no_input_seconds=no_input_seconds or patience.no_input_seconds,
        fills=flow.script.slots.get(question.fills),
    )
    return dialog, (*actions, listen)


def _back(flow: Flow, dialog: Dialog, before: tuple[Action, ...]) -> Step:
    """Return to the question that was interrupted, or to the goodbye."""
    returned = dialog.returned()
    if flow.script.states[returned.state].ending is not None:
        return _enter(flow, returned, returned.state, before)
    return _ask(flow, returned, ("again",), before)


def _climb(flow: Flow, dialog: Dialog, ladder: tuple[Rung, ...], silent: bool = False) -> Step:
    """Take the next step of a ladder: reprompt, offer the keypad, let go."""
    at = dialog.tally.no_input if silent else dialog.tally.no_match
    rung = ladder[min(at, len(ladder) - 1)]
    dialog = dialog.counted(silent).along(rung)
    said = _spoken(flow, dialog, rung.say)
    if rung.then == BACK:
        return _back(flow, dialog, said)
    if rung.then:
        return _enter(flow, dialog, rung.then, said)
    return _ask(flow, dialog, rung.ask, said, no_input_seconds=rung.no_input_seconds)


def _after_the_end(flow: Flow, dialog: Dialog, event: DialogEvent) -> Step:
    """A wish never to be called again, or for a person, counts until the line is dead."""
    everywhere = flow.script.everywhere
    match event:
        case Said(meaning, utterance):
            answer, at_seconds = said(meaning, interrupted=False), utterance.ended
        case Pressed(digit, at_seconds) if digit in everywhere.keys:
            answer = pressed(everywhere.keys[digit], digit, dialog.facts.now)
        case Pressed():
            return dialog, (HangUp(),)
        case _:
            raise DialogError(f"{type(event).__name__} came after the conversation had ended.")
    for intent in in_order(answer.meaning, everywhere.order):
        if intent not in UNMISTAKABLE:
            continue
        situation = _situation(flow, dialog, answer.meaning)
        rules = everywhere.on.get(intent, ())
        rule = next((r for r in rules if all(holds(g, situation) for g in r.guards)), None)
        if rule is not None and rule.then not in dialog.tally.visits:
            heard = replace(dialog, heard_seconds=at_seconds)
            return _follow(flow, heard, rule, answer, ())
    return dialog, (HangUp(),)


def _situation(flow: Flow, dialog: Dialog, meaning: Meaning | None) -> Situation:
    visits, confirmed = dialog.tally.visits, dialog.gathered.confirmed
    return Situation(dialog.facts, flow.limits, dialog.slots, visits, meaning, confirmed)


def _question(flow: Flow, dialog: Dialog) -> Question:
    question = flow.script.states[dialog.state].question
    if question is None:
        raise DialogError(f"{dialog.state!r} asks nothing, so nothing can be answered there.")
    return question


def _spoken(flow: Flow, dialog: Dialog, prompts: tuple[str, ...]) -> tuple[Say, ...]:
    says = (say for prompt in prompts for say in speak(flow, dialog.facts, dialog.slots, prompt))
    return _said(dialog, says)


def _said(dialog: Dialog, says: Iterable[Say]) -> tuple[Say, ...]:
    """Return sentences in the manner that the callee asked for."""
    return tuple(replace(say, manner=dialog.manner) for say in says)


def _under(flow: Flow, dialog: Dialog, state: State) -> str:
    """Return the question to come back to when `state` is an aside."""
    if not state.aside:
        return ""
    here = flow.script.states[dialog.state]
    return dialog.under if here.aside else here.id
