from __future__ import annotations

from ivr.dialog import begin, step
from ivr.exchange import CallFacts, NoInput
from ivr.explanation import explain
from ivr.flow import Flow
from ivr.meaning import Intent
from ivr.rehearsing import Moment, TextCall, Typed


def typed(flow: Flow, facts: CallFacts, *lines: str) -> Moment:
    call = TextCall(flow, facts)
    for line in lines:
        call.take(Typed.of(line))
    return call.now


def rules_of(flow: Flow) -> set[str]:
    """Every place in the flow where a rule or a rung stands."""
    everywhere = flow.script.everywhere
    places = {str(rule.place) for rules in everywhere.on.values() for rule in rules}
    for state in flow.script.states.values():
        on = [rule for rules in state.on.values() for rule in rules]
        places |= {str(rule.place) for rule in (*on, *state.branch)}
        if state.question:
            rungs = (*state.question.no_input, *state.question.no_match)
            places |= {str(rung.place) for rung in rungs}
    return places


def test_a_step_is_explained_by_the_rules_it_followed(flow: Flow, facts: CallFacts) -> None:
    why = typed(flow, facts, "不在家,明天下午三点以后吧").explanation
    assert why is not None
    assert why.came_from == "opening"
    assert why.leads_to == "confirm_window"
    assert why.hoped
    assert why.slots["window"].endswith("15:00-")
    assert {str(each.place) for each in why.followed} <= rules_of(flow)
    assert why.followed[0].guards == ("heard.window",)


def test_rules_whose_conditions_failed_are_told(flow: Flow, facts: CallFacts) -> None:
    why = typed(flow, facts, "明天下午三点以后吧", "对").explanation
    assert why is not None
    assert "heard.window" in [each.failed for each in why.passed]
    assert why.followed[-1].leads_to == why.leads_to == "rescheduled"


def test_a_side_question_is_named_and_leads_nowhere(flow: Flow, facts: CallFacts) -> None:
    why = typed(flow, facts, "谁寄的?").explanation
    assert why is not None
    assert why.asides == (Intent.FROM_WHOM,)
    assert why.followed == ()
    assert why.leads_to == why.came_from


def test_silence_and_misunderstanding_climb_their_ladders(flow: Flow, facts: CallFacts) -> None:
    silent = typed(flow, facts, "", "").explanation
    assert silent is not None
    assert silent.ladder == (2, 0)
    assert [each.is_rung for each in silent.followed] == [True]
    babble = typed(flow, facts, "阿巴阿巴").explanation
    assert babble is not None
    assert babble.ladder == (0, 1)
    assert babble.intents == (Intent.NOTHING,)


def test_a_key_is_explained_by_what_it_means(flow: Flow, facts: CallFacts) -> None:
    why = typed(flow, facts, "#1").explanation
    assert why is not None
    assert why.meaning is not None
    assert why.meaning.intent is Intent.YES
    unknown = typed(flow, facts, "#8").explanation
    assert unknown is not None
    assert unknown.meaning is None


def test_an_explained_step_is_the_very_step(flow: Flow, facts: CallFacts) -> None:
    dialog, _ = begin(flow, facts)
    explained = explain(flow, dialog, NoInput())
    assert explained[:2] == step(flow, dialog, NoInput())


def test_what_a_step_followed_is_forgotten_by_the_next(flow: Flow, facts: CallFacts) -> None:
    after_rules = typed(flow, facts, "明天下午三点以后吧")
    assert after_rules.dialog.followed
    after_aside = typed(flow, facts, "明天下午三点以后吧", "谁寄的?")
    assert after_aside.dialog.followed == ()
