"""A flow as a picture would show it: what is asked, where each answer leads, how it ends.

    chart = chart_of(flow)

Ways that lead from the same place to the same place are one arrow. What works at every question
is told once, apart: the states that only it leads to are no part of the main picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ivr.exchange import DialogOutcome
from ivr.flow_chart_model import (
    Arrow,
    Cause,
    Everywhere,
    FlowChart,
    Node,
    NodeKind,
    SideQuestion,
    Way,
)
from ivr.flow_model import BACK, STAY, Flow, Question, Rule, Rung, Script, State, TicketOrder
from ivr.meaning import Intent


def chart_of(flow: Flow) -> FlowChart:
    """Return the picture of a flow."""
    script = flow.script
    ladders = _common_ladders(script)
    arrows = {
        state.id: _merged(script, state.id, _ways(script, state, ladders))
        for state in script.states.values()
    }
    common = tuple(_common_ways(script, ladders))
    main = _reached([script.starts], arrows)
    rest = [name for name in _reached([end for _, end in common], arrows) if name not in main]
    drawn = _with_jumps(arrows, main, common)
    return FlowChart(
        starts=script.starts,
        nodes=tuple(_node(script, script.states[name]) for name in main),
        arrows=tuple(arrow for name in main for arrow in drawn[name]),
        everywhere=Everywhere(
            ways=common,
            nodes=tuple(_node(script, script.states[name]) for name in rest),
            arrows=tuple(arrow for name in rest for arrow in drawn[name]),
            side_questions=tuple(
                SideQuestion(intent.value, _wordings(script, aside.say), _ticket(aside.ticket))
                for intent, aside in script.everywhere.asides.items()
            ),
        ),
    )


def _reached(first: Iterable[str], arrows: Mapping[str, tuple[Arrow, ...]]) -> list[str]:
    """Return every state that these lead to, the nearest first."""
    found = list(dict.fromkeys(first))
    for name in found:
        found.extend(end for end in dict.fromkeys(a.end for a in arrows[name]) if end not in found)
    return found


def _with_jumps(
    arrows: Mapping[str, tuple[Arrow, ...]],
    main: Iterable[str],
    common: Iterable[tuple[Way, str]],
) -> dict[str, tuple[Arrow, ...]]:
    """Mark the arrows that only change the matter, where everything else may be said as well.

    Not those that lead to a place for the first time, stay within a matter (there and back again,
    or two places of the same wish), or follow a plain answer that the question expects.
    """
    matters: dict[str, set[str]] = {}
    for way, end in common:
        if way.cause is Cause.ANSWER:
            matters.setdefault(end, set()).add(way.name)
    own = {
        (arrow.start, arrow.end)
        for each in arrows.values()
        for arrow in each
        if not all(way.everywhere for way in arrow.ways)
    }
    first: dict[str, str] = {}
    for name in main:
        for arrow in arrows[name]:
            first.setdefault(arrow.end, name)

    def jumps(arrow: Arrow) -> bool:
        return (
            arrow.end in matters
            and first.get(arrow.end, arrow.start) != arrow.start
            and (arrow.end, arrow.start) not in own
            and matters[arrow.end].isdisjoint(matters.get(arrow.start, ()))
            and all(way.cause is Cause.ANSWER for way in arrow.ways)
            and all(way.everywhere or way.guards for way in arrow.ways)
        )

    return {
        name: tuple(replace(arrow, jump=jumps(arrow)) for arrow in each)
        for name, each in arrows.items()
    }


def _merged(script: Script, start: str, ways: Iterable[tuple[Way, str]]) -> tuple[Arrow, ...]:
    """Return one arrow to each other state; what stays or goes back leads to none."""
    by_end: dict[str, dict[Way, None]] = {}
    for way, end in ways:
        if end in script.states and end != start:
            by_end.setdefault(end, {})[way] = None
    return tuple(Arrow(start, end, tuple(found)) for end, found in by_end.items())


def _ways(script: Script, state: State, ladders: tuple[str, str]) -> Iterator[tuple[Way, str]]:
    for rule in state.branch:
        yield Way(Cause.CONDITION, guards=rule.guards, ticket=_ticket(rule.ticket)), rule.then
    if state.question is None:
        return
    keys = _own_keys(script, state.question)
    expected = {*state.question.expects, *keys}
    for intent in dict.fromkeys((*state.question.expects, *keys, *state.on)):
        own = state.on.get(intent, ())
        for rule in own:
            yield _answer(rule, intent, keys.get(intent, ())), rule.then
        # What may be told anywhere is told apart, whether a question expects to be told or not.
        listened = intent in expected and intent is not Intent.TELL
        if listened and all(rule.guards for rule in own):
            for rule in script.everywhere.on.get(intent, ()):
                way = _answer(rule, intent, keys.get(intent, ()))
                yield replace(way, everywhere=True), rule.then
    for cause, ladder, common in zip(
        (Cause.SILENCE, Cause.NOT_UNDERSTOOD),
        (state.question.no_input, state.question.no_match),
        ladders,
        strict=True,
    ):
        end = _end_of(ladder)
        if end and end != common:
            yield Way(cause), end


def _answer(rule: Rule, intent: Intent, keys: tuple[str, ...]) -> Way:
    return Way(Cause.ANSWER, intent.value, keys, rule.guards, _ticket(rule.ticket))


def _ticket(order: TicketOrder | None) -> str:
    return order.kind if order else ""


def _own_keys(script: Script, question: Question) -> dict[Intent, tuple[str, ...]]:
    """Return the keys of each intent, without those that every question has."""
    found: dict[Intent, tuple[str, ...]] = {}
    for digit, key in sorted(question.keys.items()):
        if digit not in script.everywhere.keys:
            found[key.intent] = (*found.get(key.intent, ()), digit)
    return found


def _end_of(ladder: tuple[Rung, ...]) -> str:
    """Return the state that a ladder ends in."""
    return ladder[-1].then if ladder else ""


def _common_ladders(script: Script) -> tuple[str, str]:
    """Return where silence and not understanding lead at most questions."""
    questions = [state.question for state in script.states.values() if state.question]
    return (
        _most(_end_of(question.no_input) for question in questions),
        _most(_end_of(question.no_match) for question in questions),
    )


def _most(names: Iterable[str]) -> str:
    counted = Counter(name for name in names if name not in ("", STAY, BACK))
    return min(counted, key=lambda name: (-counted[name], name), default="")


def _common_ways(script: Script, ladders: tuple[str, str]) -> Iterator[tuple[Way, str]]:
    everywhere = script.everywhere
    for intent, rules in everywhere.on.items():
        digits = sorted(each for each, key in everywhere.keys.items() if key.intent is intent)
        for rule in rules:
            if rule.then in script.states:
                yield _answer(rule, intent, tuple(digits)), rule.then
    for cause, end in zip((Cause.SILENCE, Cause.NOT_UNDERSTOOD), ladders, strict=True):
        if end:
            yield Way(cause), end
    for event, end in script.events.items():
        yield Way(Cause.EVENT, event), end


def _node(script: Script, state: State) -> Node:
    asked = (state.question.prompt,) if state.question else ()
    ending = state.ending
    ends = [rule.then for rules in state.on.values() for rule in rules]
    if state.question:
        ends += [rung.then for rung in (*state.question.no_input, *state.question.no_match)]
    return Node(
        id=state.id,
        kind=_kind(state),
        words=_wordings(script, (*state.say, *asked)),
        outcome=ending.outcome.value if ending else "",
        needs_person=ending.needs_person if ending else "",
        ticket=_ticket(ending.ticket) if ending else "",
        returns=state.aside and BACK in ends,
    )


def _kind(state: State) -> NodeKind:
    ending = state.ending
    if ending is None:
        return NodeKind.BRANCH if state.branch else NodeKind.QUESTION
    if ending.needs_person or ending.ticket:
        return NodeKind.EXCEPTION
    if ending.outcome is DialogOutcome.UNFINISHED:
        return NodeKind.UNFINISHED
    return NodeKind.SETTLED


def _wordings(script: Script, prompts: Iterable[str]) -> tuple[str, ...]:
    return tuple(script.prompts[name].wordings["first"] for name in prompts)
