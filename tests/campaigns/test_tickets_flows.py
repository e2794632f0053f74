"""The conversations that ship and the desk speak of the same things, under the same names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import resources

import pytest
import yaml

from campaigns.tickets_calls import SOLUTION
from campaigns.tickets_matrix import OTHER
from campaigns.tickets_offers import facts_within
from campaigns.tickets_reader import shipped_matrix
from campaigns.tickets_rules import shipped_ticket_rules
from ivr.facts import facts_known
from ivr.flow import flows, load_flow
from ivr.flow_model import Flow, Rule, TicketOrder

MATRIX = shipped_matrix()
TAXONOMY = MATRIX.taxonomy
SHIPPED = flows()


def parts(value: object) -> Iterator[object]:
    """Walk through everything a flow is made of."""
    yield value
    if is_dataclass(value):
        for each in fields(value):
            yield from parts(getattr(value, each.name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from parts(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from parts(each)


def meant_by(flow: Flow, word: str) -> tuple[str, ...]:
    """Return what a word may stand for: itself, or what `{SLOT}` or `{FACT}` may hold."""
    if not word.startswith("{"):
        return (word,)
    name = word.strip("{}")
    slot = flow.script.slots.get(name)
    return facts_known()[name].one_of if slot is None else tuple(slot.choices)


@pytest.mark.parametrize(("flow_id", "language"), SHIPPED)
def test_every_ticket_that_a_conversation_opens_has_a_place_in_the_taxonomy(
    flow_id: str, language: str
) -> None:
    flow = load_flow(flow_id, language)
    orders = [each for each in parts(flow.script) if isinstance(each, TicketOrder)]
    kinds = {kind for order in orders for kind in meant_by(flow, order.kind)} - {OTHER}
    assert {kind for kind in kinds if TAXONOMY.sort(kind) == (OTHER, "")} == set()


@pytest.mark.parametrize(("flow_id", "language"), SHIPPED)
def test_every_wish_that_a_conversation_counts_has_a_label(flow_id: str, language: str) -> None:
    flow = load_flow(flow_id, language)
    rules = [each for each in parts(flow.script) if isinstance(each, Rule)]
    # A choice that some rule looks for by name goes a way of its own: 没有了 is no wish.
    elsewhere = {guard.removeprefix("not ") for rule in rules for guard in rule.guards}
    counted = {
        tag
        for rule in rules
        for word in rule.wishes
        for tag in meant_by(flow, word)
        if f"{word.strip('{}')}.is.{tag}" not in elsewhere
    }
    assert counted <= TAXONOMY.wishes.keys()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_every_wish_that_is_understood_has_a_label(language: str) -> None:
    text = (resources.files("ivr.nlu") / f"wishes.{language}.yaml").read_text("utf-8")
    tags = {tag for both in yaml.safe_load(text)["wishes"] for tag in both.split("+")}
    assert {"evening", "weekend"} <= tags <= TAXONOMY.wishes.keys()


@pytest.mark.parametrize(("flow_id", "language"), SHIPPED)
def test_every_solution_that_can_be_chosen_is_a_proposal(flow_id: str, language: str) -> None:
    slot = load_flow(flow_id, language).script.slots.get(SOLUTION)
    assert slot is None or set(slot.choices) <= TAXONOMY.proposals.keys()


@pytest.mark.parametrize("problem", facts_known()["problem"].one_of)
def test_a_conversation_about_a_problem_is_given_something_to_offer(problem: str) -> None:
    held = facts_within(MATRIX, {"problem": problem, "value": "50"})
    kind, cause = TAXONOMY.sort(problem)
    without_a_fact = {"wait", "fetch_surplus"} & set(MATRIX.row(kind, cause).proposals)
    assert without_a_fact or "true" in held.values() or "compensation" in held


def test_calls_about_tickets_find_their_conversations_and_these_their_facts() -> None:
    rules = shipped_ticket_rules()
    told = load_flow(rules.follow_up.flow, "zh-CN").script.needs_facts
    assert set(told) <= {"ticket", "ticket_result", "resolve_by"}
    explained = load_flow(rules.explanation.flow, "zh-CN").script.needs_facts
    assert set(explained) <= {"ticket", "problem", "resolve_by"}
