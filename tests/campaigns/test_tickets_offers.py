"""What a call may offer: never more than the matrix allows, never more than dispatch says."""

from __future__ import annotations

import pytest

from campaigns.tickets_offers import facts_within, fen_in
from campaigns.tickets_reader import shipped_matrix

MATRIX = shipped_matrix()


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        ({"value": "299"}, {"value": "299"}),
        (
            {"problem": "late"},
            {
                "problem": "late",
                "may_redeliver": "true",
                "may_replace": "false",
                "may_refund": "false",
                "compensation": "20.00",
            },
        ),
        # What is missing is sent, which the conversation takes for a delivery, too.
        (
            {"problem": "short"},
            {
                "problem": "short",
                "may_redeliver": "true",
                "may_replace": "false",
                "may_refund": "false",
            },
        ),
        # Dispatch promises too much: the matrix holds.
        (
            {"problem": "late", "compensation": "500", "may_refund": "true"},
            {
                "problem": "late",
                "may_redeliver": "true",
                "may_replace": "false",
                "may_refund": "false",
                "compensation": "20.00",
            },
        ),
        # Dispatch promises less: so does the call.
        (
            {"problem": "damaged", "value": "80", "compensation": "8", "may_replace": "false"},
            {
                "problem": "damaged",
                "value": "80",
                "may_redeliver": "false",
                "may_replace": "false",
                "may_refund": "true",
                "compensation": "8.00",
            },
        ),
        (
            {"problem": "early", "compensation": "5"},
            {
                "problem": "early",
                "may_redeliver": "true",
                "may_replace": "false",
                "may_refund": "false",
            },
        ),
        (
            {"problem": "late", "compensation": "0"},
            {
                "problem": "late",
                "may_redeliver": "true",
                "may_replace": "false",
                "may_refund": "false",
            },
        ),
    ],
)
def test_a_call_offers_what_both_allow(facts: dict[str, str], held: dict[str, str]) -> None:
    assert dict(facts_within(MATRIX, facts)) == held


def test_cash_on_delivery_stands_for_a_value_that_nobody_declared() -> None:
    held = facts_within(MATRIX, {"problem": "damaged"}, cod_fen=12800)
    assert (held["may_refund"], held["compensation"]) == ("true", "128.00")


@pytest.mark.parametrize(
    ("text", "fen"), [("12.5", 1250), (" ¥299 ", 29900), ("", 0), ("much", 0), ("0.1", 10)]
)
def test_money_is_read_from_a_fact(text: str, fen: int) -> None:
    assert fen_in(text) == fen
