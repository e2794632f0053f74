"""What is wrong with what a flow declares for itself, and with what it asks, is explained too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.flow import FlowError, load_flow_file

HANDBOOK = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
OURS = re.findall(r"```yaml\n(flow: .*?)```", HANDBOOK, re.DOTALL)[0]
"""The handbook's example, to which slots, facts and knowledge are added."""
TODAY = "      tell: {if: when.is.today, take: when, confirms: when, then: see_you}\n"
for old, new in (
    (
        "starts: opening\n",
        """starts: opening
may_use_facts: [days_waiting]
slots:
  when: {kind: choice, confirm: true, choices: {today: {said: 今天, phrases: [今天]}}}
  stars: {kind: score, from: 1, to: 5}
knowledge:
  hours: {phrases: [几点关门], say: slower, source: 服务手册}
""",
    ),
    ("      expects: [yes, no]\n", "      expects: [yes, no]\n      fills: when\n"),
    ('        "2": no\n', '        "2": no\n        "3": {intent: tell, stars: 5}\n'),
    ("      no: person\n", f"      no: person\n{TODAY}"),
):
    OURS = OURS.replace(old, new)

ASKED, CONFIRMED = "您今天来取吗?\n", "end: {outcome: confirmed}"
CHOICES = "{today: {said: 今天, phrases: [今天]}}"
KEYPAD = "    keypad: 来取请按一,不来请按二。\n"

FAULTS = {
    "slot that every call has": ("  stars: {", "  window: {", "has something of that name"),
    "nothing to choose": (
        "choices: {today: {said: 今天, phrases: [今天]}}",
        "",
        "nothing to choose",
    ),
    "nobody can choose it": ("phrases: [今天]", "phrases: []", "Nobody can choose 'today'"),
    "unreadable phrase": ("phrases: [今天]", 'phrases: ["(今天"]', "never closed"),
    "stray sign in a phrase": ("phrases: [今天]", 'phrases: ["来=(今|明)天"]', "'=' stands before"),
    "no range": ("from: 1, to: 5", "from: 5, to: 5", "has no range"),
    "key off the scale": ("stars: 5}", "stars: 6}", "isn't on the scale of 'stars'"),
    "no source": (", source: 服务手册", "", "names no source"),
    "no such fact": ("[days_waiting]", "[days_waitng]", "There is no fact 'days_waitng'"),
    "fact that isn't listed": (ASKED, "在{station|plain},您来取吗?\n", "List it under"),
    "fact that may be missing": (ASKED, "放了{days_waiting|count}天,您来吗?\n", "needs: [days_"),
    "condition on a fact that isn't listed": (
        "      yes: see_you\n",
        "      yes: {if: known.station, then: see_you}\n",
        "a fact that the flow doesn't use",
    ),
    "value that never is": ("when.is.today", "when.is.noon", "'when' is never 'noon'"),
    "undeclared slot": ("fills: when", "fills: wen", "Did you mean 'when'?"),
    "slot that nothing fills": ("fills: when", "fills: stars", "Nothing ever fills the slot"),
    "report of no slot": (CONFIRMED, "end: {outcome: confirmed, reports: [wen]}", "is no slot"),
    "report that may be unconfirmed": (
        CONFIRMED,
        "end: {outcome: confirmed, reports: [when]}",
        "reports 'when', which may be unconfirmed there. Read it back",
    ),
    "unknown ticket": (CONFIRMED, "end: {outcome: confirmed, ticket: brocken}", "no ticket of the"),
    "ticket from nowhere": (
        CONFIRMED,
        'end: {outcome: confirmed, ticket: "{x}"}',
        "which is no slot or fact here",
    ),
    "ticket from a choice that is no type": (
        CONFIRMED,
        'end: {outcome: confirmed, ticket: "{when}"}',
        "names types of tickets that nobody knows: today",
    ),
    "round for ever": (
        f"      yes: see_you\n      no: person\n{TODAY}",
        "      yes: opening\n      no: opening\n",
        "go round for ever",
    ),
    "no question": ("first: 您今天来取吗?", "first: 快递在驿站。", "doesn't sound like a question"),
    "two questions": (ASKED, "您在家吗?今天来取吗?\n", "asks 2 things at once"),
    "question that can't be interrupted": (
        KEYPAD,
        f"{KEYPAD}    barge_in: never\n",
        "can't be interrupted by its answer",
    ),
    "text that no voice can say": (ASKED, "您今天来取Wunderbar吗?\n", "can't be said"),
    "unknown outcome": ("outcome: confirmed}", "outcome: fine}", "'fine' is no DialogOutcome"),
}


def loaded(folder: Path, text: str):
    file = folder / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    return load_flow_file(file)


def test_the_example_is_sound(tmp_path):
    assert set(loaded(tmp_path, OURS).script.slots) == {"when", "stars"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_explained_with_its_place(tmp_path, fault):
    old, new, explanation = FAULTS[fault]
    assert old in OURS
    with pytest.raises(FlowError) as caught:
        loaded(tmp_path, OURS.replace(old, new))
    assert explanation in str(caught.value)
    assert re.match(r"\S+\.yaml:\d+: ", str(caught.value))
