"""Whatever people say, in whatever order: a conversation always goes on properly, and ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from asr.hearing import Utterance
from ivr.dialog import begin, result, step
from ivr.dialog_state import Dialog, DialogError
from ivr.exchange import (
    Action,
    AnsweredBy,
    DialogEvent,
    DialogOutcome,
    HangUp,
    Keep,
    Listen,
    Machine,
    NoInput,
    Pressed,
    Resume,
    Said,
    Say,
    TimeIsUp,
)
from ivr.meaning import Address, HandOver, Intent, Meaning, SlotValue, Window

WALKS = 400


def _slots(now: datetime) -> list[dict[str, SlotValue]]:
    tomorrow = (now + timedelta(days=1)).replace(hour=9)
    return [
        {},
        {"window": Window(tomorrow.replace(hour=18), tomorrow.replace(hour=20))},
        {"window": Window(tomorrow, tomorrow.replace(hour=21))},
        {"window": Window(tomorrow + timedelta(days=4), tomorrow + timedelta(days=6))},
        {"window": Window(now - timedelta(hours=3), now - timedelta(hours=2))},
        {"window": Window(tomorrow.replace(hour=15), None, certain=False)},
        {"window": Window(tomorrow + timedelta(days=30))},
        {"address": Address("和平路20号301室", complete=True)},
        {"address": Address("和平路", complete=False)},
        {"hand_over": HandOver.LOCKER},
        {"hand_over": HandOver.DOOR},
        {"number": 3},
    ]


def _events(now: datetime) -> list[DialogEvent]:
    heard = Utterance("话", 0.9, 1.0, 2.0)
    events: list[DialogEvent] = [Pressed(digit) for digit in "0123456789*#A"]
    events += [NoInput(), TimeIsUp(), *(AnsweredBy(machine) for machine in Machine)]
    for intent in Intent:
        for slots in _slots(now):
            events.append(Said(Meaning(intent, 0.9, slots, text="话"), heard, interrupted=False))
        events.append(Said(Meaning(intent, 0.9), heard, interrupted=True))
        events.append(Said(Meaning(intent, 0.2), heard, interrupted=False))
    for intent in (Intent.RESCHEDULE, Intent.CHANGE_ADDRESS, Intent.HAND_OVER, Intent.TELL):
        events += _of_two_readings(intent, heard, _slots(now))
    return events


def _of_two_readings(
    intent: Intent, heard: Utterance, slots: list[dict[str, SlotValue]]
) -> Iterator[DialogEvent]:
    for one, other in pairwise([*slots, {"hand_over": HandOver.STATION}, slots[-3]]):
        if one.keys() == other.keys():
            rival = Meaning(intent, 0.4, other)
            yield Said(Meaning(intent, 0.5, one), heard, interrupted=False, rival=rival)


def _assert_is_proper(actions: tuple[Action, ...]) -> None:
    *before, last = actions
    assert isinstance(last, Listen | Resume | HangUp)
    assert all(isinstance(each, Say | Keep) for each in before)
    for each in before:
        if isinstance(each, Say):
            assert each.text
            assert not any(char.isdigit() or char in "{}" for char in each.text)
    if isinstance(last, Listen):
        assert last.no_input_seconds > 0
        assert any(isinstance(each, Say) for each in before)


def _reachable(flow, facts) -> Iterator[Dialog]:
    first, _ = begin(flow, facts)
    seen, waiting = {(first.state, first.under)}, [first]
    events = _events(facts.now)
    while waiting:
        dialog = waiting.pop()
        yield dialog
        for event in events:
            try:
                after, actions = step(flow, dialog, event)
            except DialogError:
                assert flow.script.states[dialog.state].ending is not None
                assert not isinstance(event, Said | Pressed)
                continue
            _assert_is_proper(actions)
            place = (after.state, after.under)
            if place not in seen:
                seen.add(place)
                waiting.append(after)


@pytest.mark.slow
def test_every_event_is_answered_at_every_question(flow, facts):
    heavy = {"bulky": True, "two_people": True, "floor": 6}
    weighty = replace(facts, cod_amount_fen=26800, more=heavy)
    states = {dialog.state for known in (facts, weighty) for dialog in _reachable(flow, known)}
    assert states >= {state.id for state in flow.script.states.values() if state.question}


@pytest.mark.parametrize("seed", range(8))
def test_every_conversation_ends_within_its_turns(flow, facts, seed):
    chance = random.Random(seed)
    events = [each for each in _events(facts.now) if not isinstance(each, TimeIsUp | AnsweredBy)]
    for _ in range(WALKS // 8):
        dialog, actions = begin(flow, facts)
        turns = 0
        while not isinstance(actions[-1], HangUp):
            dialog, actions = step(flow, dialog, chance.choice(events))
            _assert_is_proper(actions)
            turns += 1
            assert turns <= flow.limits.turn_limit + 1
        settled = result(flow, dialog)
        if settled.hand_over not in (None, HandOver.DOOR):
            assert settled.consent is not None
            assert settled.consent.choice is settled.hand_over
        if settled.outcome is DialogOutcome.RESCHEDULED:
            assert settled.new_window is not None
            assert settled.new_window.start > facts.now


@pytest.mark.parametrize(
    "event",
    [
        NoInput(),
        Pressed("8"),
        Said(Meaning(Intent.WHO, 0.9), Utterance("谁", 0.9, 0, 1), interrupted=False),
        Said(Meaning(Intent.GREETING, 0.9), Utterance("喂", 0.9, 0, 1), interrupted=True),
        Said(Meaning(Intent.WAIT, 0.9), Utterance("等", 0.9, 0, 1), interrupted=False),
    ],
)
def test_the_same_thing_said_for_ever_ends_the_call(flow, facts, event):
    dialog, actions = begin(flow, facts)
    for _ in range(flow.limits.turn_limit + 1):
        if isinstance(actions[-1], HangUp):
            break
        dialog, actions = step(flow, dialog, event)
    assert isinstance(actions[-1], HangUp)


def test_a_dialog_takes_no_silence_and_no_machine_after_its_end(flow, facts):
    dialog, _ = begin(flow, facts)
    ended, _ = step(flow, dialog, TimeIsUp())
    for event in (NoInput(), TimeIsUp(), AnsweredBy(Machine.VOICEMAIL)):
        with pytest.raises(DialogError, match="ended"):
            step(flow, ended, event)
    assert step(flow, ended, Pressed("1")) == (ended, (HangUp(),))
