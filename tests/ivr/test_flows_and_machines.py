"""Whatever answers instead of a person: every flow says what is proper to it, and hangs up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.dialog import begin, result, step
from ivr.exchange import AnsweredBy, CallFacts, DialogOutcome, HangUp, Machine, Say
from ivr.facts import samples_of
from ivr.flow import flows, load_flow

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TOMORROW = NOW.replace(hour=14, minute=0) + timedelta(days=1)
FACTS = CallFacts(
    now=NOW,
    company="顺达快递",
    recipient="王小明",
    waybill="SF1234567890123",
    window_start=TOMORROW,
    window_end=TOMORROW + timedelta(hours=2),
    address="幸福路18号3号楼2单元501室",
)
NAMES = {"zh-CN": "顺达快递", "en-US": "Shunda"}


@pytest.mark.parametrize("everything", [True, False], ids=["all known", "only what is needed"])
@pytest.mark.parametrize(("flow_id", "language"), flows())
def test_a_machine_hears_who_calls_or_nothing(flow_id, language, everything):
    flow = load_flow(flow_id, language)
    script, known = flow.script, samples_of(language, NOW)
    names = (*script.needs_facts, *(script.may_use_facts if everything else ()))
    facts = replace(FACTS, company=NAMES[language], more={name: known[name] for name in names})
    for machine in Machine:
        opened, _ = begin(flow, facts)
        ended, actions = step(flow, opened, AnsweredBy(machine))
        words = "".join(action.text for action in actions if isinstance(action, Say))
        assert isinstance(actions[-1], HangUp)
        left = result(flow, ended).outcome
        assert left in {DialogOutcome.MESSAGE_LEFT, DialogOutcome.UNFINISHED}
        assert bool(words) is (left is DialogOutcome.MESSAGE_LEFT)
        assert not words or NAMES[language] in words
        assert not words or machine in {Machine.VOICEMAIL, Machine.ASSISTANT}
