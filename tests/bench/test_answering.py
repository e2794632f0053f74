"""Some of the clips, so that no change loses people or machines; the bench plays them all."""

from __future__ import annotations

import asyncio

import pytest

from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from audio_fixtures.answering import answering_clips
from bench.answering import Figures, Heard, figures_of, hear_all, table_of

SOME = (
    "vm_plain", "vm_two_parts", "as_owner", "an_vacant", "fax_answers",
    "p_wei", "p_nihao", "p_driving", "p_company", "p_message", "p_two",
    "off_mobile", "hold_mobile", "vacant_mobile", "music", "busy_eu", "ring", "congested",
)  # fmt: skip


@pytest.fixture(scope="module")
def heard() -> list[Heard]:
    clips = answering_clips()
    model = SpeechModel(bundled_model())
    return asyncio.run(hear_all(model, [clips[each] for each in SOME]))


@pytest.fixture(scope="module")
def figures(heard: list[Heard]) -> Figures:
    return figures_of(heard)


@pytest.mark.vosk
def test_no_person_is_taken_for_a_machine(figures: Figures) -> None:
    assert (figures.people, figures.people_lost) == (6, 0)


@pytest.mark.vosk
def test_machines_are_found(figures: Figures) -> None:
    assert (figures.machines, figures.machines_found) == (5, 5)


@pytest.mark.vosk
def test_what_is_heard_before_the_answer_is_told_apart(figures: Figures) -> None:
    assert figures.early == 7
    assert figures.early_right >= 6


@pytest.mark.vosk
def test_the_table_says_what_was_taken_for_what(heard: list[Heard]) -> None:
    assert "people ever taken for a machine | ≤ 1 % | 0 of 6" in table_of(heard)
