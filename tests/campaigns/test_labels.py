"""What operators read for what people answered."""

from __future__ import annotations

import pytest

from campaigns.labels import Shelf, answer_label, labels
from ivr.flow import flows, load_flow


@pytest.mark.parametrize(("flow", "language"), flows())
def test_every_slot_of_a_flow_has_a_name_for_operators(flow: str, language: str) -> None:
    slots = load_flow(flow, language).script.slots
    assert slots.keys() <= labels(Shelf.SLOT, "zh").keys()


def test_choices_are_read_as_they_are_said_and_everything_else_as_it_is() -> None:
    said = load_flow("exception", "zh-CN").script.slots["solution"].choices["send_missing"].said
    assert answer_label("solution", "send_missing", "zh") == said
    assert answer_label("solution", "send_missing", "en") == "send missing"
    assert answer_label("satisfaction", "5", "zh") == "5"
    assert answer_label("reason", "送得太慢了", "zh") == "送得太慢了"
