"""What holds for every flow, whatever people say, press or leave unsaid, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asr.hearing import Utterance
from ivr.dialog import begin, result, step
from ivr.dialog_state import Dialog
from ivr.exchange import (
    Action,
    BargeIn,
    CallFacts,
    DialogEvent,
    DialogOutcome,
    HangUp,
    Listen,
    NoInput,
    Pressed,
    Said,
    Say,
)
from ivr.facts import facts_known, samples_of
from ivr.flow import flows, load_flow
from ivr.flow_model import Flow, SlotKind
from ivr.meaning import Address, HandOver, Intent, Meaning, SlotValue, Window
from ivr.settling import must_be_confirmed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
FACTS = CallFacts(
    now=NOW,
    company="顺达快递",
    recipient="王小明",
    waybill="SF1234567890123",
    window_start=NOW.replace(hour=14, minute=0) + timedelta(days=1),
    window_end=NOW.replace(hour=16, minute=0) + timedelta(days=1),
    address="幸福路18号3号楼2单元501室",
)
HEARD = Utterance("话", 0.9, 1.0, 2.0)
WINDOWS = [
    Window(NOW + timedelta(days=days, hours=hours), NOW + timedelta(days=days, hours=hours + 2))
    for days, hours in ((0, -3), (0, 3), (1, 5), (2, 9), (30, 0))
]
EVERY_FLOW = pytest.mark.parametrize(("flow_id", "language"), flows())
OFTEN = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@cache
def flow_of(flow_id: str, language: str) -> Flow:
    return load_flow(flow_id, language)


@cache
def known_facts(flow_id: str, language: str) -> st.SearchStrategy[CallFacts]:
    """Deliveries with all facts that the flow needs and any of those it may use."""
    flow = flow_of(flow_id, language)
    samples = samples_of(flow.language, NOW)
    needed = {name: st.just(samples[name]) for name in flow.script.needs_facts}
    for name in flow.script.needs_facts:
        if facts_known()[name].one_of:
            needed[name] = st.sampled_from(facts_known()[name].one_of)
    optional = {name: st.just(samples[name]) for name in flow.script.may_use_facts}
    more = st.fixed_dictionaries(needed, optional=optional)
    money = st.sampled_from([0, 1250])
    return st.builds(
        CallFacts,
        **{
            name: st.just(getattr(FACTS, name))
            for name in (
                "now", "company", "recipient", "waybill", "window_start", "window_end", "address",
            )
        },
        cod_amount_fen=money,
        more=more,
    )  # fmt: skip


@cache
def answers(flow_id: str, language: str) -> st.SearchStrategy[DialogEvent]:
    """Anything that can be understood: any intents, any slots, surely or badly heard; or keys."""
    flow = flow_of(flow_id, language)
    slots: dict[str, st.SearchStrategy[SlotValue]] = {
        "window": st.sampled_from(WINDOWS),
        "hand_over": st.sampled_from(HandOver),
        "address": st.sampled_from(
            [Address("和平路20号301室", complete=True), Address("和平路", complete=False)]
        ),
    }
    for name, spec in flow.script.slots.items():
        if spec.kind is SlotKind.CHOICE:
            slots[name] = st.sampled_from(sorted(spec.choices))
        elif spec.kind is SlotKind.SCORE:
            slots[name] = st.integers(spec.lowest, spec.highest)
        else:
            slots[name] = st.just("送得太慢了")
    meanings = st.builds(
        Meaning,
        intent=st.sampled_from(Intent),
        confidence=st.sampled_from([0.1, 0.5, 0.95]),
        slots=st.fixed_dictionaries({}, optional=slots),
        also=st.lists(st.sampled_from(Intent), max_size=2).map(tuple),
        text=st.just("话"),
    )
    said = st.builds(
        Said, meanings, utterance=st.just(HEARD), interrupted=st.booleans(), rival=st.none()
    )
    pressed = st.sampled_from("0123456789*#").map(Pressed)
    return st.one_of(said, said, said, pressed, st.just(NoInput()))


def conversation(flow: Flow, facts: CallFacts, events: Iterator[DialogEvent]) -> Dialog:
    """Return the dialog when the events, or it, have come to an end; no more are drawn."""
    dialog, actions = begin(flow, facts)
    assert_speaks(actions)
    while not isinstance(actions[-1], HangUp):
        event = next(events, None)
        if event is None:
            break
        dialog, actions = step(flow, dialog, event)
        assert_speaks(actions)
    return dialog


def assert_speaks(actions: tuple[Action, ...]) -> None:
    says = [each for each in actions if isinstance(each, Say)]
    assert all(each.text and "{" not in each.text for each in says)
    if isinstance(actions[-1], HangUp) and says:
        assert says[-1].barge_in is BargeIn.NEVER, "a goodbye may not be cut"
    if isinstance(actions[-1], Listen):
        assert says, "nobody is left in silence"


@EVERY_FLOW
@OFTEN
@given(data=st.data())
def test_any_conversation_ends_within_its_turns(
    flow_id: str, language: str, data: st.DataObject
) -> None:
    flow = flow_of(flow_id, language)
    facts = data.draw(known_facts(flow_id, language))
    events = (data.draw(answers(flow_id, language)) for _ in range(flow.limits.turn_limit + 1))
    last = conversation(flow, facts, events)
    assert flow.script.states[last.state].ending is not None


@EVERY_FLOW
@OFTEN
@given(data=st.data())
def test_who_wants_no_calls_any_more_is_believed_at_every_moment(
    flow_id: str, language: str, data: st.DataObject
) -> None:
    flow = flow_of(flow_id, language)
    facts = data.draw(known_facts(flow_id, language))
    turns = data.draw(st.integers(0, 6))
    events = (data.draw(answers(flow_id, language)) for _ in range(turns))
    dialog = conversation(flow, facts, events)
    wish = Said(Meaning(Intent.OPT_OUT, 0.95, text="别再打了"), HEARD, interrupted=False)
    after, actions = step(flow, dialog, wish)
    assert result(flow, after).outcome is DialogOutcome.OPTED_OUT
    assert isinstance(actions[-1], HangUp)


@EVERY_FLOW
@OFTEN
@given(data=st.data())
def test_nothing_is_written_that_nobody_confirmed(
    flow_id: str, language: str, data: st.DataObject
) -> None:
    flow = flow_of(flow_id, language)
    facts = data.draw(known_facts(flow_id, language))
    turns = data.draw(st.integers(1, 12))
    events = (data.draw(answers(flow_id, language)) for _ in range(turns))
    dialog = conversation(flow, facts, events)
    told = result(flow, dialog)
    confirmed = dialog.gathered.confirmed
    for name in told.collected:
        assert not must_be_confirmed(flow, name) or name in confirmed
    assert told.new_window is None or "window" in confirmed
    assert told.new_address is None or "address" in confirmed
    if told.hand_over not in (None, HandOver.DOOR):
        assert told.consent is not None
        assert told.consent.choice is told.hand_over
