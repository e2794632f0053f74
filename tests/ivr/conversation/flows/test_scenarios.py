"""Every branch of every flow, held as a whole conversation on a loopback leg in virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.flow import flows, load_flow

SCENARIOS = Path(__file__).parent / "scenarios"
LEAST = 250
FIELDS = {
    "name", "facts", "callee", "outcome", "collected", "tickets", "wishes", "person", "says",
    "never_says", "within_seconds",
}  # fmt: skip

Scenario = dict[str, Any]
loaded = cache(load_flow)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return every scenario, with the flow and the facts of its file."""
    return tuple(each for file in sorted(SCENARIOS.glob("*.yaml")) for each in _of(file))


def _of(file: Path) -> Iterator[Scenario]:
    table = yaml.safe_load(file.read_text(encoding="utf-8"))
    for scenario in table["scenarios"]:
        assert not scenario.keys() - FIELDS, f"{file.name}: {scenario['name']}"
        facts = {**table.get("facts", {}), **scenario.get("facts", {})}
        yield {**scenario, "facts": facts, "flow": table["flow"], "language": table["language"]}


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda s: f"{s['flow']}: {s['name']}")
def test_a_conversation_comes_to_what_was_said(scenario: Scenario, ring, facts_from) -> None:
    flow = loaded(scenario["flow"], scenario["language"])
    call = ring(flow, facts_from(scenario["facts"]), scenario["callee"])
    result, words = call.report.result, call.our_words
    assert result is not None, call.report.error
    assert result.outcome == scenario["outcome"], words
    assert sorted(each.kind for each in result.tickets) == sorted(scenario.get("tickets", [])), (
        words
    )
    if "collected" in scenario:
        expected = {name: str(value) for name, value in scenario["collected"].items()}
        assert dict(result.collected) == expected, words
    if "wishes" in scenario:
        assert sorted(result.wishes) == sorted(scenario["wishes"]), words
    if "person" in scenario:
        assert scenario["person"] in result.needs_person, words
        assert bool(scenario["person"]) == bool(result.needs_person), words
    for part in scenario.get("never_says", []):
        assert part not in words
    rest = words
    for part in scenario.get("says", []):
        assert part in rest, words
        rest = rest.split(part, 1)[1]
    assert call.seconds <= scenario.get("within_seconds", flow.time_limit_seconds + 15), words


def test_every_flow_has_scenarios() -> None:
    told = {(each["flow"], each["language"]) for each in scenarios()}
    assert told >= set(flows())


def test_there_are_enough_of_them_and_each_says_what_it_is() -> None:
    names = [(each["flow"], each["language"], each["name"]) for each in scenarios()]
    assert len(names) >= LEAST
    assert len(names) == len(set(names))
