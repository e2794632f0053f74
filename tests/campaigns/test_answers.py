"""What the answers of a campaign come to."""

from __future__ import annotations

import pytest

from campaigns.answers import answer_figures

CHOICES = {"recommend_group": ("likely", "maybe", "unlikely"), "trouble": ("damaged", "short")}


def test_scores_have_a_mean_and_choices_have_shares() -> None:
    figures = answer_figures(
        [
            {"satisfaction": "5", "trouble": "damaged"},
            {"satisfaction": "2", "trouble": "damaged", "reason": "送得太慢"},
            {"satisfaction": "4", "trouble": "short"},
        ],
        CHOICES,
    )
    [score] = figures.scores
    assert (score.count, score.mean) == (3, pytest.approx(11 / 3))
    assert score.counts == {2: 1, 4: 1, 5: 1}
    assert [(each.slot, each.count, each.counts) for each in figures.shares] == [
        ("trouble", 3, {"damaged": 2, "short": 1}),
        ("reason", 1, {}),
    ]


@pytest.mark.parametrize(
    ("given", "score"),
    [
        ([], None),
        (["10", "9"], 100),
        (["0", "6"], -100),
        (["7", "8"], 0),
        (["10", "10", "8", "3"], 25),
        (["likely", "unlikely", "9"], 33),
        (["maybe"], 0),
    ],
)
def test_the_promoter_score_is_promoters_less_detractors(
    given: list[str], score: int | None
) -> None:
    answers = [
        {"recommend": each} if each.isdigit() else {"recommend_group": each} for each in given
    ]
    figures = answer_figures(answers, CHOICES)
    assert (figures.promoter_score, figures.recommended) == (score, len(given))
