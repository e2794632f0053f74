"""From which word on an interruption has to stop our voice."""

from __future__ import annotations

import pytest

from bench.meaning_onset import clip_meant_after_seconds

pytestmark = pytest.mark.vosk


def test_what_begins_with_a_word_counts_from_its_first_sound() -> None:
    assert clip_meant_after_seconds("zhao/ni_shi_shei") == 0.0


def test_signs_of_life_at_the_beginning_do_not_count() -> None:
    haode, hang = (
        clip_meant_after_seconds(clip) for clip in ("zhao/haode_keyi", "wu/xing_wo_zhidao_le")
    )
    assert 0.3 < haode < 1.0 < hang < 2.0


def test_where_nothing_else_is_said_assent_counts() -> None:
    assert clip_meant_after_seconds("zhao/dui") == 0.0
