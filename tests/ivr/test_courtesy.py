"""What every conversation owes whoever answers: children, other languages, bad ears, questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from asr.hearing import Utterance
from ivr.dialog import begin, result, step
from ivr.dialog_state import Dialog
from ivr.exchange import Action, CallFacts, DialogOutcome, DialogResult, HangUp, Listen, Say
from ivr.facts import samples_of
from ivr.flow import Flow, flows, load_flow
from ivr.interpreter import Asked, Interpreter
from tts.speech import Manner

EVERY_FLOW = sorted(flows())
CHINESE = [flow for flow in EVERY_FLOW if flow[1] == "zh-CN"]
ENGLISH = [flow for flow in EVERY_FLOW if flow[1] == "en-US"]


flow_of = cache(load_flow)


class Spoken:
    """A conversation held in words, understood as a call understands them."""

    def __init__(self, flow: Flow, facts: CallFacts) -> None:
        self._flow = flow
        self._interpreter = Interpreter(flow, facts, 0.0)
        self._seconds = 0.0
        self.dialog: Dialog
        self.actions: tuple[Action, ...]
        self.dialog, self.actions = begin(flow, facts)

    def hears(self, words: str, confidence: float = 0.95) -> Spoken:
        """Let the callee say something."""
        self._seconds += 8.0
        last = self.actions[-1]
        asked = Asked.by(last if isinstance(last, Listen) else None)
        utterance = Utterance(words, confidence, self._seconds - 2.0, self._seconds)
        event = self._interpreter.said(utterance, asked)
        self.dialog, self.actions = step(self._flow, self.dialog, event)
        return self

    @property
    def says(self) -> str:
        return "".join(each.text for each in self.actions if isinstance(each, Say))

    @property
    def manner(self) -> Manner:
        return next(each.manner for each in self.actions if isinstance(each, Say))

    @property
    def is_over(self) -> bool:
        return isinstance(self.actions[-1], HangUp)

    @property
    def result(self) -> DialogResult:
        return result(self._flow, self.dialog)


@pytest.fixture
def speak(facts: CallFacts) -> Callable[..., Spoken]:
    """Start a shipped conversation with the facts that flows may need."""

    def start(flow_id: str, language: str) -> Spoken:
        flow = flow_of(flow_id, language)
        samples = samples_of(language, facts.now)
        known = {name: samples[name] for name in flow.script.needs_facts}
        return Spoken(flow, replace(facts, more=known))

    return start


def test_a_child_is_asked_for_an_adult(speak):
    talk = speak("pre-delivery", "zh-CN").hears("我是小朋友")
    assert "家里大人" in talk.says


def test_without_an_adult_we_ring_again_and_nothing_is_arranged(speak):
    talk = speak("pre-delivery", "zh-CN").hears("妈妈不在家").hears("都不在,明天下午送吧")
    assert talk.is_over
    assert talk.result.outcome is DialogOutcome.UNFINISHED
    assert talk.result.new_window is None
    assert talk.result.call_again_at is not None
    assert talk.result.notes["spoke_with"] == "child"


def test_an_adult_who_comes_to_the_phone_is_greeted_anew(speak):
    talk = speak("pre-delivery", "zh-CN").hears("我是小朋友").hears("好的,你等一下")
    assert "我等着" in talk.says
    assert "自动语音助手" in talk.hears("喂你好").says
    assert talk.hears("可以").result.outcome is DialogOutcome.CONFIRMED


def test_a_child_that_can_fetch_nobody_lets_the_call_end(speak):
    talk = speak("pre-delivery", "zh-CN").hears("我是小朋友").hears("嗯").hears("妈妈在睡觉")
    assert talk.result.notes["spoke_with"] == "child"


def test_who_speaks_another_language_may_go_on_or_is_called_by_a_colleague(speak):
    asked = speak("pre-delivery", "zh-CN").hears("可以讲广东话吗")
    assert "我只会说普通话" in asked.says
    assert asked.hears("听得懂").hears("可以").result.outcome is DialogOutcome.CONFIRMED
    lost = speak("pre-delivery", "zh-CN").hears("我听不懂普通话").hears("听不懂")
    assert lost.is_over
    assert lost.result.outcome is DialogOutcome.CALLBACK_PROMISED
    assert lost.result.needs_person


def test_who_does_not_answer_that_in_our_language_is_called_by_a_colleague(speak):
    talk = speak("pre-delivery", "en-US").hears("no english").hears("wo ting bu dong")
    assert talk.result.notes["language"] == "other"


@pytest.mark.parametrize(
    ("words", "manner"),
    [
        ("你大声点", Manner(loud=True)),
        ("我耳朵不好", Manner(loud=True)),
        ("说慢一点", Manner(slow=True)),
        ("大声点说慢一点", Manner(slow=True, loud=True)),
    ],
)
def test_who_hears_us_badly_hears_us_better_for_the_rest_of_the_call(speak, words, manner):
    talk = speak("pre-delivery", "zh-CN").hears(words)
    assert talk.manner == manner
    assert "吗?" in talk.says
    assert talk.hears("明天晚上八点").manner == manner


def test_louder_puts_the_announcement_again(speak):
    assert "幺二三四" in speak("pre-delivery", "zh-CN").hears("声音太小了").says


def test_a_question_without_an_answer_is_promised_one_and_the_open_question_goes_on(speak):
    talk = speak("pre-delivery", "zh-CN").hears("你们公司的客服热线是多少")
    assert talk.says.startswith("这个我不太清楚,我请同事今天")
    assert talk.says.endswith("吗?")
    assert [each.kind for each in talk.result.tickets] == ["question"]
    assert talk.result.tickets[0].words == "你们公司的客服热线是多少"
    assert talk.hears("可以").result.outcome is DialogOutcome.CONFIRMED
    assert [each.kind for each in talk.result.tickets] == ["question"]


def test_words_that_were_badly_heard_are_asked_for_again_and_promise_nothing(speak):
    talk = speak("pre-delivery", "zh-CN").hears("那什么的热线多少", 0.3)
    assert "没听清" in talk.says
    assert not talk.result.tickets


def test_wishes_are_counted_wherever_they_are_let_fall(speak):
    talk = speak("pre-delivery", "zh-CN").hears("可以,来之前打个电话,以后别老换人送")
    assert talk.result.outcome is DialogOutcome.CONFIRMED
    assert talk.result.wishes == ("ring_first", "fixed_courier")


@pytest.mark.parametrize("words", ["能不能改到后天下午", "可以放门口吗", "明天行不行", "可以吗"])
def test_a_request_we_can_meet_is_no_question_without_an_answer(speak, words):
    talk = speak("pre-delivery", "zh-CN").hears(words)
    assert "不太清楚" not in talk.says
    assert not talk.result.tickets


@pytest.mark.parametrize(("flow_id", "language"), CHINESE)
def test_every_conversation_in_mandarin_lets_children_and_strangers_to_it_go(
    speak, flow_id, language
):
    assert "家里大人" in speak(flow_id, language).hears("大人不在家").says
    assert "普通话" in speak(flow_id, language).hears("我不会说普通话").says
    assert speak(flow_id, language).hears("大声一点").manner.loud
    assert speak(flow_id, language).hears("别再打电话给我了").result.outcome is (
        DialogOutcome.OPTED_OUT
    )


@pytest.mark.parametrize(("flow_id", "language"), ENGLISH)
def test_every_conversation_in_english_does_too(speak, flow_id, language):
    assert "grown-up" in speak(flow_id, language).hears("my mummy isn't here").says
    assert "only speak English" in speak(flow_id, language).hears("no english").says
    assert speak(flow_id, language).hears("speak up please").manner.loud
